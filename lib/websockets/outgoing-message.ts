import { toBytes, type Bytes } from './bytes.ts';
import type { SendOptions } from './compression-options.ts';
import { hand, type QWebSocketBase } from './qwebsocket-base.ts';
import { contentOf, QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';

/** A text message, a binary one, or either in the form that many sockets share. */
export type OutgoingMessage = string | Bytes | QWebSocketPreparedMessage;

/** A message whose content does not change any more. */
export type KeptMessage = string | Uint8Array | QWebSocketPreparedMessage;

/** Hands `message` to `socket`; returns whether it was taken. */
export function transmit(socket: QWebSocketBase, message: OutgoingMessage): boolean {
  if (typeof message === 'string') {
    return socket.sendTextMessage(message) > 0 || (message === '' && socket.isValid());
  }
  if (isPrepared(message)) return hand(socket, contentOf(message));
  return socket.sendBinaryMessage(message) > 0 || (message.byteLength === 0 && socket.isValid());
}

/**
 * A form of `message` that can wait.
 *
 * @throws TypeError when it is none.
 */
export function kept(message: OutgoingMessage): KeptMessage {
  if (typeof message === 'string' || isPrepared(message)) return message;
  return new Uint8Array(toBytes(message));
}

/**
 * A form of `message` that many sockets can share.
 *
 * @param options of a message that is not prepared yet.
 */
export function prepare(
  message: OutgoingMessage,
  options?: SendOptions,
): QWebSocketPreparedMessage {
  if (typeof message === 'string') return QWebSocketPreparedMessage.fromText(message, options);
  return isPrepared(message) ? message : QWebSocketPreparedMessage.fromBinary(message, options);
}

/** How much of `message` waits, in bytes; of a string, UTF-16 code units count. */
export function sizeOf(message: KeptMessage): number {
  return isPrepared(message) ? message.size() : message.length;
}

/** By what it has, since the CommonJS form of the package has a class of its own. */
function isPrepared(message: unknown): message is QWebSocketPreparedMessage {
  return typeof message === 'object' && message !== null && '~content' in message;
}
