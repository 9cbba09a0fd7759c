import { describe, expect, it } from 'vitest';
import { createTaskLog } from '../../src/docker/task-log.ts';
import type { LogWriter } from '../../src/engine/ports.ts';

const memoryFile = () => {
  const state = { text: '', opened: 0, closed: 0 };
  const open = async (): Promise<LogWriter> => {
    state.opened += 1;
    return {
      isNew: true,
      get size() {
        return state.text.length;
      },
      append: async chunk => {
        state.text += Buffer.from(chunk).toString();
      },
      close: async () => {
        state.closed += 1;
      },
    };
  };
  return { state, open };
};

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z alfred: /;

describe("Alfred's own words in a task's log", () => {
  it('have a timestamp on each line, also those that were said before there was a place for them', async () => {
    const { state, open } = memoryFile();
    const log = createTaskLog(() => undefined);
    log.say('early');
    log.openWith(open);
    log.say('two\n  lines');
    await log.close();
    const lines = state.text.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(LINE);
    expect(lines.map(line => line.replace(LINE, ''))).toEqual(['early', 'two', '  lines']);
    expect(state).toMatchObject({ opened: 1, closed: 1 });
  });

  it('make no file when there are none', async () => {
    const { state, open } = memoryFile();
    const log = createTaskLog(() => undefined);
    log.openWith(open);
    await log.close();
    expect(state.opened).toBe(0);
  });

  it('fail nothing when they can not be written, but are told of', async () => {
    const errors: unknown[] = [];
    const log = createTaskLog(error => errors.push(error));
    log.openWith(() => Promise.reject(new Error('disk full')));
    log.say('lost');
    await log.written();
    await log.close();
    expect(errors).toContainEqual(new Error('disk full'));
  });
});
