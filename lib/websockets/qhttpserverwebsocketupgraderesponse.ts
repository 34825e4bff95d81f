import { toBytes, type Bytes } from './bytes.ts';

/** What a verifier may answer, as QHttpServerWebSocketUpgradeResponse::ResponseType. @enum */
export const ResponseType = {
  /** Open the WebSocket. */
  Accept: 0,
  /** Refuse it. */
  Deny: 1,
  /** Ask the next verifier. */
  PassToNext: 2,
} as const;
export type ResponseType = (typeof ResponseType)[keyof typeof ResponseType];

/** Headers of an answer: an object, a Map, a QHttpHeaders or any other list of pairs. */
export type HeaderList =
  Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** What an answer that accepts says besides (not in Qt). */
export interface AcceptOptions {
  /**
   * The subprotocol of the connection: one that the client offers (RFC 6455 §4.2.2), or '' for none.
   * Without it, the server chooses from its supported ones.
   */
  readonly subprotocol?: string | undefined;
  /** Further headers. Those of the handshake, of framing, Server and Date are left out. */
  readonly headers?: HeaderList | undefined;
}

/** What an answer that denies says besides (not in Qt). */
export interface DenyOptions {
  /** Further headers. Those of framing, Connection, Upgrade, Server and Date are left out. */
  readonly headers?: HeaderList | undefined;
  /** In place of the message: text as UTF-8, or bytes. It is plain text unless a header says otherwise. */
  readonly body?: string | Bytes | undefined;
}

const FORBIDDEN = 403;

/**
 * What a verifier answers to a request for a WebSocket.
 *
 * @see https://doc.qt.io/qt-6/qhttpserverwebsocketupgraderesponse.html
 */
export class QHttpServerWebSocketUpgradeResponse {
  static readonly ResponseType: typeof ResponseType = ResponseType;

  readonly #type: ResponseType;
  readonly #status: number;
  readonly #message: string;
  readonly #headers: readonly (readonly [name: string, value: string])[];
  readonly #subprotocol: string | undefined;
  readonly #body: string | Uint8Array | undefined;

  private constructor(
    type: ResponseType,
    status: number,
    message: string,
    { headers = [], subprotocol, body }: AcceptOptions & DenyOptions = {},
  ) {
    this.#type = type;
    this.#status = status;
    this.#message = message;
    this.#headers = pairsOf(headers);
    this.#subprotocol = subprotocol;
    this.#body = body === undefined || typeof body === 'string' ? body : toBytes(body);
  }

  /** Opens the WebSocket. */
  static accept(options: AcceptOptions = {}): QHttpServerWebSocketUpgradeResponse {
    return new QHttpServerWebSocketUpgradeResponse(
      ResponseType.Accept,
      FORBIDDEN,
      messageFor(FORBIDDEN),
      options,
    );
  }

  /**
   * Refuses it: with 403 and "Forbidden" unless more is said.
   *
   * @param status from 300 to 599; not 304, which belongs to a cache.
   * @param message for people: the reason in the status line, without control characters and cut off
   * after 120 characters, and the body unless `options` have one. '' for that of HTTP and no body.
   * @throws RangeError for another status, TypeError for headers or a body of other types.
   */
  static deny(
    status: number = FORBIDDEN,
    message: string = messageFor(status),
    options: DenyOptions = {},
  ): QHttpServerWebSocketUpgradeResponse {
    if (!Number.isInteger(status) || status < 300 || status > 599 || status === 304) {
      throw new RangeError(`A request cannot be denied with status ${status}.`);
    }
    return new QHttpServerWebSocketUpgradeResponse(ResponseType.Deny, status, message, options);
  }

  /** Leaves the decision to the next verifier. When all do, the client is answered with 404. */
  static passToNext(): QHttpServerWebSocketUpgradeResponse {
    return new QHttpServerWebSocketUpgradeResponse(
      ResponseType.PassToNext,
      FORBIDDEN,
      messageFor(FORBIDDEN),
    );
  }

  /** Which of the three it is. */
  type(): ResponseType {
    return this.#type;
  }

  /** The status of HTTP to deny with; 403 for the other types, as in Qt. */
  denyStatus(): number {
    return this.#status;
  }

  /** The message to deny with; "Forbidden" for the other types, as in Qt. */
  denyMessage(): string {
    return this.#message;
  }

  /** The subprotocol to accept with (not in Qt); undefined to have the server choose. */
  subprotocol(): string | undefined {
    return this.#subprotocol;
  }

  /** The further headers as they were given (not in Qt). */
  headers(): (readonly [name: string, value: string])[] {
    return [...this.#headers];
  }

  /** The body to deny with (not in Qt); undefined for the message. */
  body(): string | Uint8Array | undefined {
    return this.#body;
  }
}

/** @throws TypeError for values that are no text. */
function pairsOf(headers: HeaderList): (readonly [name: string, value: string])[] {
  const isList = Symbol.iterator in headers;
  const pairs = isList ? [...headers] : Object.entries(headers);
  for (const [name, value] of pairs) {
    if (typeof name !== 'string' || typeof value !== 'string') {
      throw new TypeError(`The header "${name}" is no text.`);
    }
  }
  return pairs;
}

function messageFor(status: number): string {
  return status === FORBIDDEN ? 'Forbidden' : '';
}
