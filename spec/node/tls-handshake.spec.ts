import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { SocketFailure } from '../../lib/node/socket-errors.ts';
import { TlsHandshake, type TlsEvents } from '../../lib/node/tls-handshake.ts';
import { AlertLevel, AlertType, QSsl, SslOption, SslProtocol } from '../../lib/ssl/qssl.ts';
import type { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import type { QSslError } from '../../lib/ssl/qsslerror.ts';
import { QSslKey } from '../../lib/ssl/qsslkey.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { TlsVerdict, type Alert } from '../../lib/websockets/socket-backend.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { certificate, pem, SecurePeer, showing, trusting } from '../support/secure-peer.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

type Name = keyof TlsEvents;

/** Remembers how it went, and does what a spec wants during that. */
class RecordingTlsEvents implements TlsEvents {
  readonly told: Name[] = [];
  verdict: TlsVerdict = TlsVerdict.Refuse;
  during: (name: Name) => void = () => {};
  answer: (authenticator: QSslPreSharedKeyAuthenticator) => void = () => {};
  configuration: QSslConfiguration | undefined;
  errors: readonly QSslError[] = [];
  stream: TLSSocket | undefined;
  failure: SocketFailure | undefined;
  readonly alerts: Alert[] = [];
  /** Resolves when the handshake has come to an end. */
  readonly over: Promise<void>;
  #end = (): void => {};

  constructor() {
    this.over = new Promise((resolve) => (this.#end = resolve));
  }

  encrypted(configuration: QSslConfiguration): void {
    this.configuration = configuration;
    this.#note('encrypted');
  }

  verificationFailed(errors: readonly QSslError[]): TlsVerdict {
    this.errors = errors;
    this.#note('verificationFailed');
    return this.verdict;
  }

  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator): void {
    this.answer(authenticator);
    this.#note('preSharedKeyRequired');
  }

  alertReceived(alert: Alert): void {
    this.alerts.push(alert);
    this.#note('alertReceived');
  }

  secured(stream: TLSSocket): void {
    this.stream = stream;
    this.#note('secured');
    this.#end();
  }

  tlsFailed(failure: SocketFailure): void {
    this.failure = failure;
    this.#note('tlsFailed');
    this.#end();
  }

  #note(name: Name): void {
    this.told.push(name);
    this.during(name);
  }
}

describe('TlsHandshake', () => {
  let events: RecordingTlsEvents;
  let handshake: TlsHandshake | undefined;
  let sockets: Socket[];
  const peers: { close(): void }[] = [];

  beforeEach(() => {
    events = new RecordingTlsEvents();
    handshake = undefined;
    sockets = [];
  });

  afterEach(() => {
    handshake?.cancel();
    for (const socket of sockets) socket.destroy();
    for (const peer of peers.splice(0)) peer.close();
  });

  async function listen(options?: TlsOptions): Promise<SecurePeer> {
    const peer = await SecurePeer.listen(options);
    peers.push(peer);
    return peer;
  }

  async function listenRaw(): Promise<RawPeer> {
    const peer = await RawPeer.listen();
    peers.push(peer);
    return peer;
  }

  /** Begins, on a socket of its own. */
  function start(
    port: number,
    configuration: QSslConfiguration = trusting(),
    host = 'localhost',
  ): TlsHandshake {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    handshake = new TlsHandshake(socket, host, configuration, events);
    handshake.start();
    return handshake;
  }

  describe('with a peer that can be verified', () => {
    it('hands over a stream that nobody has used yet', async () => {
      const peer = await listen();
      start(peer.port);
      expect(events.told).to.deep.equal([]);
      await events.over;
      const stream = events.stream!;
      const connection = await peer.next();
      await setImmediate();

      expect(events.told).to.deep.equal(['encrypted', 'secured']);
      expect(connection.unread).to.have.lengthOf(0);
      expect(stream.isPaused()).to.equal(true);
      for (const event of ['data', 'readable', 'secureConnect']) {
        expect(stream.listenerCount(event), event).to.equal(0);
      }
      stream.write('hello');
      expect((await connection.read(5)).toString()).to.equal('hello');
      connection.socket.write('answer');
      stream.resume();
      const [chunk] = (await once(stream, 'data')) as [Buffer];
      expect(chunk.toString()).to.equal('answer');
    });

    it('shows the peer and the session, and leaves what it was given as it is', async () => {
      const peer = await listen();
      const configuration = trusting();
      start(peer.port, configuration);
      await events.over;

      const known = events.configuration!;
      expect(known.peerCertificate().equals(certificate('server'))).to.equal(true);
      expect(known.sessionProtocol()).to.equal(SslProtocol.TlsV1_3);
      expect(known.sessionCipher().isNull()).to.equal(false);
      expect(configuration.peerCertificate().isNull()).to.equal(true);
    });

    it('shows a certificate of its own to a server that asks', async () => {
      const peer = await listen({ ...showing('server'), requestCert: true, ca: pem('ca.crt') });
      const configuration = trusting();
      configuration.setLocalCertificate(certificate('client'));
      configuration.setPrivateKey(new QSslKey(pem('client.key'), QSsl.Rsa));
      start(peer.port, configuration);
      await peer.next();

      const [stream] = peer.streams;
      expect(stream!.authorized).to.equal(true);
      expect(stream!.getPeerCertificate().subject.CN).to.equal('oracle client');
    });

    it('agrees on an application protocol', async () => {
      const peer = await listen({ ...showing('server'), ALPNProtocols: ['b', 'a'] });
      const configuration = trusting();
      configuration.setAllowedNextProtocols(['a', 'b']);
      start(peer.port, configuration);
      await events.over;

      expect(events.configuration!.nextNegotiatedProtocol()).to.equal('b');
    });
  });

  describe('the name of the server', () => {
    const { SslOptionDisableServerNameIndication } = SslOption;
    const names: Record<string, string | false> = {
      localhost: 'localhost',
      'localhost.': 'localhost',
      'xn--bcher-kva.example': 'xn--bcher-kva.example',
      '127.0.0.1': false,
      '::1': false,
      'fe80::1%lo': false,
    };
    for (const [host, name] of Object.entries(names)) {
      it(`is ${name === false ? 'not said' : name} for ${host}`, async () => {
        const peer = await listen();
        start(peer.port, trusting(), host);
        await peer.next();

        expect(peer.streams[0]!.servername).to.equal(name);
      });
    }

    it('is not said when it is to be hidden, and verified all the same', async () => {
      const peer = await listen();
      const configuration = trusting();
      configuration.setSslOption(SslOptionDisableServerNameIndication, true);
      start(peer.port, configuration);
      await events.over;
      await peer.next();

      expect(peer.streams[0]!.servername).to.equal(false);
      expect(events.told).to.deep.equal(['encrypted', 'secured']);
    });

    for (const host of ['localhost.', '127.0.0.1', '::1']) {
      it(`is found in the certificate: ${host}`, async () => {
        const peer = await listen();
        start(peer.port, trusting(), host);
        await events.over;

        expect(events.told).to.deep.equal(['encrypted', 'secured']);
      });
    }
  });

  describe('with a peer that cannot be verified', () => {
    const SELF_SIGNED = {
      error: SocketError.SslHandshakeFailedError,
      description: 'The certificate is self-signed, and untrusted',
    };

    it('says goodbye when it is refused, without a byte of ours', async () => {
      const peer = await listen(showing('self-signed'));
      start(peer.port);
      await events.over;
      const connection = await peer.next();
      await connection.ended;

      expect(events.told).to.deep.equal(['encrypted', 'verificationFailed', 'tlsFailed']);
      expect(events.failure).to.deep.include(SELF_SIGNED);
      expect(events.errors.map(String)).to.deep.equal([SELF_SIGNED.description]);
      expect(connection.unread).to.have.lengthOf(0);
    });

    it('goes on when it is told to', async () => {
      const peer = await listen(showing('self-signed'));
      events.verdict = TlsVerdict.Proceed;
      start(peer.port);
      await events.over;

      expect(events.told).to.deep.equal(['encrypted', 'verificationFailed', 'secured']);
    });

    it('is told what is wrong and goes on, in the mode QueryPeer', async () => {
      const peer = await listen(showing('self-signed'));
      const configuration = trusting();
      configuration.setPeerVerifyMode(PeerVerifyMode.QueryPeer);
      start(peer.port, configuration);
      await events.over;

      expect(events.told).to.deep.equal(['encrypted', 'verificationFailed', 'secured']);
    });

    it('asks nobody in the mode VerifyNone', async () => {
      const peer = await listen(showing('self-signed'));
      const configuration = trusting();
      configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
      start(peer.port, configuration);
      await events.over;

      expect(events.told).to.deep.equal(['encrypted', 'secured']);
    });

    it('looks at the depth of the chain', async () => {
      const peer = await listen(showing('deep'));
      const configuration = trusting('root');
      configuration.setPeerVerifyDepth(1);
      start(peer.port, configuration);
      await events.over;

      expect(events.told).to.deep.equal(['encrypted', 'verificationFailed', 'tlsFailed']);
    });

    describe('and a verdict that has to wait', () => {
      let peer: SecurePeer;

      beforeEach(async () => {
        peer = await listen(showing('self-signed'));
        events.verdict = TlsVerdict.Wait;
        const waiting = new Promise<void>((resolve) => {
          events.during = (name) => name === 'verificationFailed' && resolve();
        });
        start(peer.port);
        await waiting;
        await setImmediate();
        expect(events.told).to.deep.equal(['encrypted', 'verificationFailed']);
      });

      it('goes on by resume(), once', async () => {
        handshake!.resume(true);
        handshake!.resume(true);
        handshake!.resume(false);
        await setImmediate();

        expect(events.told.slice(2)).to.deep.equal(['secured']);
        expect(events.stream!.destroyed).to.equal(false);
      });

      it('is refused by resume(), once', async () => {
        handshake!.resume(false);
        handshake!.resume(false);
        handshake!.resume(true);
        const connection = await peer.next();
        await connection.ended;

        expect(events.told.slice(2)).to.deep.equal(['tlsFailed']);
        expect(events.failure).to.deep.include(SELF_SIGNED);
      });

      it('cannot be resumed any more when it was cancelled', async () => {
        handshake!.cancel();
        handshake!.resume(true);
        const connection = await peer.next();
        await connection.over;

        expect(events.told.slice(2)).to.deep.equal([]);
      });
    });

    it('has nothing to resume while nothing waits', async () => {
      const peer = await listen();
      const own = start(peer.port);
      own.resume(true);
      own.resume(false);
      await events.over;

      expect(events.told).to.deep.equal(['encrypted', 'secured']);
    });
  });

  describe('fails', () => {
    it('with a server that does not speak TLS', async () => {
      const peer = await listenRaw();
      start(peer.port);
      const connection = await peer.next();
      await connection.read(5);
      connection.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      await events.over;

      expect(events.failure).to.deep.include({
        error: SocketError.SslHandshakeFailedError,
        description: 'Error during SSL handshake: wrong version number',
      });
      expect(events.told).to.deep.equal(['tlsFailed']);
      await connection.over;
    });

    const endings: Record<string, (socket: Socket) => void> = {
      ends: (socket) => void socket.end(),
      resets: (socket) => void socket.resetAndDestroy(),
    };
    for (const [what, end] of Object.entries(endings)) {
      it(`with a peer that ${what}`, async () => {
        const peer = await listenRaw();
        start(peer.port);
        const connection = await peer.next();
        await connection.read(5);
        end(connection.socket);
        await events.over;

        expect(events.failure).to.deep.include({
          error: SocketError.RemoteHostClosedError,
          description: 'The remote host closed the connection',
        });
        expect(events.told).to.deep.equal(['tlsFailed']);
      });
    }

    it('on a stream that does not get connected', async () => {
      start(NOBODY);
      await events.over;

      expect(events.failure).to.deep.include({
        error: SocketError.ConnectionRefusedError,
        description: 'Connection refused',
      });
    });

    it('with an alert of the peer, which is told first', async () => {
      const peer = await listen({ ...showing('server'), minVersion: 'TLSv1.3' });
      const configuration = trusting();
      configuration.setProtocol(SslProtocol.TlsV1_2);
      start(peer.port, configuration);
      await events.over;

      expect(events.told).to.deep.equal(['alertReceived', 'tlsFailed']);
      expect(events.alerts).to.deep.equal([
        {
          level: AlertLevel.Fatal,
          type: AlertType.ProtocolVersion,
          description: 'protocol version',
        },
      ]);
      expect(events.failure!.error).to.equal(SocketError.SslHandshakeFailedError);
      expect(events.failure!.description).to.match(/^Error during SSL handshake: .*version/);
    });

    const settings: Record<string, (configuration: QSslConfiguration) => void> = {
      'a protocol that is none of TLS': (own) => own.setProtocol(SslProtocol.DtlsV1_2),
      'a key that does not fit': (own) => {
        own.setLocalCertificate(certificate('client'));
        own.setPrivateKey(new QSslKey(pem('server.key'), QSsl.Rsa));
      },
      'no such ciphers': (own) => own.setCiphers('NONSENSE'),
    };
    for (const [what, set] of Object.entries(settings)) {
      it(`because of ${what}, but not before start() returns`, async () => {
        const peer = await listenRaw();
        const configuration = trusting();
        set(configuration);
        start(peer.port, configuration);
        expect(events.told).to.deep.equal([]);
        await events.over;

        expect(events.told).to.deep.equal(['tlsFailed']);
        expect(events.failure!.error).to.equal(SocketError.SslInvalidUserDataError);
        expect(events.failure!.description).to.match(/^Error creating SSL context \(.+\)$/);
      });
    }
  });

  it('tells of an alert that comes when all seemed well', async () => {
    const peer = await listen();
    start(peer.port);
    await events.over;
    const code = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
    const closed = new Promise((resolve) => events.stream!.on('close', resolve));
    events.stream!.destroy(Object.assign(new Error('alert'), { code }));
    await closed;

    expect(events.told).to.deep.equal(['encrypted', 'secured', 'alertReceived']);
    expect(events.alerts[0]!.type).to.equal(AlertType.CertificateRequired);
  });

  describe('sessions', () => {
    function keeping(protocol: SslProtocol): QSslConfiguration {
      const configuration = trusting();
      configuration.setProtocol(protocol);
      configuration.setSslOption(SslOption.SslOptionDisableSessionPersistence, false);
      return configuration;
    }

    /** One connection, and what is known of it when the server's last word has come. */
    async function connectOnce(
      peer: SecurePeer,
      configuration: QSslConfiguration,
    ): Promise<{ known: QSslConfiguration; isReused: boolean }> {
      events = new RecordingTlsEvents();
      start(peer.port, configuration);
      await events.over;
      const connection = await peer.next();
      connection.socket.end('x');
      const ended = once(events.stream!, 'end');
      events.stream!.resume();
      await ended;
      await setImmediate();
      const isReused = events.stream!.isSessionReused();
      return { known: events.configuration!, isReused };
    }

    for (const protocol of ['TlsV1_2', 'TlsV1_3'] as const) {
      it(`are kept with ${protocol}, and resumed`, async () => {
        const peer = await listen();
        const first = await connectOnce(peer, keeping(SslProtocol[protocol]));
        expect(first.known.sessionTicket().length).to.be.above(0);
        expect(first.isReused).to.equal(false);

        const again = keeping(SslProtocol[protocol]);
        again.setSessionTicket(first.known.sessionTicket());
        const second = await connectOnce(peer, again);
        expect(second.isReused).to.equal(true);
        expect(second.known.peerCertificate().equals(certificate('server'))).to.equal(true);
      });

      it(`are not kept with ${protocol} unless that is asked for`, async () => {
        const peer = await listen();
        const configuration = trusting();
        configuration.setProtocol(SslProtocol[protocol]);
        const { known } = await connectOnce(peer, configuration);

        expect(known.sessionTicket()).to.have.lengthOf(0);
      });

      it(`with ${protocol} are no way around the verification`, async () => {
        const peer = await listen(showing('self-signed'));
        const trustful = keeping(SslProtocol[protocol]);
        trustful.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
        const { known } = await connectOnce(peer, trustful);
        expect(known.sessionTicket().length).to.be.above(0);
        known.setPeerVerifyMode(PeerVerifyMode.AutoVerifyPeer);
        events = new RecordingTlsEvents();
        start(peer.port, known);
        await events.over;

        expect(events.told).to.deep.equal(['encrypted', 'verificationFailed', 'tlsFailed']);
        expect(events.errors[0]!.certificate().equals(certificate('self-signed'))).to.equal(true);
      });

      it(`with ${protocol} are no way around the name of the host`, async () => {
        const peer = await listen();
        const { known } = await connectOnce(peer, keeping(SslProtocol[protocol]));
        events = new RecordingTlsEvents();
        start(peer.port, known, 'other.example');
        await events.over;

        expect(events.told).to.deep.equal(['encrypted', 'verificationFailed', 'tlsFailed']);
        expect(events.failure!.description).to.contain('host name');
      });
    }
  });

  describe('a key that both sides know', () => {
    const KEY = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
    let asked: string[];

    function wanting(): QSslConfiguration {
      const configuration = trusting();
      configuration.setProtocol(SslProtocol.TlsV1_2);
      configuration.setCiphers('PSK');
      configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
      return configuration;
    }

    function listenForKeys(): Promise<SecurePeer> {
      asked = [];
      return listen({
        ciphers: 'PSK',
        maxVersion: 'TLSv1.2',
        pskIdentityHint: 'who?',
        pskCallback: (_socket: TLSSocket, identity: string) => {
          asked.push(identity);
          return KEY;
        },
      });
    }

    it('is asked for', async () => {
      const peer = await listenForKeys();
      let hint = '';
      events.answer = (authenticator) => {
        hint = authenticator.identityHint();
        authenticator.setIdentity('joe');
        authenticator.setPreSharedKey(KEY);
      };
      start(peer.port, wanting());
      await events.over;

      expect(events.told).to.deep.equal(['preSharedKeyRequired', 'encrypted', 'secured']);
      expect([hint, asked]).to.deep.equal(['who?', ['joe']]);
      expect(events.configuration!.peerCertificate().isNull()).to.equal(true);
    });

    it('is cut where it is too long, and the identity between two characters', async () => {
      const peer = await listenForKeys();
      let lengths: number[] = [];
      events.answer = (authenticator) => {
        lengths = [
          authenticator.maximumIdentityLength(),
          authenticator.maximumPreSharedKeyLength(),
        ];
        authenticator.setIdentity(`a${'ä'.repeat(100)}`);
        authenticator.setPreSharedKey(new Uint8Array(1000));
      };
      const errors = await uncaughtErrors(async () => {
        start(peer.port, wanting());
        await events.over;
      });

      expect(lengths).to.deep.equal([128, 256]);
      expect(asked).to.deep.equal([`a${'ä'.repeat(63)}`]);
      expect(errors).to.deep.equal([]);
      expect(events.told.at(-1)).to.equal('tlsFailed');
    });

    it('that nobody gives ends the handshake', async () => {
      const peer = await listenForKeys();
      start(peer.port, wanting());
      await events.over;

      expect(events.told).to.deep.equal(['preSharedKeyRequired', 'tlsFailed']);
      expect(events.failure!.error).to.equal(SocketError.SslHandshakeFailedError);
    });

    it('is not asked for unless such ciphers are named', async () => {
      const peer = await listen();
      start(peer.port);
      await events.over;

      expect(events.told).to.not.include('preSharedKeyRequired');
    });

    it('may be refused by cancel()', async () => {
      const peer = await listenForKeys();
      const over = new Promise<void>((resolve) => {
        events.during = () => {
          handshake!.cancel();
          resolve();
        };
      });
      events.answer = (authenticator) => authenticator.setPreSharedKey(KEY);
      const errors = await uncaughtErrors(async () => {
        start(peer.port, wanting());
        await over;
        await once(sockets[0]!, 'close');
      });

      expect(errors).to.deep.equal([]);
      expect(events.told).to.deep.equal(['preSharedKeyRequired']);
    });
  });

  describe('cancel()', () => {
    for (const name of ['encrypted', 'verificationFailed', 'alertReceived'] as const) {
      it(`tells nothing more, within ${name}`, async () => {
        const isAlert = name === 'alertReceived';
        const options: TlsOptions = isAlert ? { minVersion: 'TLSv1.3' } : {};
        const peer = await listen({ ...showing('self-signed'), ...options });
        const configuration = trusting();
        if (isAlert) configuration.setProtocol(SslProtocol.TlsV1_2);
        events.verdict = TlsVerdict.Proceed;
        const over = new Promise<void>((resolve) => {
          events.during = (now) => {
            if (now !== name) return;
            handshake!.cancel();
            resolve();
          };
        });
        const errors = await uncaughtErrors(async () => {
          start(peer.port, configuration);
          await over;
          await once(sockets[0]!, 'close');
        });

        expect(errors).to.deep.equal([]);
        expect(events.told.at(-1)).to.equal(name);
      });
    }

    it('tells nothing, before anything has happened', async () => {
      const peer = await listen();
      const errors = await uncaughtErrors(async () => {
        start(peer.port).cancel();
        await once(sockets[0]!, 'close');
      });

      expect(errors).to.deep.equal([]);
      expect(events.told).to.deep.equal([]);
    });

    it('tells nothing of settings that cannot be used', async () => {
      const configuration = trusting();
      configuration.setProtocol(SslProtocol.DtlsV1_2);
      const peer = await listenRaw();
      start(peer.port, configuration).cancel();
      await setImmediate();

      expect(events.told).to.deep.equal([]);
    });

    it('leaves a stream alone that was handed over', async () => {
      const peer = await listen();
      start(peer.port);
      await events.over;
      handshake!.cancel();

      expect(events.stream!.destroyed).to.equal(false);
    });
  });
});
