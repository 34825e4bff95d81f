/**
 * What stands between the lines `-----BEGIN label-----` and `-----END label-----`, of each such
 * block in turn (RFC 7468 §2). What is not Base64 in there is skipped.
 */
export function* pemBlocks(text: string, label: string): Generator<Uint8Array> {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  let at = text.indexOf(begin);
  while (at >= 0) {
    const start = at + begin.length;
    const stop = text.indexOf(end, start);
    if (stop < 0) return;
    yield Buffer.from(text.slice(start, stop), 'base64');
    at = text.indexOf(begin, stop);
  }
}

/** `der` as PEM text under `label`, in lines of 64 characters (RFC 7468 §2). */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
