import { QHttpHeaders } from '../network/qhttpheaders.ts';
import { HandshakeFields } from './handshake-fields.ts';
import { hasToken, isToken, parseElement, splitList } from './header-list.ts';
import {
  hasLineBreak,
  headText,
  isFieldText,
  SERVER_HEAD_LIMITS,
  writeHead,
  type WrittenHead,
} from './http-head.ts';
import { isSubprotocolName } from './negotiation.ts';
import { badRequest, isRefusal, refuse, type Refusal } from './refusal.ts';
import { checkRequestLine, isVisible, readRequestLine } from './request-line.ts';
import { hostOf, isAbsolute, requestUrl } from './request-url.ts';
import { WrittenRequest } from './written-request.ts';

const WEBSOCKET_VERSION = 13;

// Lists of a request have a few elements; a head has room for 400,000.
const MAX_LIST_LENGTH = 256;

// 16 bytes in base64 (RFC 6455 §4.2.1). The bits behind them may be any: the key in §4.1 is AQIDBAUGBwgJCgsMDQ4PEC==.
const KEY = /^[A-Za-z0-9+/]{22}==$/;

// As QString::toUInt().
const MAX_VERSION_NUMBER = 0xffffffff;

/** Headers that are the handshake's own business and are not taken from a QNetworkRequest. */
const RESERVED: readonly string[] = [
  'upgrade',
  'connection',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-accept',
  // There is no body, and a server that believed in one would read frames as such.
  'content-length',
  'transfer-encoding',
];

/**
 * A client's opening handshake, as a server sees it (RFC 6455 §4.2.1).
 *
 * Stricter than Qt where RFC 6455, RFC 9110 and RFC 9112 are, and with an answer for each thing that is wrong. `Upgrade`
 * must be `websocket` alone, as in Qt.
 */
export class HandshakeRequest {
  /** All of it, for later. */
  readonly written: WrittenRequest;
  /** What is asked for, as written: a path, as a rule. */
  readonly target: string;
  readonly key: string;
  /** The version asked for. Whether it is 13 is for the caller: see {@link versionRefusal}. */
  readonly version: number;
  /** '' when there is no Origin header. */
  readonly origin: string;
  /** In the client's order. */
  readonly subprotocols: readonly string[];
  /** The elements of Sec-WebSocket-Extensions as written. */
  readonly extensions: readonly string[];
  /** The host that is asked for, in lower case, without port and brackets. */
  readonly host: string;

  private constructor(
    written: WrittenRequest,
    target: string,
    fields: HandshakeFields,
    host: string,
    version: number,
    subprotocols: readonly string[],
    extensions: readonly string[],
  ) {
    this.written = written;
    this.target = target;
    this.host = host;
    this.version = version;
    this.subprotocols = subprotocols;
    this.extensions = extensions;
    this.key = fields.key[0] ?? '';
    this.origin = fields.origin[0] ?? '';
  }

  /**
   * Reads a request head.
   *
   * @param isSecure tells the scheme of its URL.
   * @param authority a good one that counts in the place of that in the Host header.
   */
  static read(
    head: WrittenHead,
    isSecure: boolean,
    authority?: string,
  ): HandshakeRequest | Refusal {
    const line = readRequestLine(head.startLine);
    return isRefusal(line)
      ? line
      : HandshakeRequest.#fromFields(line.target, head.fields, head.text, isSecure, authority);
  }

  /**
   * Reads a request that has been taken apart already, such as one of node:http.
   *
   * @param httpVersion as in a request line: `HTTP/1.1`.
   * @param fields name, value, name, value, … as in `rawHeaders`.
   */
  static fromParts(
    method: string,
    target: string,
    httpVersion: string,
    fields: readonly string[],
    isSecure: boolean,
    authority?: string,
  ): HandshakeRequest | Refusal {
    const line = [method, target, httpVersion] as const;
    return HandshakeRequest.#fromParts(line, fields, isSecure, authority, true);
  }

  /**
   * Reads a request that asks for a stream of HTTP/2 (RFC 8441 §5), which has no upgrade and no key.
   *
   * @param target the value of `:path`.
   * @param authority the value of `:authority`.
   * @param fields name, value, name, value, … without those that begin with a colon.
   * @param forwarded a good authority that counts in the place of `authority`.
   */
  static fromStream(
    target: string,
    authority: string,
    fields: readonly string[],
    isSecure: boolean,
    forwarded?: string,
  ): HandshakeRequest | Refusal {
    // A Host beside it must not name another one (RFC 9113 §8.3.1).
    const others = new HandshakeFields(fields).host;
    if (others.some((host) => host.toLowerCase() !== authority.toLowerCase())) {
      return badRequest('The Host header is not that of the request.');
    }
    const withHost = others.length === 0 ? ['host', authority, ...fields] : fields;
    const line = ['GET', target, 'HTTP/2.0'] as const;
    return HandshakeRequest.#fromParts(line, withHost, isSecure, forwarded, false);
  }

