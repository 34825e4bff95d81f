import { expect } from 'chai';
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls';
import { QSsl, SslProtocol } from '../../lib/ssl/qssl.ts';
import { QSslCertificate } from '../../lib/ssl/qsslcertificate.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslSocket } from '../../lib/ssl/qsslsocket.ts';
import {
  clientTlsOptions,
  serverTlsOptions,
  wantsPreSharedKey,
} from '../../lib/ssl/tls-options.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { certificate, pemText, serverKey } from './support/certs.ts';

const translations = { clientTlsOptions, serverTlsOptions };

function configured(change: (configuration: QSslConfiguration) => void): QSslConfiguration {
  const configuration = QSslConfiguration.defaultConfiguration();
  change(configuration);
  return configuration;
}

function withServerCertificate(configuration: QSslConfiguration): void {
  configuration.setLocalCertificate(certificate('server'));
  configuration.setPrivateKey(serverKey());
}

describe('clientTlsOptions()', () => {
  it('says little by default', () => {
    const expected = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', rejectUnauthorized: false };

    expect(clientTlsOptions(QSslConfiguration.defaultConfiguration())).to.deep.equal(expected);
    expect(clientTlsOptions(new QSslConfiguration())).to.deep.equal(expected);
  });

  it('resumes a session when sessions may be kept', () => {
    const configuration = configured((c) => c.setSessionTicket(new Uint8Array([1, 2])));
    expect(clientTlsOptions(configuration)).to.not.have.property('session');

    configuration.setSslOption(QSsl.SslOptionDisableSessionPersistence, false);
    expect(clientTlsOptions(configuration).session).to.deep.equal(Buffer.from([1, 2]));
  });
});

describe('serverTlsOptions()', () => {
  it('asks for a certificate by default, and lets nobody negotiate anew', () => {
    expect(serverTlsOptions(QSslConfiguration.defaultConfiguration())).to.deep.equal({
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      rejectUnauthorized: false,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      requestCert: true,
      honorCipherOrder: true,
    });
  });

  const modes: [mode: keyof typeof QSslSocket.PeerVerifyMode, requestCert: boolean][] = [
    ['VerifyNone', false],
    ['QueryPeer', true],
    ['VerifyPeer', true],
    ['AutoVerifyPeer', true],
  ];
  for (const [mode, requestCert] of modes) {
    it(`${requestCert ? 'asks' : 'does not ask'} for a certificate with ${mode}`, () => {
      const configuration = configured((c) => c.setPeerVerifyMode(QSslSocket[mode]));

      expect(serverTlsOptions(configuration)).to.include({
        requestCert,
        rejectUnauthorized: false,
      });
    });
  }

  it("leaves the order of ciphers to the client when the server's is disabled", () => {
    const configuration = configured((c) =>
      c.setSslOption(QSsl.SslOptionDisableServerCipherPreference, true),
    );

    expect(serverTlsOptions(configuration).honorCipherOrder).to.equal(false);
  });

  it('hints at an identity', () => {
    const configuration = configured((c) => c.setPreSharedKeyIdentityHint('hint'));

    expect(serverTlsOptions(configuration).pskIdentityHint).to.equal('hint');
  });
});

