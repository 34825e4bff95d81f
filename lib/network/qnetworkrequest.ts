import { QHttpHeaders } from './qhttpheaders.ts';
import { QUrl } from './qurl.ts';

/** Header fields with a name of their own, as QNetworkRequest::KnownHeaders. @enum */
export const KnownHeaders = {
  /** `Content-Type` */
  ContentTypeHeader: 0,
  /** `Content-Length` */
  ContentLengthHeader: 1,
  /** `Location` */
  LocationHeader: 2,
  /** `Last-Modified` */
  LastModifiedHeader: 3,
  /** `Cookie` */
  CookieHeader: 4,
  /** `Set-Cookie` */
  SetCookieHeader: 5,
  /** `Content-Disposition` */
  ContentDispositionHeader: 6,
  /** `User-Agent` */
  UserAgentHeader: 7,
  /** `Server` */
  ServerHeader: 8,
  /** `If-Modified-Since` */
  IfModifiedSinceHeader: 9,
  /** `ETag` */
  ETagHeader: 10,
  /** `If-Match` */
  IfMatchHeader: 11,
  /** `If-None-Match` */
  IfNoneMatchHeader: 12,
  /** How many there are; no field. */
  NumKnownHeaders: 13,
} as const;
export type KnownHeaders = (typeof KnownHeaders)[keyof typeof KnownHeaders];

const KNOWN_NAMES: Readonly<Record<KnownHeaders, string>> = {
  0: 'content-type',
  1: 'content-length',
  2: 'location',
  3: 'last-modified',
  4: 'cookie',
  5: 'set-cookie',
  6: 'content-disposition',
  7: 'user-agent',
  8: 'server',
  9: 'if-modified-since',
  10: 'etag',
  11: 'if-match',
  12: 'if-none-match',
  13: '',
};

/** What a request wants besides, as QNetworkRequest::Attribute: the part that a QWebSocket reads. @enum */
export const RequestAttribute = {
  /** A boolean: whether a `wss:` connection may be HTTP/2 (RFC 8441), if the server wants to. */
  Http2AllowedAttribute: 19,
  /** A boolean: whether a `ws:` connection is HTTP/2 without asking the server first. */
  Http2DirectAttribute: 23,
} as const;
export type RequestAttribute = (typeof RequestAttribute)[keyof typeof RequestAttribute];

/** Tells the attributes of a request. */
export interface RequestAttributes {
  attribute(code: RequestAttribute, defaultValue?: unknown): unknown;
}

/**
 * A URL and the header fields to ask for it with, as QNetworkRequest: the part of it that a
 * QWebSocket reads.
 *
 * It is a value: what goes in and what comes out are copies. Names of fields are kept in lower
 * case.
 *
 * @see https://doc.qt.io/qt-6/qnetworkrequest.html
 */
export class QNetworkRequest {
  static readonly KnownHeaders: typeof KnownHeaders = KnownHeaders;
  static readonly ContentTypeHeader: 0 = KnownHeaders.ContentTypeHeader;
  static readonly ContentLengthHeader: 1 = KnownHeaders.ContentLengthHeader;
  static readonly LocationHeader: 2 = KnownHeaders.LocationHeader;
  static readonly LastModifiedHeader: 3 = KnownHeaders.LastModifiedHeader;
  static readonly CookieHeader: 4 = KnownHeaders.CookieHeader;
  static readonly SetCookieHeader: 5 = KnownHeaders.SetCookieHeader;
  static readonly ContentDispositionHeader: 6 = KnownHeaders.ContentDispositionHeader;
  static readonly UserAgentHeader: 7 = KnownHeaders.UserAgentHeader;
  static readonly ServerHeader: 8 = KnownHeaders.ServerHeader;
  static readonly IfModifiedSinceHeader: 9 = KnownHeaders.IfModifiedSinceHeader;
  static readonly ETagHeader: 10 = KnownHeaders.ETagHeader;
  static readonly IfMatchHeader: 11 = KnownHeaders.IfMatchHeader;
  static readonly IfNoneMatchHeader: 12 = KnownHeaders.IfNoneMatchHeader;
  static readonly NumKnownHeaders: 13 = KnownHeaders.NumKnownHeaders;
  static readonly Attribute: typeof RequestAttribute = RequestAttribute;
  static readonly Http2AllowedAttribute: 19 = RequestAttribute.Http2AllowedAttribute;
  static readonly Http2DirectAttribute: 23 = RequestAttribute.Http2DirectAttribute;