  static #fromParts(
    line: readonly [method: string, target: string, httpVersion: string],
    fields: readonly string[],
    isSecure: boolean,
    forwarded: string | undefined,
    isUpgrade: boolean,
  ): HandshakeRequest | Refusal {
    const [method, target, httpVersion] = line;
    const wrongLine = checkRequestLine(method, target, httpVersion);
    if (wrongLine !== undefined) return wrongLine;
    const { maxFields } = SERVER_HEAD_LIMITS;
    // Of more than it is told to keep, node:http says nothing: two hosts would look like one.
    if (fields.length > 2 * maxFields) {
      const detail = `There are more than ${maxFields} header fields.`;
      return refuse(431, 'Request Header Fields Too Large', detail);
    }
    const headers = new QHttpHeaders();
    for (let i = 0; i + 1 < fields.length; i += 2) {
      if (!headers.append(fields[i]!, fields[i + 1]!)) {
        return badRequest('A header has a name or a value that HTTP does not allow.');
      }
    }
    const checked = [...headers].flat();
    const text = headText(`${method} ${target} ${httpVersion}`, checked);
    return HandshakeRequest.#fromFields(target, checked, text, isSecure, forwarded, isUpgrade);
  }

  static #fromFields(
    target: string,
    list: readonly string[],
    text: string,
    isSecure: boolean,
    forwarded: string | undefined,
    isUpgrade = true,
  ): HandshakeRequest | Refusal {
    const fields = new HandshakeFields(list);
    if (fields.host.length > 1) return badRequest('There is more than one Host header.');
    const ownHost = hostOf(fields.host[0] ?? '');
    if (ownHost === undefined) return badRequest('There is no valid Host header.');
    const authority = forwarded ?? fields.host[0]!;
    const host = forwarded === undefined ? ownHost : (hostOf(forwarded) ?? ownHost);
    // A path behind a good host is always good, unless it is too long.
    const mayBeNoUrl = isAbsolute(target) || target.length > SERVER_HEAD_LIMITS.maxStartLine;
    if (mayBeNoUrl && requestUrl(target, authority, isSecure) === undefined) {
      return badRequest('The request target is no valid URL.');
    }

    const wrongField = checkFields(fields) ?? (isUpgrade ? checkUpgrade(fields) : undefined);
    if (wrongField !== undefined) return wrongField;

    const version = readVersion(combined(fields.version));
    if (version === undefined) {
      return badRequest('The Sec-WebSocket-Version header has no valid value.', VERSION_HEADER);
    }
    const subprotocols = elementsOf(fields.protocol);
    const extensions = elementsOf(fields.extensions);
    if (subprotocols.length > MAX_LIST_LENGTH || extensions.length > MAX_LIST_LENGTH) {
      return badRequest('Too many subprotocols or extensions are asked for.');
    }
    if (!subprotocols.every(isSubprotocolName)) {
      return badRequest('The Sec-WebSocket-Protocol header names what is no subprotocol.');
    }
    if (!extensions.every(isExtension)) {
      return badRequest('The Sec-WebSocket-Extensions header is malformed.');
    }
    const written = new WrittenRequest(text, isSecure, forwarded);
    return new HandshakeRequest(written, target, fields, host, version, subprotocols, extensions);
  }
}

const VERSION_HEADER: readonly string[] = ['Sec-WebSocket-Version', String(WEBSOCKET_VERSION)];

/** The answer to a request whose {@link HandshakeRequest.version} is not 13 (RFC 6455 §4.2.2, RFC 9110 §15.5.22). */
export function versionRefusal(): Refusal {
  return {
    ...upgradeRequired(`Only WebSocket version ${WEBSOCKET_VERSION} is supported.`),
    kind: 'version',
  };
}

/** What goes into a client's opening handshake. */
export interface ClientHandshake {
  /** Path and query, percent-encoded, with the first slash. */
  readonly resourceName: string;
  /** Value of the Host header: host and, if the URL names it, port; in Punycode, IPv6 in brackets. */
  readonly host: string;
  /** 16 bytes in base64 (RFC 6455 §4.1). */
  readonly key: string;
  /** '' for no Origin header. */
  readonly origin: string;
  /** The names to ask for, those of a raw Sec-WebSocket-Protocol header included. */
  readonly subprotocols: readonly string[];
  /** Value of Sec-WebSocket-Extensions; '' or nothing for none. */
  readonly extensions?: string;
  /**
   * The headers of the QNetworkRequest, written after ours. Its Host and Origin stand in place of ours; those that
   * {@link reservedHeaders} names, and Sec-WebSocket-Protocol, are left out.
   */
  readonly headers: QHttpHeaders | undefined;
  /** The answer to a 401, in place of an Authorization header in `headers`. */
  readonly authorization?: string;
}

/**
 * The bytes of the upgrade request (RFC 6455 §4.1), its headers in Qt's order.
 *
 * Characters above U+00FF become `?`.
 *
 * @returns a sentence instead when a part holds a line break or another control character, or the resource name is
 * empty or has white space.
 */