for (const [name, translate] of Object.entries(translations)) {
  const always = translate === serverTlsOptions ? constants.SSL_OP_NO_RENEGOTIATION : 0;

  describe(`${name}()`, () => {
    const versions: Record<keyof typeof SslProtocol, [min: string, max: string] | undefined> = {
      TlsV1_0: ['TLSv1', 'TLSv1'],
      TlsV1_1: ['TLSv1.1', 'TLSv1.1'],
      TlsV1_2: ['TLSv1.2', 'TLSv1.2'],
      TlsV1_3: ['TLSv1.3', 'TLSv1.3'],
      AnyProtocol: ['TLSv1', 'TLSv1.3'],
      SecureProtocols: ['TLSv1.2', 'TLSv1.3'],
      TlsV1_0OrLater: ['TLSv1', 'TLSv1.3'],
      TlsV1_1OrLater: ['TLSv1.1', 'TLSv1.3'],
      TlsV1_2OrLater: ['TLSv1.2', 'TLSv1.3'],
      TlsV1_3OrLater: ['TLSv1.3', 'TLSv1.3'],
      DtlsV1_0: undefined,
      DtlsV1_0OrLater: undefined,
      DtlsV1_2: undefined,
      DtlsV1_2OrLater: undefined,
      UnknownProtocol: undefined,
    };
    for (const [protocol, range] of Object.entries(versions)) {
      const configuration = configured((c) =>
        c.setProtocol(SslProtocol[protocol as keyof typeof SslProtocol]),
      );

      if (range === undefined) {
        it(`throws for ${protocol}`, () => {
          expect(() => translate(configuration)).to.throw('unsupported protocol');
        });
      } else {
        it(`limits ${protocol} to ${range.join(' to ')}`, () => {
          const [minVersion, maxVersion] = range;

          expect(translate(configuration)).to.include({ minVersion, maxVersion });
          expect(() => createSecureContext(translate(configuration))).to.not.throw();
        });
      }
    }

    it('shows the chain with its key', () => {
      const configuration = configured((c) => {
        c.setLocalCertificateChain([certificate('server'), certificate('ca')]);
        c.setPrivateKey(serverKey());
      });
      const options = translate(configuration);

      expect(options.cert).to.equal(pemText('server.crt') + pemText('ca.crt'));
      expect(options.key).to.equal(pemText('server.key'));
      expect(() => createSecureContext(options)).to.not.throw();
    });

    it('leaves out null certificates', () => {
      const none = new QSslCertificate();
      const configuration = configured((c) => {
        c.setLocalCertificate(none);
        c.setCaCertificates([none, certificate('ca')]);
      });

      expect(translate(configuration)).to.not.have.property('cert');
      expect(translate(configuration).ca).to.deep.equal([pemText('ca.crt')]);
    });

    it('trusts the authorities that were set, and no others', () => {
      const configuration = configured((c) => c.setCaCertificates([certificate('ca')]));
      expect(translate(configuration).ca).to.deep.equal([pemText('ca.crt')]);

      configuration.setCaCertificates([]);
      expect(translate(configuration).ca).to.deep.equal([]);
    });

    it('passes ciphers on', () => {
      const configuration = configured((c) => c.setCiphers('AES128-SHA:@SECLEVEL=0'));

      expect(translate(configuration).ciphers).to.equal('AES128-SHA:@SECLEVEL=0');
      expect(() => createSecureContext(translate(configuration))).to.not.throw();
    });

    it('offers application protocols whose names fit', () => {
      const names = ['h2', '', 'x'.repeat(255), 'x'.repeat(256), 'ä'.repeat(128), 'http/1.1'];
      const configuration = configured((c) => c.setAllowedNextProtocols(names));

      expect(translate(configuration).ALPNProtocols).to.deep.equal([
        'h2',
        'x'.repeat(255),
        'http/1.1',
      ]);
    });

    it('offers no application protocols when no name fits', () => {
      const configuration = configured((c) => c.setAllowedNextProtocols(['']));

      expect(translate(configuration)).to.not.have.property('ALPNProtocols');
    });

    it('turns off session tickets', () => {
      const configuration = configured((c) =>
        c.setSslOption(QSsl.SslOptionDisableSessionTickets, true),
      );

      expect(translate(configuration).secureOptions).to.equal(always | constants.SSL_OP_NO_TICKET);
    });

    it('lets old peers renegotiate when that is not disabled', () => {
      const configuration = configured((c) =>
        c.setSslOption(QSsl.SslOptionDisableLegacyRenegotiation, false),
      );

      expect(translate(configuration).secureOptions).to.equal(
        always | constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
      );
    });
  });
}

describe('a handshake between the two', () => {
  async function handshake(client: QSslConfiguration): Promise<TLSSocket> {
    const server = createServer(serverTlsOptions(configured(withServerCertificate)), (socket) =>
      socket.end(),
    );
    const port = await listenOnLoopback(server);

    const socket = connect({ ...clientTlsOptions(client), port, host: '127.0.0.1' });
    try {
      await once(socket, 'secureConnect');
      return socket;
    } finally {
      socket.destroy();
      server.close();
      await once(server, 'close');
    }
  }

  it('succeeds, and says that the server is trusted', async () => {
    const socket = await handshake(configured((c) => c.setCaCertificates([certificate('ca')])));

    expect(socket.authorized).to.equal(true);
  });

  it('succeeds without trust, and says so', async () => {
    const socket = await handshake(QSslConfiguration.defaultConfiguration());

    expect(socket.authorized).to.equal(false);
  });
});

describe('wantsPreSharedKey()', () => {
  it('is true when a cipher with such a key is named', () => {
    expect(wantsPreSharedKey(configured((c) => c.setCiphers('PSK-AES256-CBC-SHA')))).to.equal(true);
    expect(wantsPreSharedKey(configured((c) => c.setCiphers('AES256-SHA')))).to.equal(false);
    expect(wantsPreSharedKey(configured(() => undefined))).to.equal(false);
  });
});
