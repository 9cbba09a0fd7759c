import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../hack/test-report.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const read = async (testResults: readonly object[]) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'report.json');
  await writeFile(path, JSON.stringify({ testResults }));
  return readReport(path);
};

const spec = (status: string, fullName = 'does something') => ({ status, fullName });

describe("CI's last line", () => {
  it('counts specs by how they ended, and names those that did not run', async () => {
    const files = [
      { name: '/a.spec.ts', status: 'failed', assertionResults: [spec('passed'), spec('failed'), spec('skipped', 'waits')] },
      { name: '/b.spec.ts', status: 'passed', assertionResults: [spec('passed'), spec('todo', 'will do')] },
    ];

    expect(await read(files)).toEqual({ passed: 2, failed: 1, skipped: ['/a.spec.ts: waits', '/b.spec.ts: will do'] });
  });

  it('counts a file that broke before any of its specs could fail', async () => {
    const files = [
      { name: '/import.spec.ts', status: 'failed', assertionResults: [] },
      { name: '/hook.spec.ts', status: 'failed', assertionResults: [spec('skipped', 'never ran')] },
    ];

    expect(await read(files)).toEqual({ passed: 0, failed: 2, skipped: ['/hook.spec.ts: never ran'] });
  });
});
