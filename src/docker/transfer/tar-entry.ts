/** The few bytes of tar that are written here: what stands around the content of files, and the end. Reading is tar-stream's. */

const BLOCK_BYTES = 512;

/** What a tar ends with. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES);

/** A small file as a whole. */
export const tarFile = (name: string, content: Uint8Array): Buffer =>
  Buffer.concat([tarHeader(name, content.length), content, tarPadding(content.length)]);

/** What follows a file's content of `size` bytes. */
export const tarPadding = (size: number): Buffer => Buffer.alloc(-size & (BLOCK_BYTES - 1));

/** The fields of a ustar header (POSIX.1-1988) that matter for a file: where each begins. */
const AT = { name: 0, mode: 100, uid: 108, gid: 116, size: 124, mtime: 136, checksum: 148, type: 156, magic: 257 } as const;

const LONGEST_NAME = 100;

/** Above, eleven octal digits do not do, and the size is written in binary, as GNU tar does. */
const LARGEST_OCTAL = 8 ** 11 - 1;

/** What comes before a file's content. `size`: of the content, in bytes. The same bytes each time: no time, no owner. */
export const tarHeader = (name: string, size: number): Buffer => {
  if (Buffer.byteLength(name) > LONGEST_NAME) throw new RangeError(`${name} is too long a name for a tar's header`);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, AT.name);
  header.write('0000644\0', AT.mode);
  header.write('0000000\0', AT.uid);
  header.write('0000000\0', AT.gid);
  if (size <= LARGEST_OCTAL) header.write(`${size.toString(8).padStart(11, '0')} `, AT.size);
  else {
    header.writeUInt8(0x80, AT.size);
    header.writeBigUInt64BE(BigInt(size), AT.mtime - 8);
  }
  header.write('00000000000 ', AT.mtime);
  header.write('        ', AT.checksum);
  header.write('0', AT.type);
  header.write('ustar\x0000', AT.magic, 'latin1');
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, AT.checksum);
  return header;
};
