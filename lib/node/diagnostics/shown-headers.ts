import { printable, withoutSecrets, withoutUrlSecrets } from '../../network/failure-text.ts';

// What everybody on the way may know. Of all others nobody can say that they hold no secret.
const SHOWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'host',
  'location',
  'origin',
  'retry-after',
  'sec-websocket-extensions',
  'sec-websocket-version',
  'server',
  'traceparent',
  'upgrade',
  'user-agent',
  'via',
  'x-request-id',
]);

const URLS: ReadonlySet<string> = new Set(['location', 'origin']);

// An origin as well (RFC 6454 §7), and no relative URL.
const NO_ORIGIN = 'null';

/**
 * Headers fit for a log: every name, and the values of those that hold no secrets.
 *
 * @param fields name, value, name, value, …
 * @param secrets what the values must not repeat either.
 */
export function shownHeaders(
  fields: readonly string[],
  secrets: readonly string[] = [],
): [name: string, value: string][] {
  const shown: [string, string][] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!;
    shown.push([printable(name), shownValue(name.toLowerCase(), fields[i + 1]!, secrets)]);
  }
  return shown;
}

function shownValue(name: string, value: string, secrets: readonly string[]): string {
  if (!SHOWN.has(name)) return '***';
  const safe = withoutSecrets(value, secrets);
  const isUrl = URLS.has(name) && safe !== NO_ORIGIN;
  return isUrl ? withoutUrlSecrets(safe, 'http://*') : printable(safe);
}
