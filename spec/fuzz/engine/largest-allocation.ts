/** Runs `work` and tells the size of the largest Buffer that it took without its content, in bytes. */
export function largestAllocation(work: () => void): number {
  const { allocUnsafe } = Buffer;
  let largest = 0;
  Buffer.allocUnsafe = (size) => {
    largest = Math.max(largest, size);
    return allocUnsafe(size);
  };
  try {
    work();
  } finally {
    Buffer.allocUnsafe = allocUnsafe;
  }
  return largest;
}
