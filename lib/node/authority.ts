/**
 * `host` as it stands before a port: IPv6 in brackets, and without a zone, which means nothing to
 * others (RFC 6874 §1).
 */
export function authorityHost(host: string): string {
  if (!host.includes(':')) return host;
  const percent = host.indexOf('%');
  return `[${percent < 0 ? host : host.slice(0, percent)}]`;
}
