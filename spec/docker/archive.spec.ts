import { describe, expect, it } from 'vitest';
import { archiveOutput } from '../../src/docker/archive.ts';
import type { TaskScope } from '../../src/docker/task-scope.ts';
import { NodeGoneError, UnreachableError } from '../../src/engine/ports.ts';

/** Archives what one pack after the other gives; the artifacts that were whole, and what the task's log says. */
const archive = async (...packs: readonly (() => AsyncIterable<Uint8Array>)[]) => {
  const stored: string[] = [];
  const said: string[] = [];
  const left = [...packs];
  const workspace = { pack: () => (left.shift() as (typeof packs)[number])() };
  const scope = { run: { jobId: 'job' }, workspace, say: (text: string) => said.push(text), log: { error: () => undefined } };
  await archiveOutput(scope as unknown as TaskScope, {
    write: async (_job, _task, content) => void stored.push(Buffer.concat(await Array.fromAsync(content)).toString()),
    open: async () => null,
  });
  return { stored, said };
};

async function* whole(text: string) {
  yield Buffer.from(text);
}

/** Breaks off in the middle. `reachable`: what becomes of the node then. */
async function* broken(reachable: () => Promise<void>) {
  yield Buffer.from('the first half');
  throw new UnreachableError('the connection broke', reachable);
}

describe('the artifact of a task on another machine', () => {
  it('is begun anew when the connection breaks in the middle, once the node is there again', async () => {
    let returned = 0;
    const back = async () => {
      returned += 1;
    };
    const { stored, said } = await archive(
      () => broken(back),
      () => broken(back),
      () => whole(`all of it, after ${returned}`),
    );
    expect(stored).toEqual(['all of it, after 2']);
    expect(said).toEqual([]);
  });

  it('is what there still is when the node turns out to be gone', async () => {
    const gone = () => Promise.reject(new NodeGoneError('somebody deleted it'));
    const { stored, said } = await archive(
      () => broken(gone),
      () => whole('the logs'),
    );
    expect(stored).toEqual(['the logs']);
    expect(said).toEqual([]);
  });

  it('is given up, and the log says why, when nobody waits for the node any more', async () => {
    const { stored, said } = await archive(() => broken(() => Promise.reject(new Error('the connection was closed'))));
    expect(stored).toEqual([]);
    expect(said).toEqual(['the artifact could not be made: the connection was closed']);
  });
});
