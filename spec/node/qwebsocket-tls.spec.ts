import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { OpCode } from '../../lib/codec/opcode.ts';
import { PauseMode, SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { AlertType, SslOption, SslProtocol } from '../../lib/ssl/qssl.ts';
import type { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import type { QWebSocketSignals } from '../../lib/websockets/qwebsocket-base.ts';
import { emitted } from '../support/emitted.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';
import { certificate, SecurePeer, showing, trusting } from '../support/secure-peer.ts';
import { closePayload } from '../support/session-rig.ts';
import { logSignals } from '../support/signal-log.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { wordsOf } from '../support/words-of.ts';

const { Text, Close } = OpCode;
const CONNECTED = ['stateChanged Connecting', 'stateChanged Connected', 'connected'];
const END = ['stateChanged Unconnected', 'disconnected', 'readChannelFinished'];
const SELF_SIGNED = 'The certificate is self-signed, and untrusted';
const UNTRUSTED = [`peerVerifyError ${SELF_SIGNED}`, `sslErrors ${SELF_SIGNED}`];
const GOODBYE = 'alertSent 0 0 close notify';
const REFUSED = ['stateChanged Connecting', ...UNTRUSTED, 'errorOccurred 13', ...END, GOODBYE];

describe('QWebSocket (Node) over TLS', () => {
  let peer: SecurePeer;
  let socket: QWebSocket;
  let log: string[];

  beforeEach(() => {
    socket = new QWebSocket();
    socket.setSslConfiguration(trusting());
    log = logSignals(socket, ['bytesWritten', 'error']);
  });

  afterEach(() => {
    socket.abort();
    peer.close();
  });

  async function listen(name = 'server', options: TlsOptions = {}): Promise<void> {
    peer = await SecurePeer.listen({ ...showing(name), ...options });
  }

  /** What is emitted up to the end of an attempt; a connection is accepted. */
  async function open(url = peer.url): Promise<string[]> {
    const from = log.length;
    const done = Promise.race([emitted(socket.connected), emitted(socket.disconnected)]);
    socket.open(url);
    const answered = peer.accept().catch(() => {});
    await done;
    if (socket.isValid()) await answered;
    await setImmediate();
    return log.slice(from);
  }

  /** Connects; what has been emitted until then is forgotten. */
  async function connect(): Promise<RawConnection> {
    const done = emitted(socket.connected);
    socket.open(peer.url);
    const connection = await peer.accept();
    await done;
    log.length = 0;
    return connection;
  }

  describe('opening', () => {
    it('tells what it tells without TLS', async () => {
      await listen();

      expect(await open()).to.deep.equal(CONNECTED);
      expect([socket.error(), socket.errorString()]).to.deep.equal([-1, 'Unknown error']);
    });

    it('shows the peer and the session', async () => {
      await listen();
      expect(socket.sslConfiguration().peerCertificate().isNull()).to.equal(true);
      await connect();

      const configuration = socket.sslConfiguration();
      expect(configuration.peerCertificate().equals(certificate('server'))).to.equal(true);
      expect(configuration.sessionProtocol()).to.equal(SslProtocol.TlsV1_3);
      expect(socket.peerName()).to.equal('127.0.0.1');
      expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
      expect(socket.peerPort()).to.equal(peer.port);
    });

    it('carries messages of any size', async () => {
      await listen();
      const connection = await connect();
      const text = 'ä'.repeat(100_000);
      socket.sendTextMessage(text);
      expect((await connection.frame()).payload.toString()).to.equal(text);
      connection.send(Text, text);
      const [received] = await emitted(socket.textMessageReceived);

      expect(received === text).to.equal(true);
    });

    it('counts what is written without what TLS adds', async () => {
      await listen();
      let sum = 0;
      socket.bytesWritten.connect((count) => void (sum += count));
      const done = emitted(socket.connected);
      socket.open(peer.url);
      const head = await (await peer.next()).accept();
      await done;
      expect(sum).to.equal(head.length);

      const written = emitted(socket.bytesWritten);
      socket.sendTextMessage('12345');
      await written;
      expect(sum).to.equal(head.length + 6 + 5);
    });
  });

  describe('closing', () => {
    it('says goodbye last', async () => {
      await listen();
      const connection = await connect();
      socket.close();
      expect((await connection.frame()).opcode).to.equal(Close);
      connection.send(Close, closePayload(1000));
      connection.socket.end();
      await emitted(socket.alertSent);

      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...END, GOODBYE]);
    });

    it('by the peer is told as by close()', async () => {
      await listen();
      const connection = await connect();
      connection.send(Close, closePayload(1000));
      await connection.frame();
      connection.socket.end();
      await emitted(socket.alertSent);

      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...END, GOODBYE]);
    });

    it('by abort() tells aboutToClose last', async () => {
      await listen();
      const connection = await connect();
      socket.abort();
      await connection.over;
      await setImmediate();

      expect(log).to.deep.equal([...END, 'aboutToClose']);
      expect(connection.unread).to.have.lengthOf(0);
    });

    it('without a Close frame is one error', async () => {
      await listen();
      const connection = await connect();
      connection.socket.end();
      await emitted(socket.readChannelFinished);
      await setImmediate();

      expect(log).to.deep.equal(['errorOccurred 1', 'stateChanged Closing', ...END, GOODBYE]);
      expect(socket.closeCode()).to.equal(1006);
    });

    it('by a reset is one error', async () => {
      await listen();
      const connection = await connect();
      connection.socket.destroy();
      await emitted(socket.readChannelFinished);
      await setImmediate();

      expect(log.slice(0, 5)).to.deep.equal(['errorOccurred 1', 'stateChanged Closing', ...END]);
    });
  });

  describe('a peer that cannot be verified', () => {
    it('gets nothing of the request, and is told goodbye', async () => {
      await listen('self-signed');
      const done = emitted(socket.alertSent);
      socket.open(peer.url);
      const connection = await peer.next();
      await done;
      await connection.ended;

      expect(log).to.deep.equal(REFUSED);
      expect(connection.unread).to.have.lengthOf(0);
      expect([socket.error(), wordsOf(socket.errorString())]).to.deep.equal([
        SocketError.SslHandshakeFailedError,
        SELF_SIGNED,
      ]);
    });

    it('is told of by every problem, the first in errorString()', async () => {
      await listen('other-host');
      socket.setSslConfiguration(trusting('root'));
      const told = await open();

      expect(told.filter((line) => line.startsWith('peerVerifyError'))).to.deep.equal([
        'peerVerifyError The host name did not match any of the valid hosts for this certificate',
        'peerVerifyError The issuer certificate of a locally looked up certificate could not be found',
        'peerVerifyError No certificates could be verified',
      ]);
      expect(told.filter((line) => line.startsWith('sslErrors'))).to.have.lengthOf(1);
      expect(socket.errorString()).to.match(/^The host name did not match/);
    });

    it('is there to be looked at in sslErrors', async () => {
      await listen('self-signed');
      let seen: QSslConfiguration | undefined;
      socket.sslErrors.connect(() => (seen = socket.sslConfiguration()));
      await open();

      expect(seen!.peerCertificate().equals(certificate('self-signed'))).to.equal(true);
      expect(seen!.sessionCipher().isNull()).to.equal(false);
    });

    it('is nobody’s business in the mode VerifyNone', async () => {
      await listen('self-signed');
      const configuration = trusting();
      configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
      socket.setSslConfiguration(configuration);

      expect(await open()).to.deep.equal(CONNECTED);
    });

    it('is told of in the mode QueryPeer, and no more', async () => {
      await listen('self-signed');
      const configuration = trusting();
      configuration.setPeerVerifyMode(PeerVerifyMode.QueryPeer);
      socket.setSslConfiguration(configuration);

      expect(await open()).to.deep.equal([CONNECTED[0], ...UNTRUSTED, ...CONNECTED.slice(1)]);
    });
  });

  describe('ignoreSslErrors()', () => {
    const IGNORED = [CONNECTED[0], ...UNTRUSTED, ...CONNECTED.slice(1)];
    const problem = (name = 'self-signed', code: SslError = SslError.SelfSignedCertificate) =>
      new QSslError(code, certificate(name));

    it('before open() holds for every connection', async () => {
      await listen('self-signed');
      socket.ignoreSslErrors();

      expect(await open()).to.deep.equal(IGNORED);
      expect(await open()).to.deep.equal(IGNORED);
    });

    for (const signal of ['peerVerifyError', 'sslErrors'] as const) {
      it(`in a slot of ${signal} holds for that connection`, async () => {
        await listen('self-signed');
        socket.once(signal, () => socket.ignoreSslErrors());

        expect(await open()).to.deep.equal(IGNORED);
        expect(await open()).to.deep.equal(REFUSED);
      });
    }

    it('with a list holds for what is in it, for every connection', async () => {
      await listen('self-signed');
      socket.ignoreSslErrors([problem()]);

      expect(await open()).to.deep.equal(IGNORED);
      expect(await open()).to.deep.equal(IGNORED);
    });

    const others: Record<string, QSslError[]> = {
      'another certificate': [problem('server')],
      'no certificate': [new QSslError(SslError.SelfSignedCertificate)],
      'another problem': [problem('self-signed', SslError.CertificateExpired)],
      'nothing in it': [],
    };
    for (const [what, list] of Object.entries(others)) {
      it(`with a list with ${what} helps nothing`, async () => {
        await listen('self-signed');
        socket.ignoreSslErrors(list);

        expect(await open()).to.deep.equal(REFUSED);
      });
    }

    it('with a new list forgets the old one', async () => {
      await listen('self-signed');
      socket.ignoreSslErrors([problem()]);
      socket.ignoreSslErrors([problem('server')]);

      expect(await open()).to.deep.equal(REFUSED);
    });

    it('needs every problem in the list', async () => {
      await listen('other-host');
      socket.setSslConfiguration(trusting('root'));
      socket.ignoreSslErrors([problem('other-host', SslError.HostNameMismatch)]);

      expect(await open()).to.include('errorOccurred 13');
    });
  });

  describe('a pause on errors', () => {
    let waiting: RawConnection;

    /** Opens, and waits in the pause. */
    async function pause(): Promise<void> {
      await listen('self-signed');
      socket.setPauseMode(PauseMode.PauseOnSslErrors);
      const told = emitted(socket.sslErrors);
      socket.open(peer.url);
      await told;
      waiting = await peer.next();
      await setImmediate();
      expect(socket.state()).to.equal(SocketState.ConnectingState);
      expect(waiting.unread).to.have.lengthOf(0);
      log.length = 0;
    }

    it('ends with a connection when the errors are ignored', async () => {
      await pause();
      socket.ignoreSslErrors();
      socket.resume();
      socket.resume();
      expect(log).to.deep.equal([]);
      const done = emitted(socket.connected);
      await waiting.accept();
      await done;

      expect(log).to.deep.equal(CONNECTED.slice(1));
      // What was said in the pause was about that connection.
      socket.setPauseMode(PauseMode.PauseNever);
      expect(await open()).to.deep.equal(REFUSED);
    });

    it('fails when they are not', async () => {
      await pause();
      socket.resume();
      socket.resume();
      expect(log).to.deep.equal([]);
      await waiting.ended;
      await setImmediate();

      expect(log).to.deep.equal(['errorOccurred 13', ...END, GOODBYE]);
      expect(waiting.unread).to.have.lengthOf(0);
    });

    it('does not begin when they are ignored already', async () => {
      await listen('self-signed');
      socket.setPauseMode(PauseMode.PauseOnSslErrors);
      socket.ignoreSslErrors();

      expect((await open()).at(-1)).to.equal('connected');
    });

    it('is not ended by resume() in the slot, as in Qt', async () => {
      await listen('self-signed');
      socket.setPauseMode(PauseMode.PauseOnSslErrors);
      socket.sslErrors.connect(() => socket.resume());
      const told = emitted(socket.sslErrors);
      socket.open(peer.url);
      await told;
      const connection = await peer.next();
      await setImmediate();
      expect(socket.state()).to.equal(SocketState.ConnectingState);
      expect(connection.unread).to.have.lengthOf(0);

      socket.resume();
      await emitted(socket.disconnected);
      expect(log.filter((line) => line === 'errorOccurred 13')).to.have.lengthOf(1);
    });

    it('sends the request once, ignored and resumed in the slot', async () => {
      await listen('self-signed');
      socket.setPauseMode(PauseMode.PauseOnSslErrors);
      socket.sslErrors.connect(() => {
        socket.ignoreSslErrors();
        socket.resume();
      });
      const connection = await connect();
      await setImmediate();

      expect(connection.unread).to.have.lengthOf(0);
      expect(socket.isValid()).to.equal(true);
    });

    it('may be ended by abort(), after which nothing is at hand', async () => {
      await pause();
      socket.abort();
      socket.resume();
      socket.ignoreSslErrors();
      await waiting.over;
      await setImmediate();
      expect(log).to.deep.equal([...END, 'aboutToClose']);

      // It was said outside of any connection: it holds for all of them.
      expect((await open()).at(-1)).to.equal('connected');
    });

    it('may be ended by abort() after resume()', async () => {
      await pause();
      socket.resume();
      socket.abort();
      await setImmediate();

      expect(log).to.deep.equal([...END, 'aboutToClose']);
    });

    it('may be ended by the peer', async () => {
      await pause();
      const gone = emitted(socket.readChannelFinished);
      waiting.socket.destroy();
      await gone;
      socket.resume();
      await setImmediate();

      expect(log.slice(0, 4)).to.deep.equal(['errorOccurred 1', ...END]);
      expect(log.filter((line) => line.startsWith('errorOccurred'))).to.have.lengthOf(1);
    });
  });

  describe('an interrupted handshake', () => {
    const INTERRUPTED = `handshakeInterruptedOnError ${SELF_SIGNED}`;

    beforeEach(async () => {
      await listen('self-signed');
      const configuration = trusting();
      configuration.setHandshakeMustInterruptOnError(true);
      socket.setSslConfiguration(configuration);
    });

    it('fails, and asks for nothing else', async () => {
      expect(await open()).to.deep.equal([
        CONNECTED[0],
        INTERRUPTED,
        'errorOccurred 13',
        ...END,
        GOODBYE,
      ]);
    });

    it('goes on as any other when the slot says so', async () => {
      socket.handshakeInterruptedOnError.connect(() => socket.continueInterruptedHandshake());
      socket.sslErrors.connect(() => socket.ignoreSslErrors());

      expect(await open()).to.deep.equal([
        CONNECTED[0],
        INTERRUPTED,
        ...UNTRUSTED,
        ...CONNECTED.slice(1),
      ]);
    });

    it('has to be continued in the slot, not before', async () => {
      socket.continueInterruptedHandshake();

      expect(await open()).to.include('errorOccurred 13');
    });
  });

  describe('the signals of a failure', () => {
    const HANDSHAKE = 'Error during SSL handshake: ';

    it('of a server that speaks no TLS come as Qt has them', async () => {
      await listen();
      const plain = await RawPeer.listen();
      const done = emitted(socket.readChannelFinished);
      socket.open(plain.url.replace('ws:', 'wss:'));
      const connection = await plain.next();
      await connection.read(5);
      connection.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      await done;
      plain.close();

      expect(log).to.deep.equal(['stateChanged Connecting', 'errorOccurred 13', ...END]);
      expect(wordsOf(socket.errorString())).to.equal(`${HANDSHAKE}wrong version number`);
    });

    it('of a peer that leaves during TLS name the peer', async () => {
      await listen();
      const plain = await RawPeer.listen();
      const done = emitted(socket.readChannelFinished);
      socket.open(plain.url.replace('ws:', 'wss:'));
      const connection = await plain.next();
      await connection.read(5);
      connection.socket.end();
      await done;
      plain.close();

      expect(log).to.deep.equal(['stateChanged Connecting', 'errorOccurred 1', ...END]);
    });

    it('of an alert tell of it first', async () => {
      await listen('server', { minVersion: 'TLSv1.3' });
      const configuration = trusting();
      configuration.setProtocol(SslProtocol.TlsV1_2);
      socket.setSslConfiguration(configuration);

      expect(await open()).to.deep.equal([
        'stateChanged Connecting',
        `alertReceived 1 ${AlertType.ProtocolVersion} protocol version`,
        'errorOccurred 13',
        ...END,
      ]);
    });

    it('of nobody at the port tell of the error last', async () => {
      await listen();
      peer.close();

      expect(await open()).to.deep.equal([
        'stateChanged Connecting',
        'stateChanged Unconnected',
        'disconnected',
        'errorOccurred 0',
      ]);
    });

    it('of settings that cannot be used come after open()', async () => {
      await listen();
      const configuration = trusting();
      configuration.setProtocol(SslProtocol.DtlsV1_2);
      socket.setSslConfiguration(configuration);

      expect(await open()).to.deep.equal(['stateChanged Connecting', 'errorOccurred 21', ...END]);
      expect(socket.errorString()).to.match(/^Error creating SSL context \(/);
    });

    it('of a server that refuses over TLS come as without it', async () => {
      await listen();
      const done = emitted(socket.alertSent);
      socket.open(peer.url);
      const connection = await peer.next();
      await connection.head();
      connection.socket.write('HTTP/1.1 403 Forbidden\r\n\r\n');
      await done;

      expect(log).to.deep.equal(['stateChanged Connecting', 'errorOccurred 0', ...END, GOODBYE]);
    });

    it('of a TLS server without TLS are those of a peer that is no server', async () => {
      await listen();
      const done = emitted(socket.readChannelFinished);
      socket.open(peer.url.replace('wss:', 'ws:'));
      await done;

      expect(log[0]).to.equal('stateChanged Connecting');
      expect(log.slice(2)).to.deep.equal(END);
    });
  });

  describe('a slot', () => {
    type Scenario = readonly [signal: keyof QWebSocketSignals, prepare: () => Promise<void>];

    async function beUntrusted(): Promise<void> {
      await listen('self-signed');
    }

    const scenarios: Record<string, Scenario> = {
      peerVerifyError: ['peerVerifyError', beUntrusted],
      sslErrors: ['sslErrors', beUntrusted],
      'errorOccurred of TLS': ['errorOccurred', beUntrusted],
      'disconnected of TLS': ['disconnected', beUntrusted],
      'alertSent of TLS': ['alertSent', beUntrusted],
      handshakeInterruptedOnError: [
        'handshakeInterruptedOnError',
        async () => {
          await beUntrusted();
          const configuration = trusting();
          configuration.setHandshakeMustInterruptOnError(true);
          socket.setSslConfiguration(configuration);
        },
      ],
      alertReceived: [
        'alertReceived',
        async () => {
          await listen('server', { minVersion: 'TLSv1.3' });
          const configuration = trusting();
          configuration.setProtocol(SslProtocol.TlsV1_2);
          socket.setSslConfiguration(configuration);
        },
      ],
      preSharedKeyAuthenticationRequired: [
        'preSharedKeyAuthenticationRequired',
        async () => {
          peer = await SecurePeer.listen({
            ciphers: 'PSK',
            maxVersion: 'TLSv1.2',
            pskCallback: () => Buffer.alloc(16),
          } as unknown as TlsOptions);
          const configuration = trusting();
          configuration.setProtocol(SslProtocol.TlsV1_2);
          configuration.setCiphers('PSK');
          socket.setSslConfiguration(configuration);
        },
      ],
      'connected over TLS': ['connected', () => listen()],
    };

    /** Does `act` in the first call of the signal; what was emitted, and thrown. */
    async function actDuring(
      [signal, prepare]: Scenario,
      act: () => void,
    ): Promise<{ before: string[]; after: string[]; errors: unknown[] }> {
      await prepare();
      let at = -1;
      const errors = await uncaughtErrors(async () => {
        const called = new Promise<void>((resolve) => {
          socket.once(signal, () => {
            at = log.length;
            act();
            resolve();
          });
        });
        socket.open(peer.url);
        peer.accept().catch(() => {});
        await called;
        for (let turn = 0; turn < 5; turn++) await setImmediate();
      });
      return { before: log.slice(0, at), after: log.slice(at), errors };
    }

    function expectNothingTwice(lines: string[]): void {
      for (const line of [...END, 'aboutToClose', 'errorOccurred 13', GOODBYE]) {
        expect(lines.filter((other) => other === line).length, line).to.be.at.most(1);
      }
    }

    for (const [name, scenario] of Object.entries(scenarios)) {
      for (const what of ['abort', 'close'] as const) {
        it(`may ${what}() during ${name}`, async () => {
          const { before, after, errors } = await actDuring(scenario, () => socket[what]());

          expect(errors).to.deep.equal([]);
          expectNothingTwice([...before, ...after]);
          const isClosing = what === 'close' && name === 'connected over TLS';
          expect(socket.state()).to.equal(
            isClosing ? SocketState.ClosingState : SocketState.UnconnectedState,
          );
          for (const signal of ['sslErrors', 'peerVerifyError']) {
            const late = after.filter((line) => line.startsWith(signal));
            expect(late, signal).to.deep.equal([]);
          }
        });
      }

      it(`may open() anew during ${name}`, async () => {
        const other = await RawPeer.listen();
        const connected = new Promise<void>((resolve) => {
          socket.connected.connect(() => {
            if (socket.requestUrl().scheme() === 'ws') resolve();
          });
        });
        const { before, errors } = await actDuring(scenario, () => socket.open(other.url));
        const connection = await other.next();
        await connection.accept();
        await connected;
        await setImmediate();
        other.close();

        const after = log.slice(before.length).filter((line) => line !== CONNECTED[0]);
        expect(errors).to.deep.equal([]);
        expect(after).to.deep.equal(CONNECTED.slice(1));
      });

      it(`may deleteLater() during ${name}`, async () => {
        const { before, after, errors } = await actDuring(scenario, () => socket.deleteLater());

        expect(errors).to.deep.equal([]);
        expectNothingTwice([...before, ...after]);
      });
    }

    it('may ignore and abort in one, and nothing is sent', async () => {
      await beUntrusted();
      socket.sslErrors.connect(() => {
        socket.ignoreSslErrors();
        socket.abort();
      });
      const done = emitted(socket.aboutToClose);
      socket.open(peer.url);
      await done;
      for (let turn = 0; turn < 5; turn++) await setImmediate();

      expect(socket.bytesToWrite()).to.equal(0);
      expect(peer.unread).to.have.lengthOf(0);
      expect(log.slice(3)).to.deep.equal([...END, 'aboutToClose']);
    });
  });

  describe('sessions', () => {
    function keeping(protocol: SslProtocol): QSslConfiguration {
      const configuration = trusting();
      configuration.setProtocol(protocol);
      configuration.setSslOption(SslOption.SslOptionDisableSessionPersistence, false);
      return configuration;
    }

    /** Connects, and gets a message, by which time the server has given its sessions. */
    async function exchange(): Promise<TLSSocket> {
      const connection = await connect();
      connection.send(Text, 'x');
      await emitted(socket.textMessageReceived);
      await setImmediate();
      return peer.streams.at(-1)!;
    }

    for (const protocol of ['TlsV1_2', 'TlsV1_3'] as const) {
      it(`are resumed by the next open(), if they are to be kept, with ${protocol}`, async () => {
        await listen();
        socket.setSslConfiguration(keeping(SslProtocol[protocol]));
        expect((await exchange()).isSessionReused()).to.equal(false);
        expect(socket.sslConfiguration().sessionTicket().length).to.be.above(0);

        expect((await exchange()).isSessionReused()).to.equal(true);
        expect(socket.sslConfiguration().peerCertificate().equals(certificate('server'))).to.equal(
          true,
        );
      });
    }

    it('are not kept otherwise', async () => {
      await listen();
      await exchange();
      expect(socket.sslConfiguration().sessionTicket()).to.have.lengthOf(0);

      expect((await exchange()).isSessionReused()).to.equal(false);
    });

    it('do not get into a configuration that was set since', async () => {
      await listen();
      socket.setSslConfiguration(keeping(SslProtocol.TlsV1_3));
      const own = trusting();
      socket.connected.connect(() => socket.setSslConfiguration(own));
      await exchange();

      expect(socket.sslConfiguration().equals(own)).to.equal(true);
    });
  });
});
