import { toBytes, type Bytes } from './bytes.ts';
import type { SendOptions } from './compression-options.ts';
import type { PreparedContent } from './socket-backend.ts';

/**
 * A message for any number of sockets, in any number of sendings: encoded, compressed and framed
 * once (not in Qt).
 *
 * It does not change. What was made for it is kept as long as the message is.
 *
 * @see {@link QWebSocketBase.sendPreparedMessage}, {@link QWebSocketServerBase.broadcastPreparedMessage}
 */
export class QWebSocketPreparedMessage {
  /** @internal */
  readonly '~content': PreparedContent;

  private constructor(
    text: string | undefined,
    data: Uint8Array,
    options: SendOptions | undefined,
  ) {
    this['~content'] = { text, data, compress: options?.compress, form: undefined };
  }

  /**
   * Prepares a text message.
   *
   * @param options as for `sendTextMessage()`.
   */
  static fromText(message: string, options?: SendOptions): QWebSocketPreparedMessage {
    if (typeof message !== 'string') throw new TypeError('Expected a string.');
    const data = new TextEncoder().encode(message);
    return new QWebSocketPreparedMessage(message, data, options);
  }

  /**
   * Prepares a binary message from a copy of `data`.
   *
   * @param options as for `sendBinaryMessage()`.
   */
  static fromBinary(data: Bytes, options?: SendOptions): QWebSocketPreparedMessage {
    const copy = new Uint8Array(toBytes(data));
    return new QWebSocketPreparedMessage(undefined, copy, options);
  }

  /** Whether it is a text message; otherwise it is a binary one. */
  isText(): boolean {
    return this['~content'].text !== undefined;
  }

  /** The number of its bytes; of text, in UTF-8. */
  size(): number {
    return this['~content'].data.length;
  }
}

/**
 * What `message` consists of.
 *
 * @throws TypeError when it is none.
 */
export function contentOf(message: QWebSocketPreparedMessage): PreparedContent {
  const content: PreparedContent | undefined = message['~content'];
  if (content === undefined) throw new TypeError('Expected a QWebSocketPreparedMessage.');
  return content;
}
