import { SocketError } from '../network/qabstractsocket.ts';

/** An error of Node in Qt's terms. */
export interface SocketFailure {
  readonly error: SocketError;
  readonly description: string;
}

const failures = new Map<string, SocketFailure>([
  [
    'ECONNREFUSED',
    { error: SocketError.ConnectionRefusedError, description: 'Connection refused' },
  ],
  ['ECONNRESET', remoteClosed()],
  ['EPIPE', remoteClosed()],
  ['ENOTFOUND', { error: SocketError.HostNotFoundError, description: 'Host not found' }],
  // A Unix-domain socket that is not there.
  ['ENOENT', { error: SocketError.HostNotFoundError, description: 'Host not found' }],
  ['EAI_AGAIN', { error: SocketError.HostNotFoundError, description: 'Host not found' }],
  ['EAI_NODATA', { error: SocketError.HostNotFoundError, description: 'Host not found' }],
  ['EAI_NONAME', { error: SocketError.HostNotFoundError, description: 'Host not found' }],
  ['ETIMEDOUT', { error: SocketError.SocketTimeoutError, description: 'Connection timed out' }],
  ['ENETUNREACH', { error: SocketError.NetworkError, description: 'Network unreachable' }],
  ['EHOSTUNREACH', { error: SocketError.NetworkError, description: 'Host unreachable' }],
  ['ENETDOWN', { error: SocketError.NetworkError, description: 'Network error' }],
  ['EACCES', { error: SocketError.SocketAccessError, description: 'Permission denied' }],
  ['EPERM', { error: SocketError.SocketAccessError, description: 'Permission denied' }],
  ['EMFILE', { error: SocketError.SocketResourceError, description: 'Out of resources' }],
  ['ENFILE', { error: SocketError.SocketResourceError, description: 'Out of resources' }],
  ['ENOBUFS', { error: SocketError.SocketResourceError, description: 'Out of resources' }],
  ['ENOMEM', { error: SocketError.SocketResourceError, description: 'Out of resources' }],
  [
    'EADDRINUSE',
    {
      error: SocketError.AddressInUseError,
      description: 'The bound address is already in use',
    },
  ],
  [
    'EADDRNOTAVAIL',
    {
      error: SocketError.SocketAddressNotAvailableError,
      description: 'The address is not available',
    },
  ],
]);

/** What Qt says when the peer goes without a word. */
export function remoteClosed(): SocketFailure {
  return {
    error: SocketError.RemoteHostClosedError,
    description: 'The remote host closed the connection',
  };
}

/** What Qt would say instead of `error`; Node's own words where Qt has none. */
export function toSocketFailure(error: NodeJS.ErrnoException): SocketFailure {
  const known = error.code === undefined ? undefined : failures.get(error.code);
  if (known !== undefined) return known;
  if (isOfTls(error)) {
    return {
      error: SocketError.SslInternalError,
      description: `Error while reading: ${tlsReason(error)}`,
    };
  }
  return { error: SocketError.UnknownSocketError, description: error.message || String(error) };
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
export function invalidTlsSettings(error: Error): SocketFailure {
  return {
    error: SocketError.SslInvalidUserDataError,
    description: `Error creating SSL context (${error.message})`,
  };
}
