import { expect } from 'chai';
import { PeerVerifyMode, QSslSocket } from '../../lib/ssl/qsslsocket.ts';

describe('QSslSocket', () => {
  it("has Qt's numbers of PeerVerifyMode, nested and flat", () => {
    expect(PeerVerifyMode).to.deep.equal({
      VerifyNone: 0,
      QueryPeer: 1,
      VerifyPeer: 2,
      AutoVerifyPeer: 3,
    });
    expect(QSslSocket.PeerVerifyMode).to.equal(PeerVerifyMode);
    expect(QSslSocket).to.include(PeerVerifyMode);
  });

  it('supports TLS', () => {
    expect(QSslSocket.supportsSsl()).to.equal(true);
  });

  it("names the TLS library with Node's version of it", () => {
    expect(QSslSocket.sslLibraryVersionString()).to.equal(`OpenSSL ${process.versions['openssl']}`);
  });
});
