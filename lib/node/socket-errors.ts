import { isIP } from 'node:net';
import { placeOf, type FailureCause, type FailureLayer } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import type { HandshakeRefusal } from '../websockets/socket-backend.ts';
import { tlsCause } from './tls-cause.ts';

/** An error of Node in Qt's terms. */
export interface SocketFailure {
  readonly error: SocketError;
  /** Qt's words. */
  readonly description: string;
  readonly cause: FailureCause;
  /** The answer of a server that did not want. */
  readonly refusal?: HandshakeRefusal | undefined;
}

/** What is known of an errno: Qt's error and words, and what to do about it. */
type Errno = readonly [error: SocketError, description: string, advice?: string];

const CLOSED: Errno = [SocketError.RemoteHostClosedError, 'The remote host closed the connection'];
const NOT_FOUND: Errno = [SocketError.HostNotFoundError, 'Host not found'];
const DENIED: Errno = [SocketError.SocketAccessError, 'Permission denied'];
const EXHAUSTED: Errno = [SocketError.SocketResourceError, 'Out of resources'];
const TOO_MANY_FILES = advised(EXHAUSTED, 'Close some files and sockets, or raise the limit.');

const ERRNOS = new Map<string, Errno>([
  [
    'ECONNREFUSED',
    [SocketError.ConnectionRefusedError, 'Connection refused', 'Nothing listens there.'],
  ],
  ['ECONNRESET', CLOSED],
  ['EPIPE', CLOSED],
  ['ENOTFOUND', NOT_FOUND],
  // A Unix-domain socket that is not there.
  ['ENOENT', NOT_FOUND],
  ['EAI_AGAIN', advised(NOT_FOUND, 'No name server has answered; a later try may succeed.')],
  ['EAI_NODATA', NOT_FOUND],
  ['EAI_NONAME', NOT_FOUND],
  ['ETIMEDOUT', [SocketError.SocketTimeoutError, 'Connection timed out']],
  ['ENETUNREACH', [SocketError.NetworkError, 'Network unreachable']],
  ['EHOSTUNREACH', [SocketError.NetworkError, 'Host unreachable']],
  ['ENETDOWN', [SocketError.NetworkError, 'Network error']],
  ['EACCES', DENIED],
  ['EPERM', DENIED],
  ['EMFILE', TOO_MANY_FILES],
  ['ENFILE', TOO_MANY_FILES],
  ['ENOBUFS', EXHAUSTED],
  ['ENOMEM', EXHAUSTED],
  [
    'EADDRINUSE',
    [
      SocketError.AddressInUseError,
      'The bound address is already in use',
      'Another socket has it: choose another port, or 0 for any that is free.',
    ],
  ],
  [
    'EADDRNOTAVAIL',
    [
      SocketError.SocketAddressNotAvailableError,
      'The address is not available',
      'No interface of this machine has it.',
    ],
  ],
]);

// What stands for EADDRINUSE where there are no ports.
const PATH_IN_USE = 'A server has it, or has left it behind when it crashed: then remove it.';

/** Why a peer has ended a stream or a connection of HTTP/2 (RFC 9113 §7): by name, of a connection a number. */
const HTTP2_REASON = / with error code (?:NGHTTP2_)?(\w+)$/;

/** An error of Node, with what those of sockets and of the resolver have besides. */
type NodeError = NodeJS.ErrnoException & {
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
  /** Of an AggregateError: one for each address that was tried. */
  readonly errors?: readonly NodeError[];
};

/** What Qt says when `peer` goes without a word. */
export function remoteClosed(
  peer = 'the peer',
  layer: FailureLayer = 'TCP',
  when = '',
): SocketFailure {
  const [error, description] = CLOSED;
  return { error, description, cause: { layer, detail: `${peer} ended the connection${when}` } };
}

/**
 * What Qt would say instead of `error`; Node's own words where Qt has none.
 *
 * @param peer whom it was about, where the error itself does not tell.
 */
export function toSocketFailure(error: NodeError, peer = 'the peer'): SocketFailure {
  if (isOfTls(error)) {
    return {
      error: SocketError.SslInternalError,
      description: `Error while reading: ${tlsReason(error)}`,
      cause: tlsCause(error, peer),
    };
  }
  const isOfResolver = error.syscall === 'getaddrinfo' || /^(?:EAI_|ENOTFOUND)/.test(codeOf(error));
  // Of a stream that was reset, and of all streams of a connection that was given up; newer versions of
  // Node find more reasons for that.
  const isOfHttp2 = codeOf(error).startsWith('ERR_HTTP2_');
  const likely = isOfResolver ? NOT_FOUND : isOfHttp2 ? CLOSED : undefined;
  const known = ERRNOS.get(codeOf(error)) ?? likely;
  const [number, description, usual] = known ?? [
    SocketError.UnknownSocketError,
    error.message || String(error),
  ];
  const isLocal = isOfPath(error);
  const layer = isOfResolver ? 'DNS' : isLocal ? 'local socket' : 'TCP';
  const advice = isLocal && number === SocketError.AddressInUseError ? PATH_IN_USE : usual;
  return { error: number, description, cause: { layer, detail: detailOf(error, peer), advice } };
}

/** Whether OpenSSL has given up, and not the connection below it. */
export function isOfTls(error: NodeJS.ErrnoException): boolean {
  return /^ERR_(?:SSL|TLS|OSSL)/.test(error.code ?? '');
}

/** What OpenSSL says, without the places in its sources. */
export function tlsReason(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  return error.reason ?? error.message;
}

/** What Qt says of certificates, keys or ciphers that OpenSSL does not take. */
export function invalidTlsSettings(error: NodeJS.ErrnoException): SocketFailure {
  return {
    error: SocketError.SslInvalidUserDataError,
    description: `Error creating SSL context (${error.message})`,
    cause: {
      layer: 'TLS',
      detail: 'OpenSSL does not take the QSslConfiguration',
      advice:
        error.code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
          ? 'The private key belongs to another certificate.'
          : undefined,
    },
  };
}

/** Each address that was tried, and what came of it. */
function detailOf(error: NodeError, peer: string): string {
  const attempts = error.errors ?? [error];
  const parts = attempts.map((attempt) => {
    const { hostname, address, port } = attempt;
    const place = hostname ?? (address === undefined ? peer : placeOf(address, port));
    const reason = HTTP2_REASON.exec(attempt.message)?.[1] ?? '';
    return `${place} ${codeOf(attempt)} ${reason}`.trimEnd();
  });
  return parts.join(', ');
}

function advised([error, description]: Errno, advice: string): Errno {
  return [error, description, advice];
}

function codeOf({ code }: NodeError): string {
  return code ?? '';
}

function isOfPath({ address, port }: NodeError): boolean {
  return address !== undefined && port === undefined && isIP(address) === 0;
}
