/**
 * Where tasks run: what makes the nodes, and the engine, the files and the images of each, as tasks, shells and chores use them.
 * `compose` asks for them, and need not know which are this machine and which are others.
 */
import { join } from 'node:path';
import { NEVER, type Observable } from 'rxjs';
import type { Log } from '../base/log.ts';
import type { Engine as DockerEngine } from '../docker/engine.ts';
import { imagesOnEngine } from '../docker/images.ts';
import type { TaskHost } from '../docker/task-scope.ts';
import type { NodeId } from '../domain/names.ts';
import type { NodeActivity, Provisioner, RemoteProvisioner, TaskRunner, Workspace } from '../engine/ports.ts';
import { createLocalProvisioner } from '../provisioner/local.ts';
import { createOpenstackProvisioner } from '../provisioner/openstack/provisioner.ts';
import { createSshProvisioner } from '../provisioner/ssh/provisioner.ts';
import type { Node } from '../scheduler/state.ts';
import type { LocalWorkspace } from '../workspace/local.ts';
import { DOCKER_SOCKET, type ServerOptions } from './options.ts';
import { createRemoteNodes } from './remote-nodes.ts';

export type Nodes = {
  readonly provisioner: Provisioner;
  /** What nodes are busy with beside their tasks: on their way, or receiving images. */
  readonly activity$: Observable<NodeActivity>;
  /**
   * Where a node's tasks run. Waits while it can't be reached, until the signal aborts. Of a node that is gone, what is left: the
   * logs of its tasks, and an engine that answers everything with `NodeGoneError`.
   */
  hostOf(nodeId: NodeId, signal: AbortSignal): Promise<TaskHost>;
  /** The files of a node's tasks, which may be there though the node can't be reached; of one that is gone, their logs. */
  workspaceOf(nodeId: NodeId): Promise<Workspace>;
  /**
   * The runner, attended to: a node that is to end waits for what is under way there, and a clean-up knows what is left of one that
   * is gone.
   */
  attended(runner: TaskRunner): TaskRunner;
  /** Removes machines of this server that no live node owns, and what belongs to them; what was removed, a line each. */
  sweepMachines(live: ReadonlySet<NodeId>): Promise<readonly string[]>;
  /** Closes all connections, and leaves the nodes as they are. */
  close(): Promise<void>;
};

/** What nodes are made from. */
export type NodesOptions = {
  /** `serverData` is absolute. */
  readonly options: ServerOptions;
  /** Marks what is this server's, on engines and in clouds that others use too. */
  readonly instance: string;
  /** This machine's engine, to which images are uploaded. */
  readonly engine: DockerEngine;
  /** In {@link workspaceHere}. */
  readonly workspace: LocalWorkspace;
  readonly log: Log;
};

/** The nodes of a server. Asks nobody yet; throws, with one line, where credentials or keys are missing. */
export const createNodes = ({ options, instance, engine, workspace, log }: NodesOptions): Nodes => {
  const provisioner = createRemoteProvisioner({ options, instance, log });
  if (provisioner === null) return nodesHere(engine, workspace);
  return createRemoteNodes({
    provisioner,
    instance,
    engine,
    nodeWorkspace: options.nodeWorkspace,
    logs: workspace,
    transferFolder: join(options.serverData, 'transfers'),
    log,
  });
};

/** Where this machine keeps the files of tasks: all of them, or, of tasks that run elsewhere, their logs. */
export const workspaceHere = ({
  provisioner,
  serverData,
  nodeWorkspace,
}: Pick<ServerOptions, 'provisioner' | 'serverData' | 'nodeWorkspace'>): string =>
  provisioner === 'local' ? nodeWorkspace : join(serverData, 'logs');

/** What makes nodes on other machines; `null` where there are none. Throws as {@link createNodes} does. */
export const createRemoteProvisioner = ({
  options,
  instance,
  log,
}: Pick<NodesOptions, 'options' | 'instance' | 'log'>): RemoteProvisioner | null => {
  switch (options.provisioner) {
    case 'local':
      return null;
    case 'ssh':
      return createSshProvisioner({
        hosts: options.sshHosts,
        dockerSocket: DOCKER_SOCKET,
        data: join(options.serverData, 'ssh'),
        log,
      });
    case 'openstack':
      return createOpenstackProvisioner({
        instance,
        options: {
          dockerSocket: options.openstackDockerHost || DOCKER_SOCKET,
          flavor: options.openstackFlavor,
          image: options.openstackImage,
          networks: options.openstackNetworks,
          securityGroups: options.openstackSecurityGroups,
          sshUsername: options.openstackSshUsername,
          serverGroup: options.openstackServerGroup,
        },
        data: join(options.serverData, 'openstack'),
        env: process.env,
        log,
      });
  }
};

/**
 * Nodes that own a machine. One whose making failed has none, by its own account, and one that could not be ended is given up:
 * what is there of them all the same belongs to nobody.
 */
export const nodesWithMachines = (nodes: readonly Node[]): ReadonlySet<NodeId> =>
  new Set(nodes.filter(({ state }) => OWNS_MACHINE[state]).map(({ id }) => id));

const OWNS_MACHINE: Readonly<Record<Node['state'], boolean>> = {
  queued: false,
  provisioning: true,
  failedProvisioning: false,
  online: true,
  terminating: true,
  failedTerminating: false,
};

/** Nodes that are names only: the tasks of all run on this machine. */
const nodesHere = (engine: DockerEngine, workspace: Workspace): Nodes => {
  const thisMachine = { engine, workspace, images: imagesOnEngine(engine) };
  return {
    provisioner: createLocalProvisioner(),
    activity$: NEVER,
    hostOf: async () => thisMachine,
    workspaceOf: async () => workspace,
    attended: runner => runner,
    sweepMachines: async () => [],
    close: async () => {},
  };
};