export function writeHandshakeRequest(handshake: ClientHandshake): Buffer | string {
  const { resourceName, host, key, headers } = handshake;
  const fields = ['Host', headers?.value('host', host) ?? host];
  fields.push('Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', key);
  const fault = addHandshakeFields(fields, handshake);
  return fault ?? writeHead(`GET ${resourceName} HTTP/1.1`, fields);
}

/**
 * Adds to `fields` those of a client's handshake that are the same in all versions of HTTP.
 *
 * @returns what is wrong with the handshake or with `fields`, as a sentence.
 */
export function addHandshakeFields(
  fields: string[],
  handshake: Omit<ClientHandshake, 'key'>,
): string | undefined {
  const { resourceName, host, origin, subprotocols, headers, authorization } = handshake;
  const { extensions = '' } = handshake;
  if (hasLineBreak(resourceName)) return attackIn('The resource name');
  if (!isVisible(resourceName)) return 'The resource name is empty or contains white space.';
  if (hasLineBreak(host)) return attackIn('The hostname');
  if (hasLineBreak(origin)) return attackIn('The origin');

  if (origin !== '') fields.push('Origin', headers?.value('origin', origin) ?? origin);
  fields.push(...VERSION_HEADER);
  if (extensions !== '') fields.push('Sec-WebSocket-Extensions', extensions);
  if (subprotocols.length > 0) fields.push('Sec-WebSocket-Protocol', subprotocols.join(', '));

  const written = new Set([...RESERVED, 'host', 'sec-websocket-protocol']);
  if (origin !== '') written.add('origin');
  if (authorization !== undefined) written.add('authorization');
  for (const [name, value] of headers ?? []) {
    if (written.has(name)) continue;
    // Two of them would not be one request to every server (RFC 6454 §7.3).
    if (name === 'origin') written.add(name);
    fields.push(name, value);
  }
  if (authorization !== undefined) fields.push('Authorization', authorization);

  if (fields.some(hasLineBreak)) return attackIn('A header');
  return fields.every(isFieldText) ? undefined : 'A header contains control characters.';
}

/** The names in `headers`, each once, that {@link writeHandshakeRequest} leaves out. */
export function reservedHeaders(headers: QHttpHeaders): string[] {
  return RESERVED.filter((name) => headers.contains(name));
}

function checkFields(fields: HandshakeFields): Refusal | undefined {
  if (hasBody(fields)) return badRequest('A request that opens a WebSocket has no body.');
  if (fields.origin.length > 1) return badRequest('There is more than one Origin header.');
  if (fields.key.length > 1) {
    return badRequest('There is more than one Sec-WebSocket-Key header.');
  }
  return undefined;
}

function checkUpgrade(fields: HandshakeFields): Refusal | undefined {
  // Without its name in Connection, an Upgrade header counts for nothing (RFC 9110 §7.8).
  const upgrade = combined(fields.upgrade).toLowerCase();
  if (upgrade !== 'websocket' || !hasToken(fields.connection, 'upgrade')) {
    return upgradeRequired('This is a WebSocket server: the request must ask for an upgrade.');
  }
  const key = fields.key[0];
  if (key === undefined) return badRequest('There is no Sec-WebSocket-Key header.');
  if (!KEY.test(key)) {
    return badRequest('The Sec-WebSocket-Key header is not 16 bytes in base64.');
  }
  return undefined;
}

/** Whether an element of Sec-WebSocket-Extensions has the form of RFC 6455 §9.1: in quotes, too, stand tokens. */
function isExtension(element: string): boolean {
  const parameters = parseElement(element)?.parameters;
  return parameters?.every(({ value }) => value === undefined || isToken(value)) ?? false;
}

/** Whether a body is announced, or it is not clear that there is none (RFC 9112 §6.3). */
function hasBody({ contentLength, transferEncoding }: HandshakeFields): boolean {
  const isEmpty =
    contentLength.length === 0 || (contentLength.length === 1 && /^0+$/.test(contentLength[0]!));
  return !isEmpty || transferEncoding.length > 0;
}

/** The values of a field as one list (RFC 9110 §5.3). */
function combined(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : values.join(', ');
}

/** The elements of all lists. */
function elementsOf(lists: readonly string[]): readonly string[] {
  return lists.length === 0 ? lists : lists.flatMap(splitList);
}

/** One decimal number without a sign or leading zeros (RFC 6455 §4.3); other texts are none. */
function readVersion(text: string): number | undefined {
  if (!/^(?:0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const version = Number(text);
  return version <= MAX_VERSION_NUMBER ? version : undefined;
}

function attackIn(part: string): string {
  return `${part} contains newlines. Possible attack detected.`;
}

function upgradeRequired(detail: string): Refusal {
  const headers = ['Upgrade', 'websocket', ...VERSION_HEADER];
  return refuse(426, 'Upgrade Required', detail, headers);
}
