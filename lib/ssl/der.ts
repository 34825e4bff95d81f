/** Where a DER element lies in its bytes (ITU-T X.690 §8.1). */
export interface DerElement {
  readonly tag: number;
  /** The first byte of the content. */
  readonly start: number;
  /** The first byte after the content. */
  readonly end: number;
}

/** The tag of SEQUENCE. */
export const SEQUENCE = 0x30;

/** The tag of OBJECT IDENTIFIER. */
export const OBJECT_IDENTIFIER = 0x06;

const LONG_TAG = 0x1f;

/**
 * The element that begins at `at`.
 *
 * @param limit - the first byte that belongs to something else.
 * @returns undefined when there is none, its tag has several bytes, its length is not definite, or
 *   it is longer than the limit allows.
 */
export function derElement(
  bytes: Uint8Array,
  at: number,
  limit: number = bytes.length,
): DerElement | undefined {
  if (at + 2 > limit) return undefined;
  const tag = bytes[at]!;
  const first = bytes[at + 1]!;
  if ((tag & LONG_TAG) === LONG_TAG) return undefined;

  const isShort = first < 0x80;
  const digits = isShort ? 0 : first & 0x7f;
  // Four bytes of length are more than anything that is read here.
  if (!isShort && (digits === 0 || digits > 4)) return undefined;
  const start = at + 2 + digits;
  if (start > limit) return undefined;
  let length = isShort ? first : 0;
  for (let i = at + 2; i < start; i++) length = length * 256 + bytes[i]!;

  return start + length > limit ? undefined : { tag, start, end: start + length };
}

/** The elements in the content of `parent`, in their order, up to the first that is broken. */
export function* derChildren(bytes: Uint8Array, parent: DerElement): Generator<DerElement> {
  let at = parent.start;
  for (;;) {
    const element = derElement(bytes, at, parent.end);
    if (element === undefined) return;
    yield element;
    at = element.end;
  }
}

/** An object identifier as numbers with dots between (ITU-T X.690 §8.19); '' for none. */
export function objectIdentifier(bytes: Uint8Array, { start, end }: DerElement): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytes.subarray(start, end)) {
    number = number * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(number)) return '';
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first, ...rest] = numbers;
  if (first === undefined) return '';
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}
