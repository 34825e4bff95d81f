import { formatIPv6, parseIPv4, parseIPv6 } from './ip-address.ts';
import { asciiSet, percentDecode, percentDecodePretty, percentEncode } from './percent-encoding.ts';

/** Longer texts are no valid URL: 1 MiB, in UTF-16 code units. */
const MAX_LENGTH = 1024 * 1024;

/** RFC 1035 §2.3.4. */
const MAX_LABEL_LENGTH = 63;
const MAX_HOST_LENGTH = 255;

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const IP_FUTURE = /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+$/;
const ZONE = /^[A-Za-z0-9._~-]{1,64}$/;
const LAST_LABEL_IS_NUMBER = /(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?$/;

const IN_USER_NAME = asciiSet("!$&'()*+,;=");
const IN_PASSWORD = asciiSet("!$&'()*+,;=:");
// Brackets are no `pchar`, but Qt and browsers leave them: `?id[]=1`.
const IN_PATH = asciiSet("!$&'()*+,;=:@/[]");
const IN_QUERY = asciiSet("!$&'()*+,;=:@/?[]");
const IN_ZONE = asciiSet('');

/**
 * How a part of a URL is given out, as QUrl::ComponentFormattingOption.
 *
 * - `PrettyDecoded`: readable, with the escapes that carry meaning left in place.
 * - `FullyEncoded`: as it goes over the wire, ASCII only.
 * - `FullyDecoded`: every escape decoded; the text cannot be put back into a URL.
 *
 * @enum
 */
export const ComponentFormattingOption = {
  PrettyDecoded: 0,
  FullyEncoded: 0x01f00000,
  FullyDecoded: 0x07f00000,
} as const;
export type ComponentFormattingOption =
  (typeof ComponentFormattingOption)[keyof typeof ComponentFormattingOption];

/**
 * A URL, as QUrl (RFC 3986): a value that also shows what the platform's `URL` forgets — invalid
 * and empty URLs, an explicit default port, an empty path.
 *
 * Parsing never throws. Characters that a URL cannot hold are percent-encoded (UTF-8), escapes stay
 * as they are, and dot segments are not resolved. A URL is invalid when it is empty, longer than
 * 1 MiB, or has a broken scheme, host, port or combination of parts; {@link errorString} says which.
 * An invalid URL has no text.
 *
 * Differences from Qt: an internationalised host is given out in Punycode, and escapes of
 * unreserved characters (`%41`) are not normalised.
 *
 * @see https://doc.qt.io/qt-6/qurl.html
 */
export class QUrl {
  static readonly ComponentFormattingOption: typeof ComponentFormattingOption =
    ComponentFormattingOption;
  static readonly PrettyDecoded: 0 = ComponentFormattingOption.PrettyDecoded;
  static readonly FullyEncoded: 0x01f00000 = ComponentFormattingOption.FullyEncoded;
  static readonly FullyDecoded: 0x07f00000 = ComponentFormattingOption.FullyDecoded;

  // Every part is kept encoded; undefined means that its separator is missing too.
  #scheme = '';
  #userName: string | undefined;
  #password: string | undefined;
  #host: string | undefined;
  #port = -1;
  #path = '';
  #query: string | undefined;
  #fragment: string | undefined;
  #fault = '';

  /** Parses `url`; without it, makes an empty URL. */
  constructor(url = '') {
    this.setUrl(url);
  }

  /** A QUrl of its own from any of the three forms in which an address is given. */
  static from(value: string | URL | QUrl): QUrl {
    if (value instanceof QUrl) return value.clone();
    return new QUrl(typeof value === 'string' ? value : value.href);
  }

  /** Parses the text of {@link toEncoded}. */
  static fromEncoded(url: string): QUrl {
    return new QUrl(url);
  }

  /** Whether the URL is neither empty nor broken. */
  isValid(): boolean {
    return this.#problem() === '' && !this.isEmpty();
  }

  /** Whether no part is there at all. */
  isEmpty(): boolean {
    return this.#fault === '' && this.#compose((part) => part) === '';
  }

  /** Whether there is no scheme. */
  isRelative(): boolean {
    return this.#scheme === '';
  }

  /** Why the URL is invalid, as a sentence; '' for a valid or an empty one. */
  errorString(): string {
    return this.#problem();
  }

  /** The scheme in lower case, without the colon; '' when there is none. */
  scheme(): string {
    return this.#scheme;
  }

  /**
   * The host in lower case and Punycode, IPv6 addresses without brackets; '' when there is none.
   */
  host(): string {
    const host = this.#host ?? '';
    return host.startsWith('[') ? percentDecode(host.slice(1, -1)) : host;
  }

  /** The port that the URL names, 0 to 65535; `defaultPort` when it names none. */
  port(defaultPort = -1): number {
    return this.#port < 0 ? defaultPort : this.#port;
  }

  /** The path with its first slash; '' when there is none. */
  path(options: ComponentFormattingOption = ComponentFormattingOption.FullyDecoded): string {
    return formatted(this.#path, options);
  }

  /** The query without its question mark; '' when it is missing or empty (see {@link hasQuery}). */
  query(options: ComponentFormattingOption = ComponentFormattingOption.PrettyDecoded): string {
    return formatted(this.#query ?? '', options);
  }

  /** Whether there is a question mark, even with nothing behind it. */
  hasQuery(): boolean {
    return this.#query !== undefined;
  }

  /**
   * The fragment without its number sign; '' when it is missing or empty (see {@link hasFragment}).
   */
  fragment(options: ComponentFormattingOption = ComponentFormattingOption.PrettyDecoded): string {
    return formatted(this.#fragment ?? '', options);
  }

  /** Whether there is a number sign, even with nothing behind it. */
  hasFragment(): boolean {
    return this.#fragment !== undefined;
  }

  /** The user name; '' when there is none. */
  userName(options: ComponentFormattingOption = ComponentFormattingOption.FullyDecoded): string {
    return formatted(this.#userName ?? '', options);
  }

  /** The password; '' when there is none. */
  password(options: ComponentFormattingOption = ComponentFormattingOption.FullyDecoded): string {
    return formatted(this.#password ?? '', options);
  }

  /** `user:password`, or as much of it as there is. */
  userInfo(options: ComponentFormattingOption = ComponentFormattingOption.PrettyDecoded): string {
    return this.#composeUserInfo((part) => formatted(part, options));
  }

  /** `user:password@host:port`, or as much of it as there is. */
  authority(options: ComponentFormattingOption = ComponentFormattingOption.PrettyDecoded): string {
    return this.#composeAuthority((part) => formatted(part, options));
  }

  /**
   * The whole URL in readable form; '' when it is invalid. Parsed again it gives an equivalent URL.
   */
  toString(): string {
    return this.isValid() ? this.#compose(percentDecodePretty) : '';
  }

  /** The same as {@link toString}. */
  url(): string {
    return this.toString();
  }

  /** The whole URL in ASCII, as it goes over the wire; '' when it is invalid. */
  toEncoded(): string {
    return this.isValid() ? this.#compose((part) => part) : '';
  }

  /**
   * The platform's `URL`, which drops default ports and resolves dot segments.
   *
   * @throws TypeError when this URL is invalid or relative, or has a host that `URL` does not know
   * (a zone).
   */
  toURL(): URL {
    return new URL(this.toEncoded());
  }

  /** The text that `JSON.stringify()` writes: {@link toEncoded}. */
  toJSON(): string {
    return this.toEncoded();
  }

  /** Replaces the whole URL. A text that cannot be parsed leaves an invalid URL without parts. */
  setUrl(url: string): void {
    this.#clear();
    this.#fault = url.length > MAX_LENGTH ? 'The URL is too long.' : this.#parse(url);
    if (this.#fault !== '') this.#clearParts();
  }

  /** Sets the scheme, in any case; '' removes it. A broken one makes the URL invalid. */
  setScheme(scheme: string): void {
    const isScheme = scheme === '' || SCHEME.test(scheme);
    this.#scheme = isScheme ? scheme.toLowerCase() : '';
    this.#fault = isScheme ? '' : 'Invalid scheme.';
  }

  /**
   * Sets user name, password, host and port from their written form; '' removes them.
   * A broken one makes the URL invalid.
   */
  setAuthority(authority: string): void {
    this.#clearAuthority();
    this.#fault = authority === '' ? '' : this.#parseAuthority(authority);
    if (this.#fault !== '') this.#clearAuthority();
  }

  /**
   * Sets the host: a name, an IPv4 or an IPv6 address, the last with or without brackets; ''
   * empties it.
   */
  setHost(host: string): void {
    const isBare = host.includes(':') && !host.startsWith('[');
    const parsed = parseHost(isBare ? `[${host}]` : host);
    this.#host = parsed.host;
    this.#fault = parsed.fault;
  }

  /** Sets the port, 0 to 65535; -1 removes it. Any other number makes the URL invalid. */
  setPort(port: number): void {
    const isPort = Number.isInteger(port) && port >= -1 && port <= 65535;
    this.#port = isPort ? port : -1;
    this.#fault = isPort ? '' : INVALID_PORT;
    if (this.#port >= 0) this.#host ??= '';
  }

  /** Sets the path from its decoded form: a percent sign is taken literally, as in Qt. */
  setPath(path: string): void {
    this.#path = percentEncode(path, IN_PATH, false);
    this.#fault = '';
  }

  /** Sets the query, without its question mark; escapes in a string stay. `null` removes it. */
  setQuery(query: string | URLSearchParams | null): void {
    this.#query = query === null ? undefined : percentEncode(String(query), IN_QUERY, true);
    this.#fault = '';
  }

  /** Sets the fragment, without its number sign; escapes stay. `null` removes it. */
  setFragment(fragment: string | null): void {
    this.#fragment = fragment === null ? undefined : percentEncode(fragment, IN_QUERY, true);
    this.#fault = '';
  }

  /** Sets the user name from its decoded form. `null` removes it. */
  setUserName(userName: string | null): void {
    this.#userName = userName === null ? undefined : percentEncode(userName, IN_USER_NAME, false);
    this.#host ??= userName === null ? undefined : '';
    this.#fault = '';
  }

  /** Sets the password from its decoded form. `null` removes it. */
  setPassword(password: string | null): void {
    this.#password = password === null ? undefined : percentEncode(password, IN_PASSWORD, false);
    this.#host ??= password === null ? undefined : '';
    this.#fault = '';
  }

  /** Makes this an empty URL. */
  clear(): void {
    this.#clear();
  }

  /** Whether both have the same parts, written in the same way, and are both valid or both not. */
  equals(other: QUrl): boolean {
    const same = (part: string): string => part;
    return this.#fault === other.#fault && this.#compose(same) === other.#compose(same);
  }

  /** An independent copy. */
  clone(): QUrl {
    const copy = new QUrl();
    copy.#scheme = this.#scheme;
    copy.#userName = this.#userName;
    copy.#password = this.#password;
    copy.#host = this.#host;
    copy.#port = this.#port;
    copy.#path = this.#path;
    copy.#query = this.#query;
    copy.#fragment = this.#fragment;
    copy.#fault = this.#fault;
    return copy;
  }

  /** Takes `text` apart (RFC 3986 appendix B). Returns what is wrong with it, or ''. */
  #parse(text: string): string {
    let rest = text;

    const hash = rest.indexOf('#');
    if (hash >= 0) {
      this.#fragment = percentEncode(rest.slice(hash + 1), IN_QUERY, true);
      rest = rest.slice(0, hash);
    }
    const question = rest.indexOf('?');
    if (question >= 0) {
      this.#query = percentEncode(rest.slice(question + 1), IN_QUERY, true);
      rest = rest.slice(0, question);
    }
    const colon = rest.indexOf(':');
    if (colon > 0 && SCHEME.test(rest.slice(0, colon))) {
      this.#scheme = rest.slice(0, colon).toLowerCase();
      rest = rest.slice(colon + 1);
    }
    if (rest.startsWith('//')) {
      const slash = rest.indexOf('/', 2);
      const end = slash < 0 ? rest.length : slash;
      const fault = this.#parseAuthority(rest.slice(2, end));
      if (fault !== '') return fault;
      rest = rest.slice(end);
    }
    this.#path = percentEncode(rest, IN_PATH, true);
    return this.#problem();
  }

  #parseAuthority(text: string): string {
    // The platform's URL and browsers take it for a slash: with `ws://a\@b` they go to a, others to b.
    if (text.includes('\\')) return INVALID_HOST;
    let rest = text;

    // The first "@" ends the user info: a second one is then in the host, where it is refused, so
    // that no two readers of the URL can take different hosts out of it.
    const at = rest.indexOf('@');
    if (at >= 0) {
      const userInfo = rest.slice(0, at);
      const colon = userInfo.indexOf(':');
      const nameEnd = colon < 0 ? at : colon;
      this.#userName = percentEncode(userInfo.slice(0, nameEnd), IN_USER_NAME, true);
      if (colon >= 0) {
        this.#password = percentEncode(userInfo.slice(colon + 1), IN_PASSWORD, true);
      }
      rest = rest.slice(at + 1);
    }

    const colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf(']')) {
      const digits = rest.slice(colon + 1);
      if (!/^[0-9]*$/.test(digits) || Number(digits) > 65535) return INVALID_PORT;
      this.#port = digits === '' ? -1 : Number(digits);
      rest = rest.slice(0, colon);
    }

    const parsed = parseHost(rest);
    this.#host = parsed.host;
    return parsed.fault;
  }

  #problem(): string {
    if (this.#fault !== '') return this.#fault;
    if (this.#host !== undefined) {
      const needsHost = this.#port >= 0 || this.#userName !== undefined;
      if (this.#host === '' && (needsHost || this.#password !== undefined)) {
        return 'A user name or a port is given without a host.';
      }
      if (this.#path !== '' && !this.#path.startsWith('/')) {
        return 'Path component is relative and authority is present.';
      }
      return '';
    }
    if (this.#path.startsWith('//')) {
      return "Path component starts with '//' and authority is absent.";
    }
    const slash = this.#path.indexOf('/');
    const colon = this.#path.indexOf(':');
    if (this.#scheme === '' && colon >= 0 && (slash < 0 || colon < slash)) {
      return "Relative URL's path component contains ':' before any '/'.";
    }
    return '';
  }

  #compose(format: (part: string) => string): string {
    let text = this.#scheme === '' ? '' : `${this.#scheme}:`;
    if (this.#host !== undefined) text += `//${this.#composeAuthority(format)}`;
    text += format(this.#path);
    if (this.#query !== undefined) text += `?${format(this.#query)}`;
    if (this.#fragment !== undefined) text += `#${format(this.#fragment)}`;
    return text;
  }

  #composeAuthority(format: (part: string) => string): string {
    let text = this.#composeUserInfo(format);
    if (this.#userName !== undefined || this.#password !== undefined) text += '@';
    text += this.#host ?? '';
    if (this.#port >= 0) text += `:${this.#port}`;
    return text;
  }

  #composeUserInfo(format: (part: string) => string): string {
    const name = format(this.#userName ?? '');
    return this.#password === undefined ? name : `${name}:${format(this.#password)}`;
  }

  #clear(): void {
    this.#clearParts();
    this.#fault = '';
  }

  #clearParts(): void {
    this.#scheme = '';
    this.#clearAuthority();
    this.#path = '';
    this.#query = undefined;
    this.#fragment = undefined;
  }

  #clearAuthority(): void {
    this.#userName = undefined;
    this.#password = undefined;
    this.#host = undefined;
    this.#port = -1;
  }
}

const INVALID_PORT = 'Invalid port or port number out of range.';
const INVALID_HOST = 'Invalid hostname (contains invalid characters).';
const INVALID_IPV6 = 'Invalid IPv6 address.';

interface ParsedHost {
  /** As it stands in the URL; '' when it is broken. */
  readonly host: string;
  readonly fault: string;
}

function formatted(part: string, options: ComponentFormattingOption): string {
  if (options === ComponentFormattingOption.FullyEncoded) return part;
  if (options === ComponentFormattingOption.FullyDecoded) return percentDecode(part);
  return percentDecodePretty(part);
}

function parseHost(text: string): ParsedHost {
  if (text === '') return { host: '', fault: '' };
  if (text.startsWith('[')) return parseLiteral(text);
  const host = parseName(text);
  return { host, fault: host === '' ? INVALID_HOST : '' };
}

/**
 * `[…]`: an IPv6 address, perhaps with a zone (RFC 6874), or what RFC 3986 keeps for later
 * versions.
 */
function parseLiteral(text: string): ParsedHost {
  if (text.length > MAX_HOST_LENGTH) return { host: '', fault: INVALID_IPV6 };
  if (!text.endsWith(']')) return { host: '', fault: "Expected ']' to match '[' in hostname." };
  const literal = text.slice(1, -1);
  if (IP_FUTURE.test(literal)) return { host: `[${literal.toLowerCase()}]`, fault: '' };

  const percent = literal.indexOf('%');
  const bytes = parseIPv6(percent < 0 ? literal : literal.slice(0, percent));
  if (bytes === undefined) return { host: '', fault: INVALID_IPV6 };
  if (percent < 0) return { host: `[${formatIPv6(bytes)}]`, fault: '' };

  // "%25eth0" is the standard's form, "%eth0" what people type.
  const behind = literal.slice(percent + 1);
  const zone = behind.startsWith('25') && behind.length > 2 ? behind.slice(2) : behind;
  if (!ZONE.test(zone)) return { host: '', fault: INVALID_IPV6 };
  return { host: `[${formatIPv6(bytes)}%25${percentEncode(zone, IN_ZONE, false)}]`, fault: '' };
}

/** A registered name or an IPv4 address; '' when it is neither. */
function parseName(text: string): string {
  if (text.length > 4 * MAX_HOST_LENGTH) return '';
  const name = percentDecode(text);
  // What the platform's parser would drop (line breaks) or take as the host's end must not reach
  // it.
  if (!/^[A-Za-z0-9._\u0080-\uffff-]+$/.test(name)) return '';
  if (parseIPv4(name) !== undefined) return name;
  const needsPlatform = /[^ -~]/.test(name) || LAST_LABEL_IS_NUMBER.test(name);
  const ascii = needsPlatform ? platformHost(name) : name.toLowerCase();
  return isHostName(ascii) ? ascii : '';
}

/** Punycode, and the one form of IPv4 addresses that are written in another ("127.1"). */
function platformHost(name: string): string {
  try {
    return new URL(`ws://${name}/`).hostname;
  } catch {
    // Numbers that are no address are a name that nobody has registered, as in Qt.
    return name.toLowerCase();
  }
}

/** Labels of letters, digits, "-" and "_", none of them empty but the root's. */
function isHostName(host: string): boolean {
  if (host.length > MAX_HOST_LENGTH) return false;
  const labels = host.split('.');
  if (labels.length > 1 && labels.at(-1) === '') labels.pop();
  return labels.every(
    (label) =>
      label.length <= MAX_LABEL_LENGTH && /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label),
  );
}
