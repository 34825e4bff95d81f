// Enough for inputs of some thousand bytes.
const MAX_ATTEMPTS = 20_000;

/**
 * A smaller input that `fails` as well: nothing can be left out of it, and nothing made plainer,
 * unless that takes too many attempts.
 */
export function shrink(input: Buffer, fails: (bytes: Buffer) => boolean): Buffer {
  let attempts = 0;
  const tries = (bytes: Buffer): boolean => attempts++ < MAX_ATTEMPTS && fails(bytes);

  let smallest = input;
  for (let before = Infinity; smallest.length < before;) {
    before = smallest.length;
    for (let size = before; size >= 1; size = Math.floor(size / 2)) {
      smallest = without(smallest, size, tries);
    }
  }
  return plainer(smallest, tries);
}

/** Leaves out stretches of `size` bytes, from the end on. */
function without(input: Buffer, size: number, fails: (bytes: Buffer) => boolean): Buffer {
  let bytes = input;
  for (let at = bytes.length - size; at >= 0; at -= size) {
    const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
    if (fails(shorter)) bytes = shorter;
  }
  return bytes;
}

/** Puts zeros, or the letter a, where the bytes have no meaning. */
function plainer(input: Buffer, fails: (bytes: Buffer) => boolean): Buffer {
  let bytes = input;
  for (let at = 0; at < bytes.length; at++) {
    for (const plain of [0, 0x61]) {
      if (bytes[at] === plain) break;
      const changed = Buffer.from(bytes);
      changed[at] = plain;
      if (!fails(changed)) continue;
      bytes = changed;
      break;
    }
  }
  return bytes;
}
