/** What is known of bytes that are to be UTF-8. */
export interface Utf8Verdict {
  /** How many bytes are whole characters. */
  readonly whole: number;
  /** Where the first byte stands that no rest can put right; undefined when there is none. */
  readonly brokenAt: number | undefined;
}

/** Reads UTF-8 character by character, by the table of RFC 3629 §4. */
export function readUtf8(bytes: Uint8Array): Utf8Verdict {
  let whole = 0;
  while (whole < bytes.length) {
    const forms = formsOf(bytes[whole]!);
    if (forms === undefined) return { whole, brokenAt: whole };
    for (let i = 0; i < forms.length; i++) {
      const next = bytes[whole + 1 + i];
      if (next === undefined) return { whole, brokenAt: undefined };
      const [first, last] = forms[i]!;
      if (next < first || next > last) return { whole, brokenAt: whole + 1 + i };
    }
    whole += 1 + forms.length;
  }
  return { whole, brokenAt: undefined };
}

type Range = readonly [first: number, last: number];

const TAIL: Range = [0x80, 0xbf];

/** What has to follow a first byte; undefined when it is none. */
function formsOf(first: number): readonly Range[] | undefined {
  if (first <= 0x7f) return [];
  if (first >= 0xc2 && first <= 0xdf) return [TAIL];
  if (first === 0xe0) return [[0xa0, 0xbf], TAIL];
  if (first === 0xed) return [[0x80, 0x9f], TAIL];
  if (first >= 0xe1 && first <= 0xef) return [TAIL, TAIL];
  if (first === 0xf0) return [[0x90, 0xbf], TAIL, TAIL];
  if (first >= 0xf1 && first <= 0xf3) return [TAIL, TAIL, TAIL];
  if (first === 0xf4) return [[0x80, 0x8f], TAIL, TAIL];
  return undefined;
}
