import type { BacklogPolicy } from '../network/backlog-policy.ts';
import type { FailureCause } from '../network/failure-text.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import type { Meter } from './meter.ts';
import type { SharedMessage } from './shared-message.ts';

/** The byte stream under a {@link Session}, as a platform provides it. */
export interface Wire {
  /** Whether no bytes wait, so that the system is likely to take the next ones in {@link write}. */
  readonly takesAtOnce: boolean;

  /**
   * Queues bytes for sending, and ignores them when the stream is gone.
   *
   * A piece that is smaller than the memory it lies in shares that with others.
   *
   * @returns whether that memory may be used again; otherwise the session's `drained()` says it.
   */
  write(piece: Buffer): boolean;

  /** The same for pieces that follow each other. */
  writeAll(pieces: readonly Buffer[]): boolean;

  /** Asks for a call of the session's `flush()` when this turn of the event loop has run. */
  flushSoon(): void;

  /** Ends our side when everything is sent. */
  end(): void;

  /** Gives the stream up at once, with all that was not sent. */
  destroy(): void;

  /** Begins to deliver what comes in. */
  start(): void;

  /** Stops to deliver what comes in, and lets the peer wait. */
  pause(): void;

  /** Goes on to deliver after {@link pause}. */
  resume(): void;

  /** The number of queued bytes that the system has not taken yet. */
  backlog(): number;

  /** The number of bytes that the system has taken. */
  sent(): number;

  /** Why the stream has ended before its time. */
  failure(): WireFailure;

  /** Who counts what the session carries; asked for once, when there is something to count. */
  meter(): Meter;
}

/** The end of a stream, in Qt's terms. */
export interface WireFailure {
  readonly error: SocketError;
  readonly description: string;
  readonly cause: FailureCause;
}

/** What a {@link Session} tells; it is in a consistent state at each call. */
export interface SessionEvents {
  textFrame(frame: string, isLast: boolean): void;
  textMessage(message: string): void;
  binaryFrame(frame: Uint8Array, isLast: boolean): void;
  binaryMessage(message: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** The connection begins to close, not by {@link Session.close}: the peer closes or broke the protocol. */
  closing(code: number, reason: string): void;
  /** Why the connection will not have ended in order, before anything else tells of it. */
  explained(description: string): void;
  /** The stream ended although neither side had closed; {@link closed} follows. */
  lost(error: SocketError, description: string): void;
  /** The stream is gone. Comes last, and once. */
  closed(): void;
}

/** What a {@link Session} goes by; read anew whenever it is needed. */
export interface SessionSettings {
  /** Largest payload of one frame that is accepted, in bytes. */
  readonly maxIncomingFrameSize: number;
  /** Largest payload of one message that is accepted, in bytes. */
  readonly maxIncomingMessageSize: number;
  /** Largest payload of one frame that is sent, in bytes; 0 for no limit. */
  readonly outgoingFrameSize: number;
  /** How long a closing connection may make no progress, in milliseconds; negative for ever. */
  readonly closeTimeout: number;
  /** How long the rest of a frame or message may fail to come, in milliseconds; negative for ever. */
  readonly incompleteMessageTimeout: number;
  /** With more bytes waiting than that, no further message is sent; negative for any number. */
  readonly backlogLimit: number;
  /** What happens then. */
  readonly backlogPolicy: BacklogPolicy;
  /** Where masking keys come from; clients only. */
  readonly maskGenerator: { nextMask(): number };
}

/**
 * Compresses and inflates the messages of one connection, in their order (RFC 7692 §7.2).
 *
 * Each direction has at most one message under way; it keeps what later messages may refer to.
 */
export interface MessageCoder {
  /** From this number of bytes on a message is compressed, unless the application says otherwise. */
  readonly threshold: number;

  /**
   * Compresses a message, which must not change until that is done.
   *
   * @returns the payload, `data` itself when that is better sent as it is, or `undefined` when
   * `listener` is going to be told, later.
   */
  deflate(data: Uint8Array, listener: DeflateListener): Uint8Array | undefined;

  /**
   * The same for a message that other connections send as well.
   *
   * It is compressed without what went before, so that all who have agreed on the same can have it.
   */
  deflateShared(message: SharedMessage, listener: DeflateListener): Uint8Array | undefined;

  /**
   * Inflates a message; never allocates much more than `limit` bytes for it.
   *
   * @returns `undefined` when `listener` is going to be told, later.
   */
  inflate(
    payload: Buffer,
    limit: number,
    listener: InflateListener,
  ): Buffer | InflateFailure | undefined;

  /** Lets go of everything; nothing is told any more. */
  stop(): void;
}

/** Learns what became of a message that was to be compressed. */
export interface DeflateListener {
  /** The payload, or the message itself when that is better sent as it is. */
  deflated(payload: Uint8Array): void;
}

/** Learns what became of a message that was to be inflated. */
export interface InflateListener {
  inflated(message: Buffer | InflateFailure): void;
}

/** Why a message cannot be inflated. */
export interface InflateFailure {
  readonly code: 1007 | 1009;
  readonly reason: string;
}
