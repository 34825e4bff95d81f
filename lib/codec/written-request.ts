import { QHttpHeaders } from '../network/qhttpheaders.ts';
import { QUrl } from '../network/qurl.ts';
import { splitList } from './header-list.ts';
import { HeadReader, type HeadLimits, type HeadSuccess } from './http-head.ts';
import { readRequestLine, type RequestLine } from './request-line.ts';
import { requestUrl } from './request-url.ts';

// Whatever has been read once can be read again.
const NO_LIMITS: HeadLimits = {
  maxFields: Infinity,
  maxFieldSize: Infinity,
  maxSize: Infinity,
  maxStartLine: Infinity,
  maxEmptyLines: 0,
};

interface Parts {
  readonly url: QUrl;
  readonly headers: QHttpHeaders;
  readonly subprotocols: readonly string[];
}

/**
 * What an open connection keeps of the request that it began with: its head as it was written.
 *
 * Few programs ask for more, and URL, headers and lists take five times the room. They are made when
 * the first of them is asked for.
 */
export class WrittenRequest {
  // The head, until somebody asks: it can have 800 KiB, and is not needed beside its parts.
  #content: string | Parts;
  readonly #isSecure: boolean;
  readonly #authority: string | undefined;

  /**
   * @param head of a request that was read without a fault, as Latin-1.
   * @param isSecure tells the scheme of {@link url}.
   * @param authority stands in the place of the Host header in {@link url}.
   */
  constructor(head: string, isSecure: boolean, authority?: string) {
    this.#content = head;
    this.#isSecure = isSecure;
    this.#authority = authority;
  }

  /** How many characters it keeps until somebody asks for its parts. */
  get size(): number {
    return typeof this.#content === 'string' ? this.#content.length : 0;
  }

  /** `ws` or `wss`, the Host header and the target; the target alone when it is a URL itself. */
  get url(): QUrl {
    return WrittenRequest.#partsOf(this).url;
  }

  /** The headers in their order; the names in lower case. */
  get headers(): QHttpHeaders {
    return WrittenRequest.#partsOf(this).headers;
  }

  /** The subprotocols that were asked for, in the client's order. */
  get subprotocols(): readonly string[] {
    return WrittenRequest.#partsOf(this).subprotocols;
  }

  static #partsOf(request: WrittenRequest): Parts {
    const content = request.#content;
    if (typeof content !== 'string') return content;
    const parts = readParts(content, request.#isSecure, request.#authority);
    request.#content = parts;
    return parts;
  }
}

function readParts(head: string, isSecure: boolean, authority: string | undefined): Parts {
  const result = new HeadReader(NO_LIMITS).push(Buffer.from(head, 'latin1'));
  const { startLine, fields } = (result as HeadSuccess).head;
  const headers = new QHttpHeaders();
  for (let i = 0; i + 1 < fields.length; i += 2) headers.append(fields[i]!, fields[i + 1]!);
  const { target } = readRequestLine(startLine) as RequestLine;
  return {
    headers,
    url: requestUrl(target, authority ?? headers.value('host'), isSecure) ?? new QUrl(),
    subprotocols: headers.values('sec-websocket-protocol').flatMap(splitList),
  };
}
