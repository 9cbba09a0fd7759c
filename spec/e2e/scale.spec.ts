import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { startServer } from '../support/binary.ts';
import { openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';

const TASKS = 300;

/** Docker's own address pools end at some 30 networks. */
const FLAGS = ['--max-nodes', '8', '--slots-per-node', '8', '--task-startup-delay', '0s', '--provisioning-delay', '0s'];

describeOnEngine('64 slots on one engine', () => {
  it('run 300 tasks, each in a network of its own, and leave nothing', { timeout: 600_000 }, async () => {
    await using desk = await openDesk();
    await using server = await startServer(...FLAGS);
    const tasks = Array.from({ length: TASKS }, (_, index) => `task-${index}`);
    const job = await desk.job({ script: 'true', tasks });

    const { exitCode, stderr } = await desk.alfred(['--remote', server.remote, 'run', job]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining(`${TASKS}/${TASKS}`) });
    expect(await server.stop()).toMatchObject({ exitCode: 0, log: expect.not.stringMatching(/address pool/) });
    expect(await readdir(server.workspace)).toEqual([]);
  });
});
