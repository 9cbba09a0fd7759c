import { execFile } from 'node:child_process';

/** Runs a bash script in a folder; what it printed. */
export const bash = (folder: string, script: string, input?: Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { cwd: folder, encoding: 'buffer', maxBuffer: 1 << 28 } as const;
    const child = execFile('bash', ['-euo', 'pipefail', '-c', script], options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
