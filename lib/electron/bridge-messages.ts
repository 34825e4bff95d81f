import type { SocketError } from '../network/qabstractsocket.ts';
import type { Endpoint, HandshakeRefusal } from '../websockets/socket-backend.ts';

// What a page and the main process say to each other. Only what every copy of Electron carries
// unchanged: strings, numbers, booleans, bytes, and plain objects and lists of these.

/** Raised with every change: the two sides come from bundles that may be of different age. */
export const BRIDGE_VERSION = 1;

/** The name under which pages find the bridge, and that of the IPC channel. */
export const BRIDGE_NAME = 'qwebsockets';

/** What a page wants to open, handed over together with the port for everything that follows. */
export interface BridgeRequest {
  readonly version: number;
  readonly url: string;
  readonly origin: string;
  readonly subprotocols: readonly string[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly isCompressionWanted: boolean;
  readonly limits: BridgeLimits;
}

/** What a page sets for its socket; they only ever tighten what the main process has set. */
export interface BridgeLimits {
  readonly maxIncomingFrameSize: number;
  readonly maxIncomingMessageSize: number;
  readonly closeTimeout: number;
  readonly incompleteMessageTimeout: number;
}

/** What a page asks for afterwards. */
export type Ask =
  | { readonly ask: 'text'; readonly text: string; readonly compress?: boolean | undefined }
  | { readonly ask: 'binary'; readonly bytes: Uint8Array; readonly compress?: boolean | undefined }
  | { readonly ask: 'ping'; readonly bytes: Uint8Array }
  | { readonly ask: 'close'; readonly code: number; readonly reason: string }
  /** It has taken in so much of what it was told, as {@link costOf} counts. */
  | { readonly ask: 'more'; readonly cost: number }
  /** It wants nothing more of this connection, and closes the port. */
  | { readonly ask: 'leave' };

/** What a page is told. */
export type Tell =
  | {
      readonly tell: 'opened';
      readonly subprotocol: string;
      readonly extensions: string;
      readonly local: Endpoint;
      readonly peer: Endpoint;
      /** The largest message that it may send, in bytes. */
      readonly maxMessageSize: number;
      /** It reports what it has taken in whenever that has cost so much. */
      readonly reportEvery: number;
      /** Whether there is a ping, which Chromium's network does not have. */
      readonly canPing: boolean;
    }
  | { readonly tell: 'textFrame'; readonly text: string; readonly isLast: boolean }
  | { readonly tell: 'binaryFrame'; readonly bytes: Uint8Array; readonly isLast: boolean }
  /** A message of which no frames were told. */
  | { readonly tell: 'textMessage'; readonly text: string }
  | { readonly tell: 'binaryMessage'; readonly bytes: Uint8Array }
  | { readonly tell: 'pong'; readonly bytes: Uint8Array }
  /**
   * The system has taken `count` bytes, `waiting` are left; `taken` counts the bytes of all messages
   * of the page that the main process has looked at.
   */
  | {
      readonly tell: 'written';
      readonly count: number;
      readonly taken: number;
      readonly waiting: number;
    }
  | {
      readonly tell: 'unreachable' | 'lost';
      readonly error: SocketError;
      readonly text: string;
    }
  | {
      readonly tell: 'handshakeFailed';
      readonly error: SocketError;
      readonly text: string;
      /** What the server has answered, where that is known. */
      readonly refusal?: HandshakeRefusal | undefined;
    }
  | { readonly tell: 'closing'; readonly code: number; readonly reason: string }
  | { readonly tell: 'closed'; readonly text: string };

/** What any message costs, however little is in it. */
const MESSAGE_COST = 64;

/** What a message with so much in it takes of the memory between the processes. */
export function costOf(length: number): number {
  return MESSAGE_COST + length;
}

/**
 * `bytes`, in memory of their own.
 *
 * What goes to another process takes all the memory along that a view lies in: a Buffer of a few
 * bytes is cut from a block with what belongs to other connections.
 */
export function alone(bytes: Uint8Array): Uint8Array {
  const isAlone =
    bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return isAlone ? bytes : new Uint8Array(bytes);
}
