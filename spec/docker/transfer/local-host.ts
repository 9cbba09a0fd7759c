/** A node that is this machine with another engine: commands are child processes, the way to it is cut and mended by the spec. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { NodeGoneError, type RemoteHost, UnreachableError } from '../../../src/engine/ports.ts';

export type LocalHost = RemoteHost & {
  /** Bytes that went there, through commands and connections. */
  sent(): number;
  /** The scripts that were run, but for those that only ask whether it is there. */
  readonly scripts: readonly string[];
  /** Stops each command's input after its first megabyte, until `release`: so what is done to it is done in the middle. */
  hold(): void;
  release(): void;
  /** Breaks what is under way, and lets nobody through from now on. */
  cut(): void;
  /** Breaks what is under way; the next attempt gets through. */
  drop(): void;
  mend(): void;
  /** It will not be back. */
  giveUp(): void;
};

const HELD_FROM_BYTES = 1_000_000;

/** `dockerHost`: where the node's engine listens, `unix://…`; `path`: where its commands are. */
export const localHost = (dockerHost: string, path = process.env.PATH ?? ''): LocalHost => {
  const address = 'node@localhost';
  const underWay = new Set<() => void>();
  const scripts: string[] = [];
  let bytes = 0;
  let held: PromiseWithResolvers<void> | null = null;
  let back: PromiseWithResolvers<void> | null = null;

  const check = (): void => {
    const waiting = back?.promise;
    if (waiting === undefined) return;
    const reachable = (signal?: AbortSignal): Promise<void> =>
      signal === undefined ? waiting : Promise.race([waiting, once(signal, 'abort').then(() => signal.throwIfAborted())]);
    throw new UnreachableError(`${address} can not be reached`, reachable);
  };

  const run: RemoteHost['run'] = async (script, signal) => {
    check();
    if (script !== ':') scripts.push(script);
    // Its own process group, as all of it has to go when it is cut.
    const child = spawn('sh', ['-c', script], { env: { PATH: path, DOCKER_HOST: dockerHost }, detached: true });
    let broke = false;
    const kill = (): void => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    const breakOff = (): void => {
      broke = true;
      kill();
    };
    underWay.add(breakOff);
    signal.addEventListener('abort', kill, { once: true });
    let passed = 0;
    const counted = new Transform({
      transform: async (chunk: Buffer, _encoding, done) => {
        if (passed > HELD_FROM_BYTES) await held?.promise;
        passed += chunk.length;
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    counted.pipe(child.stdin);
    child.stdin.on('error', error => counted.destroy(error));
    const stderr = text(child.stderr);
    const ended = once(child, 'close').then(async ([code]) => {
      underWay.delete(breakOff);
      signal.removeEventListener('abort', kill);
      counted.destroy();
      return { code: broke ? null : (code as number | null), stderr: await stderr };
    });
    return { stdin: counted, stdout: child.stdout, ended };
  };

  const dialDocker = async (): Promise<Socket> => {
    check();
    const socket = connect(dockerHost.replace('unix://', ''));
    await once(socket, 'connect');
    const breakOff = (): void => void socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    underWay.add(breakOff);
    socket.once('close', () => {
      underWay.delete(breakOff);
      bytes += socket.bytesWritten;
    });
    return socket;
  };

  const drop = (): void => {
    for (const breakOff of underWay) breakOff();
  };

  return {
    address,
    run,
    dialDocker,
    sent: () => bytes,
    scripts,
    hold: () => {
      held = Promise.withResolvers();
    },
    release: () => {
      held?.resolve();
      held = null;
    },
    drop,
    cut: () => {
      back ??= Promise.withResolvers();
      back.promise.catch(() => undefined);
      drop();
    },
    mend: () => {
      back?.resolve();
      back = null;
    },
    giveUp: () => back?.reject(new NodeGoneError(`${address} is gone`)),
  };
};
