import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Where the last `lines` lines of the first `size` bytes of a file begin. A last line without a newline is a line. Reads from
 * the end backwards, block by block, so that the rest of a large file costs nothing.
 */
export const startOfLastLines = async (file: FileHandle, size: number, lines: number): Promise<number> => {
  let toFind = lines;
  // The newline that ends the last line begins none.
  let end = size - 1;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let at = lastNewline(block, bytesRead); at >= 0; at = lastNewline(block, at)) {
      toFind -= 1;
      if (toFind === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
};

const lastNewline = (block: Buffer, before: number): number => (before === 0 ? -1 : block.lastIndexOf(NEWLINE, before - 1));
