import { percentDecode } from './percent-encoding.ts';

/**
 * What failed, from the program outwards. `request` is what the program wanted itself, before
 * anything was sent; `timeout` names what was waited for; `browser` tells no more than that.
 */
export type FailureLayer =
  | 'request'
  | 'DNS'
  | 'TCP'
  | 'local socket'
  | 'TLS'
  | 'proxy'
  | 'HTTP'
  | 'timeout'
  | 'protocol'
  | 'browser'
  | 'bridge';

/** What stands behind Qt's words in an error text. */
export interface FailureCause {
  readonly layer: FailureLayer;
  /** Where it happened and what was found, without a full stop; never a secret. */
  readonly detail: string;
  /** A full sentence on what to do about it. */
  readonly advice?: string | undefined;
}

/** In UTF-16 code units: what a peer has written is shown so far. */
const LONGEST_QUOTE = 120;

// Values shorter than that are no secrets, and taking them out would leave no text to read.
const SHORTEST_SECRET = 4;

/**
 * The text of `errorString()`: Qt's words as they are, then the layer and the detail in parentheses,
 * then the advice: `Connection refused (TCP: 127.0.0.1:4711 ECONNREFUSED).`
 */
export function explained(words: string, { layer, detail, advice }: FailureCause): string {
  const cause = `${layer}: ${detail}`;
  // Behind a full stop of Qt's the parentheses are a sentence of their own.
  const text = words.endsWith('.') ? `${words} (${cause}.)` : `${words} (${cause}).`;
  return advice === undefined ? text : `${text} ${advice}`;
}

/**
 * What a peer has written, fit for a log: of bounded length, and without characters that end lines,
 * move the cursor or turn the direction of what follows.
 */
export function printable(text: string, longest: number = LONGEST_QUOTE): string {
  const shown = text.slice(0, longest).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return text.length > longest ? `${shown}…` : shown;
}

/** `text` without the `secrets` that it repeats: a peer may send back what it was sent. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // The longest first, lest a part be taken out of what is then not found any more.
  const found = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  found.sort((one, other) => other.length - one.length);
  return found.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/**
 * Where `url` leads, for people: without user, password, query and fragment, any of which may be a
 * secret, and without the `secrets` that its path repeats. What is relative is seen from `base`.
 */
export function withoutUrlSecrets(
  url: string,
  base: string,
  secrets: readonly string[] = [],
): string {
  try {
    const { protocol, host, pathname } = new URL(url, base);
    // They may be repeated in escapes.
    const path = percentDecode(pathname);
    const safe = withoutSecrets(path, secrets);
    return printable(`${protocol}//${host}${safe === path ? pathname : safe}`);
  } catch {
    return 'an invalid URL';
  }
}

/** `host:port` as in a URL; `the peer` where it has no address. */
export function placeOf(address: string | undefined, port: number | undefined): string {
  if (address === undefined || address === '') return 'the peer';
  const host = address.includes(':') ? `[${address}]` : address;
  return port === undefined || port === 0 ? host : `${host}:${port}`;
}
