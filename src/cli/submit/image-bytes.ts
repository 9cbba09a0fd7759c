import { execa } from 'execa';

/** The size of an image as the engine counts it, compressed layers as they are unpacked; `null` when the engine does not say. */
export const imageBytes = async (imageId: string, signal: AbortSignal): Promise<number | null> => {
  const format = ['image', 'inspect', '--format', '{{.Size}}', imageId];
  const { stdout } = await execa('docker', format, { cancelSignal: signal, stdin: 'ignore', reject: false });
  const bytes = Number(stdout);
  return Number.isFinite(bytes) && bytes > 0 ? bytes : null;
};
