import { expect } from 'chai';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import {
  invalidTlsSettings,
  isOfTls,
  remoteClosed,
  tlsReason,
  toSocketFailure,
} from '../../lib/node/socket-errors.ts';

function failed(code: string | undefined, message = 'As Node says it.'): NodeJS.ErrnoException {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe('toSocketFailure()', () => {
  const rows: Record<string, [error: SocketError, description: string]> = {
    ECONNREFUSED: [SocketError.ConnectionRefusedError, 'Connection refused'],
    ECONNRESET: [SocketError.RemoteHostClosedError, 'The remote host closed the connection'],
    EPIPE: [SocketError.RemoteHostClosedError, 'The remote host closed the connection'],
    ERR_HTTP2_STREAM_ERROR: [
      SocketError.RemoteHostClosedError,
      'The remote host closed the connection',
    ],
    ERR_HTTP2_TOO_MANY_ORIGINS: [
      SocketError.RemoteHostClosedError,
      'The remote host closed the connection',
    ],
    ENOTFOUND: [SocketError.HostNotFoundError, 'Host not found'],
    ENOENT: [SocketError.HostNotFoundError, 'Host not found'],
    EAI_AGAIN: [SocketError.HostNotFoundError, 'Host not found'],
    EAI_NODATA: [SocketError.HostNotFoundError, 'Host not found'],
    EAI_NONAME: [SocketError.HostNotFoundError, 'Host not found'],
    ETIMEDOUT: [SocketError.SocketTimeoutError, 'Connection timed out'],
    ENETUNREACH: [SocketError.NetworkError, 'Network unreachable'],
    EHOSTUNREACH: [SocketError.NetworkError, 'Host unreachable'],
    ENETDOWN: [SocketError.NetworkError, 'Network error'],
    EACCES: [SocketError.SocketAccessError, 'Permission denied'],
    EPERM: [SocketError.SocketAccessError, 'Permission denied'],
    EMFILE: [SocketError.SocketResourceError, 'Out of resources'],
    ENFILE: [SocketError.SocketResourceError, 'Out of resources'],
    ENOBUFS: [SocketError.SocketResourceError, 'Out of resources'],
    ENOMEM: [SocketError.SocketResourceError, 'Out of resources'],
    EADDRINUSE: [SocketError.AddressInUseError, 'The bound address is already in use'],
    EADDRNOTAVAIL: [SocketError.SocketAddressNotAvailableError, 'The address is not available'],
  };
  for (const [code, [error, description]] of Object.entries(rows)) {
    it(`says what Qt says for ${code}`, () => {
      expect(toSocketFailure(failed(code))).to.deep.include({ error, description });
    });
  }

  const reasons: Record<string, [code: string, message: string]> = {
    'a:1 ERR_HTTP2_STREAM_ERROR ENHANCE_YOUR_CALM': [
      'ERR_HTTP2_STREAM_ERROR',
      'Stream closed with error code NGHTTP2_ENHANCE_YOUR_CALM',
    ],
    'a:1 ERR_HTTP2_SESSION_ERROR 11': [
      'ERR_HTTP2_SESSION_ERROR',
      'Session closed with error code 11',
    ],
    'a:1 ERR_HTTP2_ERROR': ['ERR_HTTP2_ERROR', 'Protocol error'],
  };
  for (const [detail, [code, message]] of Object.entries(reasons)) {
    it(`tells the reason that a peer has given in HTTP/2: ${detail}`, () => {
      expect(toSocketFailure(failed(code, message), 'a:1').cause.detail).to.equal(detail);
    });
  }

  it('says what Qt says when OpenSSL cannot go on', () => {
    const error = failed('ERR_SSL_DECRYPTION_FAILED', 'error:0A000119:SSL routines::decryption');
    expect(
      toSocketFailure(Object.assign(error, { reason: 'decryption failed' }), 'a:1'),
    ).to.deep.equal({
      error: SocketError.SslInternalError,
      description: 'Error while reading: decryption failed',
      cause: { layer: 'TLS', detail: 'a:1 ERR_SSL_DECRYPTION_FAILED', advice: undefined },
    });
  });

  for (const code of ['EWHATEVER', undefined, 'constructor', '__proto__']) {
    it(`keeps Node's words for ${code}`, () => {
      expect(toSocketFailure(failed(code))).to.deep.include({
        error: SocketError.UnknownSocketError,
        description: 'As Node says it.',
      });
    });
  }

  const causes: Record<string, [error: object, layer: string, detail: string]> = {
    'an address that was tried': [
      { code: 'ECONNREFUSED', syscall: 'connect', address: '::1', port: 80 },
      'TCP',
      '[::1]:80 ECONNREFUSED',
    ],
    'all addresses that were tried': [
      {
        code: 'ENETUNREACH',
        errors: [
          { code: 'ENETUNREACH', address: '2001:db8::1', port: 80 },
          { code: 'ECONNREFUSED', address: '192.0.2.1', port: 80 },
        ],
      },
      'TCP',
      '[2001:db8::1]:80 ENETUNREACH, 192.0.2.1:80 ECONNREFUSED',
    ],
    'a name that was looked up': [
      { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'a.example' },
      'DNS',
      'a.example ENOTFOUND',
    ],
    'a failure of the resolver that has no number in Qt': [
      { code: 'EAI_FAIL', syscall: 'getaddrinfo', hostname: 'a.example' },
      'DNS',
      'a.example EAI_FAIL',
    ],
    'a socket of the file system': [
      { code: 'ENOENT', syscall: 'connect', address: '/run/a' },
      'local socket',
      '/run/a ENOENT',
    ],
    'one in the folder of the process': [
      { code: 'EADDRINUSE', syscall: 'listen', address: 'chat.sock' },
      'local socket',
      'chat.sock EADDRINUSE',
    ],
    'an address without a port': [
      { code: 'EADDRNOTAVAIL', syscall: 'bind', address: 'fe80::1%eth0' },
      'TCP',
      '[fe80::1%eth0] EADDRNOTAVAIL',
    ],
    'a peer that the error does not name': [{ code: 'ECONNRESET' }, 'TCP', 'a:1 ECONNRESET'],
    'an error without a code': [{}, 'TCP', 'a:1'],
  };
  for (const [what, [error, layer, detail]] of Object.entries(causes)) {
    it(`names ${what}`, () => {
      const { cause } = toSocketFailure(Object.assign(new Error('x'), error), 'a:1');
      expect([cause.layer, cause.detail]).to.deep.equal([layer, detail]);
    });
  }

  it('says what to do where that is known', () => {
    const { cause } = toSocketFailure(failed('EADDRINUSE'));
    expect(cause.advice).to.match(/another port/);
    expect(toSocketFailure(failed('ECONNRESET')).cause.advice).to.equal(undefined);
  });

  it('does not speak of ports where there is a path', () => {
    const error = Object.assign(failed('EADDRINUSE'), { address: '/run/a' });
    expect(toSocketFailure(error).cause.advice).to.match(/remove it/);
  });

  it('always has words', () => {
    expect(toSocketFailure(failed('EWHATEVER', '')).description).to.equal('Error');
  });
});

describe('isOfTls()', () => {
  for (const code of ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS_X', 'ERR_OSSL_EVP_UNSUPPORTED']) {
    it(`knows ${code}`, () => {
      expect(isOfTls(failed(code))).to.equal(true);
    });
  }

  for (const code of ['ECONNRESET', 'ERR_STREAM_DESTROYED', 'MY_ERR_SSL_', undefined]) {
    it(`leaves ${code} to others`, () => {
      expect(isOfTls(failed(code))).to.equal(false);
    });
  }
});

describe('tlsReason()', () => {
  it('is the reason, or else the whole text', () => {
    expect(tlsReason(failed('ERR_SSL_X'))).to.equal('As Node says it.');
    expect(tlsReason(Object.assign(failed('ERR_SSL_X'), { reason: 'x' }))).to.equal('x');
  });
});

describe('invalidTlsSettings()', () => {
  it('tells what OpenSSL has against them', () => {
    expect(invalidTlsSettings(new Error('no cipher match'))).to.deep.include({
      error: SocketError.SslInvalidUserDataError,
      description: 'Error creating SSL context (no cipher match)',
    });
  });
});

describe('remoteClosed()', () => {
  it('is what a peer that goes without a word amounts to', () => {
    const { error, description } = toSocketFailure(failed('ECONNRESET'));
    expect(remoteClosed()).to.deep.include({ error, description });
  });
});
