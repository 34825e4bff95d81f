/** The longest close reason, in bytes of UTF-8: a control frame's 125 less the code (RFC 6455 §5.5). */
export const MAX_CLOSE_REASON = 123;

/**
 * Whether `code` may stand in a Close frame: 1000–1003 and 1007–1014 are registered with IANA,
 * 3000–4999 belong to libraries and applications (RFC 6455 §7.4.2).
 */
export function isCloseCodeValid(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/**
 * Cuts `reason` to the {@link MAX_CLOSE_REASON} bytes that fit, between two characters.
 *
 * Lone surrogates become U+FFFD: the result is the text that the peer reads.
 */
export function truncateCloseReason(reason: string): string {
  // No character takes less than a byte, so there is no need to encode a longer text.
  const bytes = new TextEncoder().encode(reason.slice(0, MAX_CLOSE_REASON + 1));
  let end = bytes.length;
  if (end > MAX_CLOSE_REASON) {
    end = MAX_CLOSE_REASON;
    while ((bytes[end]! & 0xc0) === 0x80) end--;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end));
}
