/** The contract's: the largest message that either side accepts. */
export const MAX_MESSAGE_BYTES = 50 << 20;

/** What either side sends of a file at a time. Chunks of 49 MiB, which the contract allows, are slower and fill the memory. */
export const CHUNK_BYTES = 1 << 20;
