/** What a server finds in its data folder and does not touch: another server, a damaged journal. */
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { alfredServer } from '../support/binary.ts';
import { describeOnEngine } from '../support/engine.ts';
import { openServer } from '../support/server-lives.ts';

/** Writes nonsense over the middle of a file. */
const damage = async (path: string): Promise<void> => {
  await using file = await open(path, 'r+');
  await file.write(Buffer.alloc(4_096, 'nonsense'), 0, 4_096, 4_096);
};

const checksum = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describeOnEngine('a server whose data folder is not free', () => {
  it('is refused, and told the process that has it; the first goes on', async () => {
    await using server = await openServer();

    const second = await alfredServer([...server.folders, '--listen', 'unix:/dev/null/sock']);

    expect(second).toMatchObject({ exitCode: 2, stdout: '' });
    expect(second.stderr.split('\n')).toEqual([
      `alfred-server: ${server.data} is in use by another alfred-server (pid ${server.pid()}): ` +
        'stop it first, or give this one a folder of its own',
    ]);
    expect(await server.stop()).toMatchObject({ exitCode: 0 });
  });

  it('is free again as soon as the process is gone, however it went', async () => {
    await using server = await openServer();

    await server.kill();
    await server.start();

    expect(await server.stop()).toMatchObject({ exitCode: 0 });
  });
});

describeOnEngine('a server whose journal is damaged', () => {
  it('does not start, says what to do in one line, and leaves the journal as it is', async () => {
    await using server = await openServer();
    await server.stop();
    const journal = join(server.data, 'journal.db');
    expect((await stat(journal)).size).toBeGreaterThan(8_192);
    await damage(journal);
    const before = await checksum(journal);

    const { exitCode, stderr } = await alfredServer(server.folders);

    expect({ exitCode, lines: stderr.split('\n') }).toEqual({
      exitCode: 2,
      lines: [expect.stringMatching(/journal\.db can't be read: it is damaged.*restore it from a backup, or move it away/)],
    });
    expect(await checksum(journal)).toBe(before);
  });
});
