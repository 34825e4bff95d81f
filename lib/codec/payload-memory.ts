// In bytes: the largest payload that shares its memory, the smallest that does not lie in Node's own
// pool, and how much they share.
const LARGEST = 32 * 1024;
const SMALLEST = 1024;
const POOL = 64 * 1024;

// Where the next payload goes, on a boundary of eight bytes.
const ALIGNMENT = 8;

let pool = Buffer.alloc(0);
let used = 0;

/**
 * A copy of bytes `start` to `end`, for a program to keep.
 *
 * Node gives each piece of 4 KiB or more memory of its own, and seven of 1 KiB share theirs; the collector
 * has to see to each: for echoes of 16 KiB that takes a third of the time, and a client that receives
 * 1 KiB a tenth. So they lie side by side up to 32 KiB; one that is kept for long keeps 64 KiB.
 */
export function ownCopy(bytes: Buffer, start: number, end: number): Buffer {
  const length = end - start;
  const isPooled = length >= SMALLEST && length <= LARGEST;
  const copy = isPooled ? pooled(length) : Buffer.allocUnsafe(length);
  // Made quicker than a Buffer, and gone at once.
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length));
  return copy;
}

function pooled(length: number): Buffer {
  if (used + length > pool.length) {
    pool = Buffer.allocUnsafeSlow(POOL);
    used = 0;
  }
  const start = used;
  used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  return pool.subarray(start, start + length);
}