  #url: QUrl;
  #headers = new QHttpHeaders();
  #illegalHeaders: readonly string[] = [];
  #attributes: Readonly<Record<number, unknown>> = {};

  /** Makes a request for `url`, without header fields. */
  constructor(url: string | URL | QUrl = '') {
    this.#url = QUrl.from(url);
  }

  /** The URL; empty and invalid when none was given. */
  url(): QUrl {
    return this.#url.clone();
  }

  /** Replaces the URL. */
  setUrl(url: string | URL | QUrl): void {
    this.#url = QUrl.from(url);
  }

  /** Whether there is a field `name`, in any case. */
  hasRawHeader(name: string): boolean {
    return this.#headers.contains(name);
  }

  /**
   * The value of the field `name` as a Latin-1 string, one character for each byte; repeated fields
   * are joined by `", "`. '' when there is none (see {@link hasRawHeader}).
   */
  rawHeader(name: string): string {
    return this.#headers.combinedValue(name);
  }

  /** The names of the fields in lower case, each once, in the order in which they are sent. */
  rawHeaderList(): string[] {
    return [...new Set(Array.from(this.#headers, ([name]) => name))];
  }

  /**
   * Sets the field `name`: an old one is removed, the new one goes to the end. Bytes are sent as
   * they are; a string is sent as Latin-1, so text beyond U+00FF has to be encoded first.
   *
   * What cannot be a field (RFC 9110 §5.1, §5.5), such as a line break in the value, is not stored;
   * a QWebSocket refuses to open such a request.
   *
   * @returns this request, so that calls can be chained.
   */
  setRawHeader(name: string, value: string | Uint8Array): this {
    const text = typeof value === 'string' ? value : latin1(value);
    const key = name.toLowerCase();
    this.#headers.removeAll(key);
    this.#illegalHeaders = this.#illegalHeaders.filter((illegal) => illegal !== key);
    if (!this.#headers.append(key, text)) this.#illegalHeaders = [...this.#illegalHeaders, key];
    return this;
  }

  /** The text of a known field; '' when there is none. Unlike Qt's variant it is not parsed. */
  header(header: KnownHeaders): string {
    return this.rawHeader(KNOWN_NAMES[header]);
  }

  /**
   * Sets a known field as {@link setRawHeader} does. A date is written as RFC 9110 §5.6.7 wants it.
   *
   * @returns this request, so that calls can be chained.
   */
  setHeader(header: KnownHeaders, value: string | number | Date): this {
    const text = value instanceof Date ? value.toUTCString() : String(value);
    return this.setRawHeader(KNOWN_NAMES[header], text);
  }

  /** All fields in their order. */
  headers(): QHttpHeaders {
    return this.#headers.clone();
  }

  /** Replaces all fields. */
  setHeaders(headers: QHttpHeaders): void {
    this.#headers = headers.clone();
    this.#illegalHeaders = [];
  }

  /** What {@link setAttribute} has set; `defaultValue` when that is nothing. */
  attribute(code: RequestAttribute, defaultValue?: unknown): unknown {
    return this.#attributes[code] ?? defaultValue;
  }

  /** Sets an attribute; `null` or `undefined` for a value takes it back. */
  setAttribute(code: RequestAttribute, value: unknown): void {
    this.#attributes = { ...this.#attributes, [code]: value ?? undefined };
  }

  /**
   * The names of fields that {@link setRawHeader} could not store, in lower case. While there is
   * one, the request must not be sent: it would lack something that its author wanted.
   *
   * @internal
   */
  illegalHeaders(): readonly string[] {
    return this.#illegalHeaders;
  }

  /** Whether both have equal URLs, the same fields in the same order, and the same attributes. */
  equals(other: QNetworkRequest): boolean {
    return (
      this.#url.equals(other.#url) &&
      this.#headers.equals(other.#headers) &&
      Object.values(RequestAttribute).every((code) => {
        return this.attribute(code) === other.attribute(code);
      }) &&
      this.#illegalHeaders.length === other.#illegalHeaders.length &&
      this.#illegalHeaders.every((name, i) => name === other.#illegalHeaders[i])
    );
  }

  /** An independent copy. */
  clone(): QNetworkRequest {
    const copy = new QNetworkRequest(this.#url);
    copy.#headers = this.#headers.clone();
    copy.#illegalHeaders = this.#illegalHeaders;
    copy.#attributes = this.#attributes;
    return copy;
  }
}

/** `TextDecoder('latin1')` is none: it is windows-1252. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
