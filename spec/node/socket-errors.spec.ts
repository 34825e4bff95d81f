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
      expect(toSocketFailure(failed(code))).to.deep.equal({ error, description });
    });
  }

  it('says what Qt says when OpenSSL cannot go on', () => {
    const error = failed('ERR_SSL_DECRYPTION_FAILED', 'error:0A000119:SSL routines::decryption');
    expect(toSocketFailure(Object.assign(error, { reason: 'decryption failed' }))).to.deep.equal({
      error: SocketError.SslInternalError,
      description: 'Error while reading: decryption failed',
    });
  });

  for (const code of ['EWHATEVER', undefined, 'constructor', '__proto__']) {
    it(`keeps Node's words for ${code}`, () => {
      expect(toSocketFailure(failed(code))).to.deep.equal({
        error: SocketError.UnknownSocketError,
        description: 'As Node says it.',
      });
    });
  }

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
    expect(invalidTlsSettings(new Error('no cipher match'))).to.deep.equal({
      error: SocketError.SslInvalidUserDataError,
      description: 'Error creating SSL context (no cipher match)',
    });
  });
});

describe('remoteClosed()', () => {
  it('is what a peer that goes without a word amounts to', () => {
    expect(remoteClosed()).to.deep.equal(toSocketFailure(failed('ECONNRESET')));
  });
});
