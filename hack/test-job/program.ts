/**
 * The program of the sample job's image, as source. An image needs something that Linux can run, and a machine with only git,
 * Node and a Docker engine has nothing to put there: no registry for a base image, no compiler, and on a Mac no Linux program
 * at all. So here is the smallest one that does what a task does: 235 bytes of machine code in an ELF file. It says
 * `Hello from $ALFRED_TASK` three times, half a second apart, then writes the same line to its artifact, `/alfred/output`.
 */
import { writeFile } from 'node:fs/promises';

/** Left the bytes, right what they mean, as `objdump -d -M intel` shows them. */
const LISTING = `
  48 8b 04 24                     mov   rax, [rsp]            ; argc
  48 8d 5c c4 10                  lea   rbx, [rsp+rax*8+16]   ; the environment starts behind argv and its null
  48 b9 41 4c 46 52 45 44 5f 54   mov   rcx, 'ALFRED_T'
                                next:
  48 8b 33                        mov   rsi, [rbx]
  48 83 c3 08                     add   rbx, 8
  48 85 f6                        test  rsi, rsi
  74 7b                           je    fail                  ; no variable ALFRED_TASK
  48 39 0e                        cmp   [rsi], rcx
  75 ef                           jne   next
  81 7e 08 41 53 4b 3d            cmp   dword [rsi+8], 'ASK='
  75 e6                           jne   next

  48 83 c6 0c                     add   rsi, 12               ; the task's name
  4c 8d 25 a8 00 00 00            lea   r12, [text]
  48 8d 3d ac 00 00 00            lea   rdi, [end of text]
                                copy:
  ac                              lodsb
  aa                              stosb
  84 c0                           test  al, al
  75 fa                           jne   copy
  c6 47 ff 0a                     mov   byte [rdi-1], 10      ; a line feed in place of the closing null
  4c 29 e7                        sub   rdi, r12
  49 89 fd                        mov   r13, rdi              ; the line's length
  bd 03 00 00 00                  mov   ebp, 3
                                again:
  bf 01 00 00 00                  mov   edi, 1                ; stdout
  e8 48 00 00 00                  call  say
  48 8d 3d 4f 00 00 00            lea   rdi, [half a second]
  31 f6                           xor   esi, esi
  b8 23 00 00 00                  mov   eax, 35               ; nanosleep
  0f 05                           syscall
  ff cd                           dec   ebp
  75 e2                           jne   again

  48 8d 3d 4b 00 00 00            lea   rdi, [path]
  be 41 02 00 00                  mov   esi, 0x241            ; O_WRONLY | O_CREAT | O_TRUNC
  ba a4 01 00 00                  mov   edx, 0644q
  b8 02 00 00 00                  mov   eax, 2                ; open
  0f 05                           syscall
  89 c7                           mov   edi, eax
  e8 15 00 00 00                  call  say
  48 85 c0                        test  rax, rax
  78 04                           js    fail                  ; could not be opened or written
  31 ff                           xor   edi, edi
  eb 05                           jmp   exit
                                fail:
  bf 01 00 00 00                  mov   edi, 1
                                exit:
  b8 3c 00 00 00                  mov   eax, 60               ; exit
  0f 05                           syscall
                                say:
  4c 89 e6                        mov   rsi, r12
  4c 89 ea                        mov   rdx, r13
  b8 01 00 00 00                  mov   eax, 1                ; write
  0f 05                           syscall
  c3                              ret
                                half a second:
  00 00 00 00 00 00 00 00         dq    0                     ; seconds
  00 65 cd 1d 00 00 00 00         dq    500000000             ; nanoseconds
`;
const PATH = '/alfred/output/greeting.txt\0';
const TEXT = 'Hello from ';

const code = (): Buffer => {
  const hex = LISTING.split('\n').flatMap(line => /^ {2}((?:[0-9a-f]{2} ?)+)/.exec(line)?.[1] ?? []);
  return Buffer.concat([Buffer.from(hex.join('').replaceAll(' ', ''), 'hex'), Buffer.from(PATH), Buffer.from(TEXT)]);
};

/** One segment, loaded as it lies in the file, with room behind the text for the task's name. */
const elf = (body: Buffer): Buffer => {
  const HEADERS = 64 + 56;
  const ADDRESS = 0x400000n;
  const ROOM = 4_096;
  const size = HEADERS + body.length;
  const header = Buffer.alloc(HEADERS);
  header.write('\x7fELF\x02\x01\x01'); // 64 bits, little endian, version 1
  header.writeUInt16LE(2, 16); // an executable
  header.writeUInt16LE(62, 18); // x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(ADDRESS + BigInt(HEADERS), 24); // its entry
  header.writeBigUInt64LE(64n, 32); // where the program header lies
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56); // one program header
  header.writeUInt32LE(1, 64); // to be loaded
  header.writeUInt32LE(7, 68); // readable, writable, executable
  header.writeBigUInt64LE(ADDRESS, 80);
  header.writeBigUInt64LE(ADDRESS, 88);
  header.writeBigUInt64LE(BigInt(size), 96);
  header.writeBigUInt64LE(BigInt(size + ROOM), 104);
  header.writeBigUInt64LE(4_096n, 112);
  return Buffer.concat([header, body]);
};

/** Writes the program where the sample job's Dockerfile copies it from. */
export const writeProgram = (): Promise<void> => writeFile(new URL('greet', import.meta.url), elf(code()), { mode: 0o755 });
