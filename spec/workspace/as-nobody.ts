/**
 * Run by a spec as a process that is not root: makes a task's folder in the root that it is given, waits for a line while
 * containers do their work there, packs the output to stdout's file, and removes the folder, with the help of its parent.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { TaskFullName } from '../../src/domain/names.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';

const [root = '', archivePath = ''] = process.argv.slice(2);
const task = 'build-red-fox-unit' as TaskFullName;
const lines = createInterface(process.stdin);

/** Says something, and waits until the parent has done something about it. */
const ask = async (what: string): Promise<void> => {
  console.log(what);
  await once(lines, 'line');
};

const workspace = createLocalWorkspace({ root });
await ask(`made ${await workspace.ensure(task)}`);
await writeFile(archivePath, await Array.fromAsync(workspace.pack(task, new AbortController().signal)));
await workspace.remove(task).catch(error => ask(`refused ${error.code}`));
await createLocalWorkspace({ root, takeOver: path => ask(`take over ${path}`) }).remove(task);
await ask(`left ${(await workspace.list()).length}`);
lines.close();
