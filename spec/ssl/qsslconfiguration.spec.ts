import { expect } from 'chai';
import { SslOption, SslProtocol } from '../../lib/ssl/qssl.ts';
import { QSslCertificate } from '../../lib/ssl/qsslcertificate.ts';
import { QSslCipher } from '../../lib/ssl/qsslcipher.ts';
import {
  NextProtocolNegotiationStatus,
  QSslConfiguration,
} from '../../lib/ssl/qsslconfiguration.ts';
import { QSslKey } from '../../lib/ssl/qsslkey.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { CERTS, certificate, serverKey } from './support/certs.ts';

const cipher = new QSslCipher('TLS_AES_128_GCM_SHA256');

function areEqual(a: readonly QSslCertificate[], b: readonly QSslCertificate[]): boolean {
  return a.length === b.length && a.every((each, i) => each.equals(b[i]!));
}

function names(ciphers: QSslCipher[]): string[] {
  return ciphers.map((each) => each.name());
}

describe('QSslConfiguration', () => {
  it('is null at first', () => {
    const configuration = new QSslConfiguration();

    expect(configuration.isNull()).to.equal(true);
    expect(configuration.protocol()).to.equal(SslProtocol.SecureProtocols);
    expect(configuration.peerVerifyMode()).to.equal(PeerVerifyMode.AutoVerifyPeer);
    expect(configuration.peerVerifyDepth()).to.equal(0);
    expect(configuration.localCertificate().isNull()).to.equal(true);
    expect(configuration.localCertificateChain()).to.deep.equal([]);
    expect(configuration.privateKey().isNull()).to.equal(true);
    expect(configuration.caCertificates()).to.deep.equal([]);
    expect(configuration.ciphers()).to.deep.equal([]);
    expect(configuration.allowedNextProtocols()).to.deep.equal([]);
    expect(configuration.preSharedKeyIdentityHint()).to.equal('');
    expect(configuration.sessionTicket()).to.have.lengthOf(0);
    expect(configuration.handshakeMustInterruptOnError()).to.equal(false);
    expect(configuration.missingCertificateIsFatal()).to.equal(false);
    expect(configuration.peerCertificate().isNull()).to.equal(true);
    expect(configuration.peerCertificateChain()).to.deep.equal([]);
    expect(configuration.sessionCipher().isNull()).to.equal(true);
    expect(configuration.sessionProtocol()).to.equal(SslProtocol.UnknownProtocol);
    expect(configuration.nextNegotiatedProtocol()).to.equal('');
    expect(configuration.nextProtocolNegotiationStatus()).to.equal(
      NextProtocolNegotiationStatus.NextProtocolNegotiationNone,
    );
  });

  it("has Qt's options at first", () => {
    const configuration = new QSslConfiguration();

    const set = Object.values(SslOption).filter((option) => configuration.testSslOption(option));

    expect(set).to.deep.equal([
      SslOption.SslOptionDisableEmptyFragments,
      SslOption.SslOptionDisableCompression,
      SslOption.SslOptionDisableLegacyRenegotiation,
      SslOption.SslOptionDisableSessionPersistence,
    ]);
  });

  it('gives back what was set', () => {
    const configuration = new QSslConfiguration();

    configuration.setProtocol(SslProtocol.TlsV1_3);
    configuration.setPeerVerifyMode(PeerVerifyMode.QueryPeer);
    configuration.setPeerVerifyDepth(3);
    configuration.setLocalCertificateChain([certificate('server'), certificate('ca')]);
    configuration.setPrivateKey(serverKey());
    configuration.setCaCertificates([certificate('ca')]);
    configuration.setCiphers([cipher]);
    configuration.setSslOption(SslOption.SslOptionDisableSessionTickets, true);
    configuration.setSslOption(SslOption.SslOptionDisableCompression, false);
    configuration.setAllowedNextProtocols(['h2', 'http/1.1']);
    configuration.setPreSharedKeyIdentityHint('hint');
    configuration.setSessionTicket(new Uint8Array([1, 2]));
    configuration.setHandshakeMustInterruptOnError(true);
    configuration.setMissingCertificateIsFatal(true);

    expect(configuration.protocol()).to.equal(SslProtocol.TlsV1_3);
    expect(configuration.peerVerifyMode()).to.equal(PeerVerifyMode.QueryPeer);
    expect(configuration.peerVerifyDepth()).to.equal(3);
    expect(configuration.localCertificate().equals(certificate('server'))).to.equal(true);
    expect(configuration.localCertificateChain()).to.have.lengthOf(2);
    expect(configuration.privateKey().equals(serverKey())).to.equal(true);
    expect(areEqual(configuration.caCertificates(), [certificate('ca')])).to.equal(true);
    expect(names(configuration.ciphers())).to.deep.equal([cipher.name()]);
    expect(configuration.testSslOption(SslOption.SslOptionDisableSessionTickets)).to.equal(true);
    expect(configuration.testSslOption(SslOption.SslOptionDisableCompression)).to.equal(false);
    expect(configuration.allowedNextProtocols()).to.deep.equal(['h2', 'http/1.1']);
    expect(configuration.preSharedKeyIdentityHint()).to.equal('hint');
    expect([...configuration.sessionTicket()]).to.deep.equal([1, 2]);
    expect(configuration.handshakeMustInterruptOnError()).to.equal(true);
    expect(configuration.missingCertificateIsFatal()).to.equal(true);
  });

  it('names the usual application protocols', () => {
    expect(QSslConfiguration.NextProtocolHttp1_1).to.equal('http/1.1');
    expect(QSslConfiguration.ALPNProtocolHTTP2).to.equal('h2');
    expect(QSslConfiguration.NextProtocolNegotiationStatus).to.equal(NextProtocolNegotiationStatus);
    expect(QSslConfiguration).to.include({
      NextProtocolNegotiationNone: 0,
      NextProtocolNegotiationNegotiated: 1,
      NextProtocolNegotiationUnsupported: 2,
    });
  });

  const changes: Record<string, (configuration: QSslConfiguration) => void> = {
    protocol: (c) => c.setProtocol(SslProtocol.TlsV1_2),
    peerVerifyMode: (c) => c.setPeerVerifyMode(PeerVerifyMode.VerifyNone),
    peerVerifyDepth: (c) => c.setPeerVerifyDepth(1),
    localCertificate: (c) => c.setLocalCertificate(certificate('server')),
    privateKey: (c) => c.setPrivateKey(serverKey()),
    caCertificates: (c) => c.setCaCertificates([certificate('ca')]),
    'caCertificates, of which there are none': (c) => c.setCaCertificates([]),
    ciphers: (c) => c.setCiphers([cipher]),
    'ciphers in text': (c) => c.setCiphers('@SECLEVEL=0'),
    sslOption: (c) => c.setSslOption(SslOption.SslOptionDisableSessionTickets, true),
    allowedNextProtocols: (c) => c.setAllowedNextProtocols(['h2']),
    preSharedKeyIdentityHint: (c) => c.setPreSharedKeyIdentityHint('hint'),
    sessionTicket: (c) => c.setSessionTicket(new Uint8Array(1)),
    handshakeMustInterruptOnError: (c) => c.setHandshakeMustInterruptOnError(true),
    missingCertificateIsFatal: (c) => c.setMissingCertificateIsFatal(true),
    peerCertificate: (c) => c.setSession({ peerCertificate: certificate('server') }),
    peerCertificateChain: (c) => c.setSession({ peerCertificateChain: [certificate('server')] }),
    sessionCipher: (c) => c.setSession({ sessionCipher: cipher }),
    sessionProtocol: (c) => c.setSession({ sessionProtocol: SslProtocol.TlsV1_3 }),
    nextNegotiatedProtocol: (c) => c.setSession({ nextNegotiatedProtocol: 'h2' }),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`equals another one only with the same ${what}`, () => {
      const configuration = new QSslConfiguration();
      const other = configuration.clone();
      expect(configuration.equals(other)).to.equal(true);

      change(other);
      expect(configuration.equals(other)).to.equal(false);
      expect(other.equals(configuration)).to.equal(false);
      expect([configuration.isNull(), other.isNull()]).to.deep.equal([true, false]);

      change(configuration);
      expect(configuration.equals(other)).to.equal(true);
    });
  }

  it('is null again when everything is as at first', () => {
    const configuration = new QSslConfiguration();

    configuration.setPeerVerifyDepth(1);
    configuration.setPeerVerifyDepth(0);

    expect(configuration.isNull()).to.equal(true);
  });

  it('keeps copies of what it is given, and gives out copies', () => {
    const configuration = new QSslConfiguration();
    const chain = [certificate('server')];
    const key = serverKey();
    const ticket = new Uint8Array([1]);
    const protocols = ['h2'];
    configuration.setLocalCertificateChain(chain);
    configuration.setCaCertificates(chain);
    configuration.setPrivateKey(key);
    configuration.setSessionTicket(ticket);
    configuration.setAllowedNextProtocols(protocols);

    chain[0]!.clear();
    chain.pop();
    key.clear();
    ticket.fill(9);
    protocols.pop();
    configuration.localCertificate().clear();
    configuration.caCertificates()[0]!.clear();
    configuration.privateKey().clear();
    configuration.sessionTicket().fill(9);
    configuration.allowedNextProtocols().pop();
    configuration.ciphers().push(cipher);

    expect(configuration.localCertificate().isNull()).to.equal(false);
    expect(configuration.caCertificates()[0]?.isNull()).to.equal(false);
    expect(configuration.privateKey().isNull()).to.equal(false);
    expect([...configuration.sessionTicket()]).to.deep.equal([1]);
    expect(configuration.allowedNextProtocols()).to.deep.equal(['h2']);
    expect(configuration.ciphers()).to.deep.equal([]);
  });

  it('ignores a negative depth', () => {
    const configuration = new QSslConfiguration();
    configuration.setPeerVerifyDepth(2);

    configuration.setPeerVerifyDepth(-1);

    expect(configuration.peerVerifyDepth()).to.equal(2);
  });

  it('has one local certificate or a chain', () => {
    const configuration = new QSslConfiguration();
    configuration.setLocalCertificateChain([certificate('server'), certificate('ca')]);

    configuration.setLocalCertificate(certificate('names'));

    expect(areEqual(configuration.localCertificateChain(), [certificate('names')])).to.equal(true);
  });

  describe('ciphers()', () => {
    const first = 'ECDHE-RSA-AES128-GCM-SHA256';
    const second = 'AES128-SHA';

    const inputs: Record<string, [input: QSslCipher[] | string, names: string[], text?: string]> = {
      'a list': [
        [new QSslCipher(first), new QSslCipher(second)],
        [first, second],
        `${first}:${second}`,
      ],
      'a list with null ones': [[new QSslCipher(), new QSslCipher(second)], [second], second],
      'an empty list': [[], []],
      'an empty text': ['', []],
      'names in text': [`${second}:${first}`, [second, first], `${second}:${first}`],
      'text of OpenSSL': [
        `HIGH:!aNULL:${first}:@SECLEVEL=1`,
        [first],
        `HIGH:!aNULL:${first}:@SECLEVEL=1`,
      ],
    };
    for (const [what, [input, expected, text]] of Object.entries(inputs)) {
      it(`takes ${what}`, () => {
        const configuration = new QSslConfiguration();

        configuration.setCiphers(input);

        expect(names(configuration.ciphers())).to.deep.equal(expected);
        expect(configuration.cipherText()).to.equal(text);
      });
    }

    it('are the same as text or as list', () => {
      const configuration = new QSslConfiguration();
      const other = new QSslConfiguration();

      configuration.setCiphers(`${first}:${second}`);
      other.setCiphers([new QSslCipher(first), new QSslCipher(second)]);

      expect(configuration.equals(other)).to.equal(true);
    });
  });

  describe('caCertificates()', () => {
    it('are left to Node until they are set', () => {
      const configuration = new QSslConfiguration();
      expect(configuration.chosenCaCertificates()).to.equal(undefined);

      configuration.setCaCertificates([]);
      expect(configuration.chosenCaCertificates()).to.deep.equal([]);
    });

    it('are those that were added, in a new configuration', () => {
      const configuration = new QSslConfiguration();

      configuration.addCaCertificate(certificate('ca'));
      configuration.addCaCertificates([certificate('names')]);

      const expected = [certificate('ca'), certificate('names')];
      expect(areEqual(configuration.caCertificates(), expected)).to.equal(true);
      expect(areEqual(configuration.chosenCaCertificates() ?? [], expected)).to.equal(true);
    });

    it("are the system's and those that were added, in the default one", () => {
      const configuration = QSslConfiguration.defaultConfiguration();

      configuration.addCaCertificate(certificate('ca'));

      const expected = [...QSslConfiguration.systemCaCertificates(), certificate('ca')];
      expect(areEqual(configuration.caCertificates(), expected)).to.equal(true);
      expect(configuration.chosenCaCertificates()).to.have.lengthOf(expected.length);
    });

    it('are the same however they were put together', () => {
      const added = QSslConfiguration.defaultConfiguration();
      added.addCaCertificate(certificate('ca'));
      const set = QSslConfiguration.defaultConfiguration();
      set.setCaCertificates(added.caCertificates());
      expect(set.equals(added)).to.equal(true);

      added.addCaCertificate(certificate('names'));
      expect(set.equals(added)).to.equal(false);
    });

    it('can be added from files', () => {
      const configuration = new QSslConfiguration();

      const added = configuration.addCaCertificates(
        `${CERTS}/*a.crt`,
        undefined,
        QSslCertificate.PatternSyntax.Wildcard,
      );

      expect(added).to.equal(true);
      expect(areEqual(configuration.caCertificates(), [certificate('ca')])).to.equal(true);
    });

    it('stay as they are when there are none in a file', () => {
      const configuration = new QSslConfiguration();

      expect(configuration.addCaCertificates(`${CERTS}/server.key`)).to.equal(false);
      expect(configuration.addCaCertificates(`${CERTS}/missing.crt`)).to.equal(false);
      expect(configuration.isNull()).to.equal(true);
    });
  });

  describe('setSession()', () => {
    it('takes what a connection tells', () => {
      const configuration = new QSslConfiguration();
      configuration.setAllowedNextProtocols(['h2']);

      configuration.setSession({
        peerCertificate: certificate('server'),
        peerCertificateChain: [certificate('server'), certificate('ca')],
        sessionCipher: cipher,
        sessionProtocol: SslProtocol.TlsV1_3,
        nextNegotiatedProtocol: 'h2',
      });

      expect(configuration.peerCertificate().equals(certificate('server'))).to.equal(true);
      expect(configuration.peerCertificateChain()).to.have.lengthOf(2);
      expect(configuration.sessionCipher().name()).to.equal(cipher.name());
      expect(configuration.sessionProtocol()).to.equal(SslProtocol.TlsV1_3);
      expect(configuration.nextNegotiatedProtocol()).to.equal('h2');
      expect(configuration.allowedNextProtocols()).to.deep.equal(['h2']);
    });

    it('forgets what was known before', () => {
      const configuration = new QSslConfiguration();
      configuration.setSession({ sessionCipher: cipher, nextNegotiatedProtocol: 'h2' });

      configuration.setSession({});

      expect(configuration.isNull()).to.equal(true);
    });
  });

  describe('nextProtocolNegotiationStatus()', () => {
    const cases: [
      what: string,
      allowed: string[],
      protocol: SslProtocol,
      name: string,
      n: number,
    ][] = [
      ['nothing was allowed', [], SslProtocol.TlsV1_3, '', 0],
      ['there is no connection', ['h2'], SslProtocol.UnknownProtocol, '', 0],
      ['one was chosen', ['h2'], SslProtocol.TlsV1_3, 'h2', 1],
      ['none was chosen', ['h2'], SslProtocol.TlsV1_3, '', 2],
    ];
    for (const [what, allowed, sessionProtocol, nextNegotiatedProtocol, status] of cases) {
      it(`is ${status} when ${what}`, () => {
        const configuration = new QSslConfiguration();
        configuration.setAllowedNextProtocols(allowed);
        configuration.setSession({ sessionProtocol, nextNegotiatedProtocol });

        expect(configuration.nextProtocolNegotiationStatus()).to.equal(status);
      });
    }
  });

  describe('defaultConfiguration()', () => {
    it('trusts the system and has its ciphers', () => {
      const configuration = QSslConfiguration.defaultConfiguration();

      expect(configuration.isNull()).to.equal(false);
      expect(configuration.chosenCaCertificates()).to.equal(undefined);
      expect(configuration.cipherText()).to.equal(undefined);
      expect(configuration.ciphers()[0]?.isNull()).to.equal(false);
      expect(configuration.caCertificates()).to.have.lengthOf(
        QSslConfiguration.systemCaCertificates().length,
      );
    });

    it('equals itself, but not a new one', () => {
      const configuration = QSslConfiguration.defaultConfiguration();

      expect(configuration.equals(QSslConfiguration.defaultConfiguration())).to.equal(true);
      expect(configuration.equals(new QSslConfiguration())).to.equal(false);
    });

    it('is a copy that changes on its own', () => {
      QSslConfiguration.defaultConfiguration().setPeerVerifyDepth(7);

      expect(QSslConfiguration.defaultConfiguration().peerVerifyDepth()).to.equal(0);
    });

    it('hands out certificates that change on their own', () => {
      QSslConfiguration.systemCaCertificates()[0]!.clear();

      expect(QSslConfiguration.systemCaCertificates()[0]?.isNull()).to.equal(false);
    });
  });

  describe('setDefaultConfiguration()', () => {
    const before = QSslConfiguration.defaultConfiguration();

    afterEach(() => QSslConfiguration.setDefaultConfiguration(before));

    it('changes what follows', () => {
      const configuration = new QSslConfiguration();
      configuration.setPeerVerifyDepth(7);

      QSslConfiguration.setDefaultConfiguration(configuration);
      configuration.setPeerVerifyDepth(8);

      expect(QSslConfiguration.defaultConfiguration().peerVerifyDepth()).to.equal(7);
    });
  });

  it('lists all ciphers of Node', () => {
    expect(names(QSslConfiguration.supportedCiphers())).to.include(cipher.name());
  });

  it('is the same with another key object of the same key', () => {
    const configuration = new QSslConfiguration();
    const other = new QSslConfiguration();
    configuration.setPrivateKey(serverKey());
    other.setPrivateKey(new QSslKey(serverKey().handle()));

    expect(configuration.equals(other)).to.equal(true);
  });
});
