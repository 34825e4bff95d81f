// In bytes: the largest payload that shares its memory, the smallest that does not lie in Node's own
// pool, and how much they share.
const LARGEST = 32 * 1024;
const SMALLEST = 1024;
const POOL = 64 * 1024;

// Where the next payload goes, on a boundary of eight bytes.
const ALIGNMENT = 8;

// How many bytes outside of V8's heap are matched inside at a time, and by how many numbers of eight bytes.
const MATCHED = 64 * 1024;
const BALLAST = MATCHED / 2 / 8;
// More at once would not bring the collector more than once.
const MOST = 32 * 1024 * 1024;

let pool = Buffer.alloc(0);
let used = 0;
let unmatched = 0;
// Kept, lest a compiler sees that nobody needs it.
export let ballast: unknown[] = [];

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
  const copy = isPooled ? pooled(length) : payloadMemory(length);
  // Made quicker than a Buffer, and gone at once.
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length));
  return copy;
}

/** Memory for one payload, not cleared; what is small lies in Node's own pool. */
export function payloadMemory(size: number): Buffer {
  if (size >= SMALLEST) match(size);
  return Buffer.allocUnsafe(size);
}

function pooled(length: number): Buffer {
  if (used + length > pool.length) {
    match(POOL);
    pool = Buffer.allocUnsafeSlow(POOL);
    used = 0;
  }
  const start = used;
  used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  return pool.subarray(start, start + length);
}

/**
 * Has V8 collect dead payloads in time, by half as many bytes of its own heap that are dead at once.
 *
 * It collects what is young when the young part of its heap is full, and to that a payload of any size is
 * 200 bytes. So dead ones pile up outside, up to 32 MiB; with a small heap that is more than V8 bears, and
 * it marks the whole heap instead, 25 times a second: half of the CPU time of echoes from 1 KiB on.
 */
function match(size: number): void {
  unmatched = Math.min(unmatched + size, MOST);
  for (; unmatched >= MATCHED; unmatched -= MATCHED) {
    // oxlint-disable-next-line no-new-array -- it is the length, and all that is wanted
    ballast = new Array(BALLAST);
  }
}
