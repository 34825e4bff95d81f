import { explained, printable } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { failureOf } from './connection-error.ts';
import { clientOf, type QWebSocketBase } from './qwebsocket-base.ts';
import { CloseCode } from './qwebsocketprotocol.ts';

/** Why a connection has ended, or an attempt has come to nothing. */
export interface ReconnectFailure {
  /** Whether there was a connection; otherwise the attempt for one has failed. */
  readonly wasConnected: boolean;
  /** What `error()` said; UnknownSocketError after a closing handshake. OperationError stands for a hook. */
  readonly error: SocketError;
  /** What `closeCode()` said of the connection; 0 when there was none. */
  readonly closeCode: number;
  /** What `closeReason()` said of it. */
  readonly closeReason: string;
  /**
   * The status of HTTP with which the server has refused the attempt; 0 when there was none, and in
   * pages, which browsers do not tell.
   */
  readonly status: number;
  /** How long the server wants to be left alone, as its Retry-After says, in milliseconds; −1 for nothing. */
  readonly retryAfter: number;
  /** What a hook has thrown, or its promise was rejected with; otherwise undefined. */
  readonly cause: unknown;
  /** All of that in words, never empty; what the server has given as its reason is part of it. */
  readonly reason: string;
  /** Whether there is no point in another attempt, as far as can be known. */
  readonly isFatal: boolean;
}

/** Errors that only a person can mend. */
const FATAL_ERRORS: ReadonlySet<number> = new Set([
  SocketError.UnsupportedSocketOperationError,
  SocketError.SslHandshakeFailedError,
  SocketError.SslInvalidUserDataError,
  SocketError.ProxyAuthenticationRequiredError,
]);

/** Ends that would come again: the one does what the other cannot take, or does not let in. */
const FATAL_CODES: ReadonlySet<number> = new Set([
  CloseCode.CloseCodeProtocolError,
  CloseCode.CloseCodeDatatypeNotSupported,
  CloseCode.CloseCodeWrongDatatype,
  CloseCode.CloseCodePolicyViolated,
  CloseCode.CloseCodeTooMuchData,
  CloseCode.CloseCodeMissingExtension,
  // What IANA has registered for 401 and 403.
  3000,
  3003,
]);

/** Of the statuses that blame the client: a timeout, too early, too many requests. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** Why the last connection of `socket` has ended, or its last attempt has failed. */
export function failureOfSocket(
  socket: QWebSocketBase,
  wasConnected: boolean,
  cause: unknown,
): ReconnectFailure {
  const error = socket.error();
  const { status = 0, retryAfter = -1 } = clientOf(socket).refusal ?? {};
  const closeCode = wasConnected ? socket.closeCode() : 0;
  const closeReason = wasConnected ? socket.closeReason() : '';
  const isFatal = isFatalStatus(status) || FATAL_ERRORS.has(error) || FATAL_CODES.has(closeCode);
  const closing = `The connection was closed with ${closeCode}: ${printable(closeReason)}`;
  return {
    wasConnected,
    error,
    closeCode,
    closeReason,
    status,
    retryAfter,
    cause,
    reason: failureOf(socket) || closing.replace(/: $/, '.'),
    isFatal,
  };
}

/** What a hook of the application has come to, before there was an attempt. */
export function failureOfHook(name: string, cause: unknown): ReconnectFailure {
  return {
    wasConnected: false,
    error: SocketError.OperationError,
    closeCode: 0,
    closeReason: '',
    status: 0,
    retryAfter: -1,
    cause,
    reason: hookFailed(name, cause),
    isFatal: false,
  };
}

/** What is said when the hook `name` has thrown `error`. */
export function hookFailed(name: string, error: unknown): string {
  const detail = `${name}() has failed: ${printable(wordsOf(error)).replace(/\.$/, '')}`;
  return explained('Operation aborted', { layer: 'request', detail });
}

/** What an error says; of anything that can be thrown. */
function wordsOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an object without words';
  }
}

function isFatalStatus(status: number): boolean {
  return status >= 400 && status < 500 && !PASSING_STATUSES.has(status);
}
