import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { Engine as DockerEngine } from '../../src/docker/engine.ts';
import type { NodeId, TaskFullName } from '../../src/domain/names.ts';
import type { TaskRun } from '../../src/domain/task.ts';
import {
  type NodeActivity,
  NodeGoneError,
  type NodeNews,
  type RemoteHost,
  type RemoteProvisioner,
  type TaskRunner,
  UnreachableError,
} from '../../src/engine/ports.ts';
import { createRemoteNodes } from '../../src/server/remote-nodes.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { jobSpec } from '../support/builders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const node = 'node-1' as NodeId;
const run: TaskRun = { jobId: 'ci-red-fox' as never, index: 0, nodeId: node, spec: jobSpec('ci', [1]) };
const task = 'ci-red-fox-t0' as TaskFullName;
const forever = new AbortController().signal;

/** A machine that nobody reaches, until it is told to be gone. */
const silentHost = () => {
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  const unreachable = () => new UnreachableError('no answer from 10.77.0.12', () => gone.promise);
  const host: RemoteHost = {
    address: 'ci@10.77.0.12',
    run: () => Promise.reject(unreachable()),
    dialDocker: () => Promise.reject(unreachable()),
  };
  return { host, giveUp: () => gone.reject(new NodeGoneError('the server was deleted')) };
};

const open = async () => {
  const folder = await temporaryFolder();
  const { host, giveUp } = silentHost();
  const known = new Set<NodeId>();
  const news$ = new Subject<NodeNews>();
  const activity$ = new Subject<NodeActivity>();
  const provisioner: RemoteProvisioner = {
    name: 'ssh',
    provision: async nodeId => void known.add(nodeId),
    connect: async nodeId => {
      await Promise.resolve();
      known.add(nodeId);
    },
    terminate: vi.fn(async nodeId => {
      giveUp();
      known.delete(nodeId);
    }),
    news$,
    activity$,
    hostOf: nodeId => {
      if (!known.has(nodeId)) throw new NodeGoneError(`there is no ${nodeId}`);
      return host;
    },
    sweep: async () => [],
    close: () => undefined,
  };
  const silent = (): void => undefined;
  const logs = createLocalWorkspace({ root: `${folder.path}/logs` });
  const nodes = createRemoteNodes({
    provisioner,
    instance: '0123456789abcdef',
    engine: {} as DockerEngine,
    nodeWorkspace: 'workspace',
    logs,
    transferFolder: `${folder.path}/transfers`,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  return {
    nodes,
    logs,
    news$,
    activity$,
    giveUp,
    terminate: provisioner.terminate,
    [Symbol.asyncDispose]: async () => {
      giveUp();
      await nodes.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};

describe('a node on another machine', () => {
  it('is waited for while it can not be reached, until whoever waits gives up', async () => {
    await using world = await open();
    await world.nodes.provisioner.provision(node, forever);
    const impatient = new AbortController();
    const host = world.nodes.hostOf(node, impatient.signal);
    impatient.abort(new Error('cancelled'));
    await expect(host).rejects.toThrow('cancelled');
  });

  it('is waited for no longer once it is known to be gone', async () => {
    await using world = await open();
    await world.nodes.provisioner.provision(node, forever);
    const host = world.nodes.hostOf(node, forever);
    host.catch(() => undefined);
    world.news$.next({ type: 'lost', nodeId: node, why: 'the server was deleted' });
    await expect(host).rejects.toThrow('the server was deleted');
  });

  it('is asked for in vain when nobody made it', async () => {
    await using world = await open();
    await expect(world.nodes.hostOf(node, forever)).rejects.toThrow(NodeGoneError);
  });

  it('is found by those who ask while it is taken up after a restart', async () => {
    await using world = await open();
    const connected = world.nodes.provisioner.connect(node);
    await expect(world.nodes.workspaceOf(node)).resolves.toBeDefined();
    await connected;
  });

  it('shows its logs though it can not be reached: they are here', async () => {
    await using world = await open();
    await world.nodes.provisioner.provision(node, forever);
    await world.logs.ensure(task);
    const log = await world.logs.openLog(task, 't0-step-1.log');
    await log.append(Buffer.from('hello\n'));
    await log.close();
    const workspace = await world.nodes.workspaceOf(node);
    const pieces = await Array.fromAsync(workspace.readLogs(task, { tailLines: 5, follow: null }, forever));
    expect(Buffer.concat(pieces.map(({ data }) => data)).toString()).toContain('hello');
  });
});

describe('the clean-up of a task', () => {
  const runnerThat = (cleanUp: TaskRunner['cleanUp']): TaskRunner => ({ run: async () => ({ type: 'stopped' }), cleanUp });

  it('is done at once on a node that is gone, and takes the logs here along', async () => {
    await using world = await open();
    await world.logs.ensure(task);
    const gone = new Error('containers could not be removed', { cause: new NodeGoneError('the server was deleted') });
    await world.nodes.withCleanUps(runnerThat(() => Promise.reject(gone))).cleanUp(run);
    expect(await world.logs.list()).toEqual([]);
  });

  it('fails where the node is there and says no', async () => {
    await using world = await open();
    const runner = world.nodes.withCleanUps(runnerThat(() => Promise.reject(new Error('device or resource busy'))));
    await expect(runner.cleanUp(run)).rejects.toThrow('busy');
  });

  it('comes before the end of its node, which may be the last that anybody sees of the machine', async () => {
    await using world = await open();
    const removed = Promise.withResolvers<void>();
    const cleanedUp = world.nodes.withCleanUps(runnerThat(() => removed.promise)).cleanUp(run);
    const ended = world.nodes.provisioner.terminate(node);
    await Promise.resolve();
    expect(world.terminate).not.toHaveBeenCalled();
    removed.resolve();
    await Promise.all([cleanedUp, ended]);
    expect(world.terminate).toHaveBeenCalledWith(node);
  });
});
