import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { decompress } from '../../src/base/zstd.ts';
import type { Engine as DockerEngine } from '../../src/docker/engine.ts';
import { createDockerTaskRunner } from '../../src/docker/task-runner.ts';
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
import { createArtifactStore } from '../../src/store/artifacts.ts';
import { createSecretStore } from '../../src/store/secrets.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { silentLog } from '../rpc/silent-log.ts';
import { jobSpec } from '../support/builders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

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
  let takesUp = true;
  const news$ = new Subject<NodeNews>();
  const activity$ = new Subject<NodeActivity>();
  const provisioner: RemoteProvisioner = {
    name: 'ssh',
    provision: async nodeId => void known.add(nodeId),
    connect: async nodeId => {
      await Promise.resolve();
      if (!takesUp) throw new NodeGoneError('its host is not in the list any more');
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
  const logs = createLocalWorkspace({ root: `${folder.path}/logs` });
  const nodes = createRemoteNodes({
    provisioner,
    instance: '0123456789abcdef',
    engine: {} as DockerEngine,
    nodeWorkspace: 'workspace',
    logs,
    transferFolder: `${folder.path}/transfers`,
    log: silentLog,
  });
  return {
    path: folder.path,
    nodes,
    logs,
    news$,
    activity$,
    giveUp,
    /** From now on nodes of an earlier server are gone. */
    takesNobodyUp: () => {
      takesUp = false;
    },
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
    await expect((await host).engine.docker.version()).rejects.toThrow('the server was deleted');
  });

  it('has nothing but the logs of its tasks when nobody made it', async () => {
    await using world = await open();
    await world.logs.ensure(task);
    const { engine, workspace } = await world.nodes.hostOf(node, forever);
    await expect(engine.docker.version()).rejects.toThrow(NodeGoneError);
    await expect(workspace.ensure(task)).rejects.toThrow(NodeGoneError);
    expect(await workspace.list()).toEqual([task]);
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

describe('a task whose node is lost', () => {
  /** The task, told to run; its step had written a line before an earlier server died. */
  const begun = async (world: Awaited<ReturnType<typeof open>>) => {
    await world.logs.ensure(task);
    const log = await world.logs.openLog(task, 't0-step-1.log');
    await log.append(Buffer.from('the last words\n'));
    await log.close();
    const artifacts = createArtifactStore({ folder: `${world.path}/artifacts` });
    const runner = world.nodes.attended(
      createDockerTaskRunner({
        instance: '0123456789abcdef',
        hostOf: world.nodes.hostOf,
        artifacts,
        secrets: createSecretStore({ folder: world.path }),
        networkRange: '10.83.0.0/16',
        log: silentLog,
      }),
    );
    const artifact = async () => {
      const content = await artifacts.open(run.jobId, 't0');
      return content === null ? null : Buffer.concat(await Array.fromAsync(decompress(content))).toString();
    };
    return { runner, artifact };
  };

  it('fails for that reason, with an artifact of its logs; they are removed when that is there', async () => {
    await using world = await open();
    await world.nodes.provisioner.provision(node, forever);
    const { runner, artifact } = await begun(world);
    const result = runner.run(run, forever);

    world.giveUp();
    world.news$.next({ type: 'lost', nodeId: node, why: 'the server was deleted' });

    expect(await result).toEqual({ type: 'broken', reason: 'its node was lost: the server was deleted' });
    for (const words of ['the last words', "Only the logs are left of this task's output", 'alfred: its node was lost'])
      expect(await artifact()).toContain(words);
    expect(await world.logs.list()).toEqual([task]);
    await runner.cleanUp(run);
    expect(await world.logs.list()).toEqual([]);
  });

  it('has its artifact before the loss is told, which ends it', async () => {
    await using world = await open();
    await world.nodes.provisioner.provision(node, forever);
    const { runner, artifact } = await begun(world);
    void runner.run(run, forever);
    const told: string[] = [];
    let artifactThen: string | null = null;
    world.nodes.provisioner.news$.subscribe(async ({ type }) => {
      told.push(type);
      if (type === 'lost') artifactThen = await artifact();
    });

    world.giveUp();
    world.news$.next({ type: 'lost', nodeId: node, why: 'the server was deleted' });

    // At once: nobody is to be sent there.
    expect(told).toEqual(['unreachable']);
    await until(async () => artifactThen !== null);
    expect(told).toEqual(['unreachable', 'lost']);
  });

  it('has its artifact before its server, started again, knows that the node is gone', async () => {
    await using world = await open();
    world.takesNobodyUp();
    const { runner, artifact } = await begun(world);
    const connected = world.nodes.provisioner.connect(node);
    const result = runner.run(run, forever);

    await expect(connected).rejects.toThrow(NodeGoneError);

    expect(await artifact()).toContain('the last words');
    expect(await result).toEqual({ type: 'broken', reason: 'its node was lost: its host is not in the list any more' });
  });
});

describe('the clean-up of a task', () => {
  const runnerThat = (cleanUp: TaskRunner['cleanUp']): TaskRunner => ({ run: async () => ({ type: 'stopped' }), cleanUp });

  it('is done at once on a node that is gone, and takes the logs here along', async () => {
    await using world = await open();
    await world.logs.ensure(task);
    const gone = new Error('containers could not be removed', { cause: new NodeGoneError('the server was deleted') });
    await world.nodes.attended(runnerThat(() => Promise.reject(gone))).cleanUp(run);
    expect(await world.logs.list()).toEqual([]);
  });

  it('fails where the node is there and says no', async () => {
    await using world = await open();
    const runner = world.nodes.attended(runnerThat(() => Promise.reject(new Error('device or resource busy'))));
    await expect(runner.cleanUp(run)).rejects.toThrow('busy');
  });

  it('comes before the end of its node, which may be the last that anybody sees of the machine', async () => {
    await using world = await open();
    const removed = Promise.withResolvers<void>();
    const cleanedUp = world.nodes.attended(runnerThat(() => removed.promise)).cleanUp(run);
    const ended = world.nodes.provisioner.terminate(node);
    await Promise.resolve();
    expect(world.terminate).not.toHaveBeenCalled();
    removed.resolve();
    await Promise.all([cleanedUp, ended]);
    expect(world.terminate).toHaveBeenCalledWith(node);
  });
});
