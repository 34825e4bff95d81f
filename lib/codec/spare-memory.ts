// In bytes: what is smaller costs little to get anew, and what is larger is not kept for good.
const SMALLEST = 8 * 1024;
const LARGEST = 1024 * 1024 + 64 * 1024;

let spare: Buffer | undefined;

/**
 * Memory of `size` bytes or more that was used before, if there is such a piece.
 *
 * Texts that come in pieces are put together in it. They become strings, so it is free again at
 * once; fresh memory is cold, and brings the collector nearer. The process keeps one piece.
 */
export function takeSpare(size: number): Buffer | undefined {
  if (size < SMALLEST || spare === undefined || spare.length < size) return undefined;
  const bytes = spare;
  spare = undefined;
  return bytes;
}

/** Keeps memory that nobody uses any more, if it is worth it. */
export function keepSpare(bytes: Buffer): void {
  const { length } = bytes;
  if (length < SMALLEST || length > LARGEST) return;
  if (spare === undefined || spare.length < length) spare = bytes;
}
