import type { RemoteHost } from '../../src/engine/ports.ts';

/** What a script on a host prints and how it ends. */
export const outputOf = async (
  host: RemoteHost,
  script: string,
  { input = Buffer.alloc(0) as Uint8Array, signal = new AbortController().signal } = {},
): Promise<{ readonly stdout: Buffer; readonly code: number | null; readonly stderr: string }> => {
  const command = await host.run(script, signal);
  command.stdin.end(input);
  const stdout = Buffer.concat(await Array.fromAsync(command.stdout));
  return { stdout, ...(await command.ended) };
};
