import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect, type TLSSocket, type ConnectionOptions } from 'node:tls';
import { restore, spy, useFakeTimers } from 'sinon';
import { ServerRecord } from '../../lib/node/diagnostics/server-record.ts';
import {
  sessionConfiguration,
  TlsAcceptor,
  type TlsAcceptorOwner,
} from '../../lib/node/tls-acceptor.ts';
import { TlsGate } from '../../lib/node/tls-gate.ts';
import { AlertLevel, AlertType } from '../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import type { ServerSettings } from '../../lib/websockets/server-backend.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { connectSecurely, identified, presenting } from '../support/secure-client.ts';
import { certificate } from '../support/secure-peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { clientHello, UNKNOWN_CA } from '../support/client-hello.ts';
import { RecordingServerEvents } from '../support/server-events.ts';
import { SERVER_SETTINGS } from '../support/server-settings.ts';

interface Welcome {
  readonly socket: TLSSocket;
  readonly configuration: QSslConfiguration;
  readonly timeLeft: number;
}

/** Keeps what an acceptor tells. */
class Owner implements TlsAcceptorOwner {
  readonly events = new RecordingServerEvents();
  readonly settings: ServerSettings = { ...SERVER_SETTINGS, isSecure: true };
  readonly record = new ServerRecord(undefined);
  readonly outcomes: (Welcome | undefined)[] = [];
  readonly outcome: Promise<Welcome | undefined>;
  #end: (outcome: Welcome | undefined) => void = () => {};

  constructor() {
    this.outcome = new Promise((resolve) => (this.#end = resolve));
  }

  secured(
    _acceptor: TlsAcceptor,
    socket: TLSSocket,
    configuration: QSslConfiguration,
    timeLeft: number,
  ): void {
    const welcome = { socket, configuration, timeLeft };
    this.outcomes.push(welcome);
    this.#end(welcome);
  }

  unsecured(): void {
    this.outcomes.push(undefined);
    this.#end(undefined);
  }
}

describe('TlsAcceptor', () => {
  const timers = ['setTimeout', 'clearTimeout', 'performance'] as const;
  let server: Server;
  let owner: Owner;
  let sockets: Socket[];
  let configuration: QSslConfiguration;

  beforeEach(async () => {
    sockets = [];
    owner = new Owner();
    configuration = identified();
    server = createServer({ allowHalfOpen: true });
    server.on('connection', (socket) => sockets.push(socket));
    await listenOnLoopback(server);
  });

  afterEach(() => {
    restore();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  function port(): number {
    return (server.address() as AddressInfo).port;
  }

  /** The acceptor of the next client, before it has begun. */
  async function nextAcceptor(): Promise<[acceptor: TlsAcceptor, stream: Socket]> {
    const [stream] = (await once(server, 'connection')) as [Socket];
    return [new TlsAcceptor(stream, new TlsGate(configuration, owner.events), owner), stream];
  }

  async function meet(): Promise<[acceptor: TlsAcceptor, stream: Socket]> {
    const [acceptor, stream] = await nextAcceptor();
    acceptor.start();
    return [acceptor, stream];
  }

  /** A client that may be refused. */
  function client(options: ConnectionOptions = {}): TLSSocket {
    const socket = connect({
      port: port(),
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...options,
    });
    socket.on('error', () => {});
    socket.resume();
    sockets.push(socket);
    return socket;
  }

  async function plainClient(): Promise<RawClient> {
    const raw = await RawClient.connect(port());
    sockets.push(raw.socket);
    return raw;
  }

  it('hands over a stream that carries bytes both ways', async () => {
    const met = meet();
    const raw = await connectSecurely(port());
    await met;

    const { socket } = (await owner.outcome)!;
    raw.write('ping');
    socket.write('pong');

    expect(String((await once(socket, 'data'))[0])).to.equal('ping');
    expect(await raw.hears('pong')).to.equal('pong');
  });

  it('hands over a stream that the client may end on its side', async () => {
    void meet();
    const raw = await connectSecurely(port());
    const { socket } = (await owner.outcome)!;

    raw.socket.end('last');
    socket.resume();
    await once(socket, 'end');
    socket.end('answer');

    expect(await raw.ended()).to.equal('answer');
  });

  it('tells about the session', async () => {
    configuration.setPeerVerifyMode(PeerVerifyMode.QueryPeer);
    void meet();
    client(presenting('client'));

    const told = (await owner.outcome)!.configuration;

    expect(told.peerCertificate().equals(certificate('client'))).to.equal(true);
    expect(told.sessionCipher().isNull()).to.equal(false);
    expect(told.sessionProtocol()).to.not.equal(-1);
    expect(told.localCertificate().equals(certificate('server'))).to.equal(true);
    expect(configuration.peerCertificate().isNull()).to.equal(true);
  });

  describe('verification', () => {
    const { VerifyNone, QueryPeer, VerifyPeer, AutoVerifyPeer } = PeerVerifyMode;
    const names = ['VerifyNone', 'QueryPeer', 'VerifyPeer', 'AutoVerifyPeer'];
    const { NoPeerCertificate, SelfSignedCertificate, CertificateExpired } = SslError;
    const rows: [
      mode: PeerVerifyMode,
      shown: string | undefined,
      isWelcome: boolean,
      problems: SslError[],
    ][] = [
      [VerifyNone, undefined, true, []],
      [VerifyNone, 'self-signed', true, []],
      [QueryPeer, undefined, true, []],
      [QueryPeer, 'client', true, []],
      [QueryPeer, 'self-signed', true, [SelfSignedCertificate]],
      [QueryPeer, 'expired', true, [CertificateExpired]],
      [AutoVerifyPeer, undefined, true, []],
      [AutoVerifyPeer, 'client', true, []],
      [AutoVerifyPeer, 'self-signed', true, [SelfSignedCertificate]],
      [VerifyPeer, undefined, false, [NoPeerCertificate]],
      [VerifyPeer, 'client', true, []],
      [VerifyPeer, 'self-signed', false, [SelfSignedCertificate]],
      [VerifyPeer, 'expired', false, [CertificateExpired]],
    ];
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const [mode, shown, isWelcome, problems] of rows) {
        const verb = isWelcome ? 'welcomes' : 'refuses';
        it(`${verb} with ${names[mode]} over ${version}: ${shown ?? 'no certificate'}`, async () => {
          configuration.setPeerVerifyMode(mode);
          void meet();

          const shows = shown === undefined ? {} : presenting(shown);
          client({ ...shows, minVersion: version, maxVersion: version });

          expect((await owner.outcome) !== undefined).to.equal(isWelcome);
          expect(owner.events.problems).to.deep.equal(problems.length === 0 ? [] : [problems]);
          const told = owner.events.addresses.every((address) => address === '127.0.0.1');
          expect(told).to.equal(true);
        });
      }
    }

    it('trusts nobody where no authority is trusted', async () => {
      configuration.setPeerVerifyMode(VerifyPeer);
      configuration.setCaCertificates([]);
      void meet();

      client(presenting('client'));

      expect(await owner.outcome).to.equal(undefined);
      expect(owner.events.problems).to.deep.equal([
        [SslError.UnableToGetLocalIssuerCertificate, SslError.UnableToVerifyFirstCertificate],
      ]);
    });

    it('ends a refused connection in order, and says so', async () => {
      configuration.setPeerVerifyMode(VerifyPeer);
      const met = meet();

      const ended = once(client(), 'end');
      await met;

      await ended;
      expect(await owner.outcome).to.equal(undefined);
      expect(owner.events.alertsSent).to.deep.equal([
        { level: AlertLevel.Warning, type: AlertType.CloseNotify, description: 'close notify' },
      ]);
    });

    it('lets a client in that the application accepts', async () => {
      configuration.setPeerVerifyMode(VerifyPeer);
      const seen: unknown[] = [];
      owner.events.judge = (unverified) => {
        const shown = unverified.sslConfiguration().peerCertificate();
        seen.push(unverified.peerAddress().toString(), unverified.peerPort());
        seen.push(shown.equals(certificate('self-signed')));
        unverified.ignoreSslErrors();
      };
      void meet();

      const socket = client(presenting('self-signed'));

      expect(await owner.outcome).to.not.equal(undefined);
      expect(seen).to.deep.equal(['127.0.0.1', socket.localPort, true]);
    });

    const selfSigned = new QSslError(SslError.SelfSignedCertificate, certificate('self-signed'));
    const lists: Record<string, [ignored: QSslError[], isWelcome: boolean]> = {
      'the very error': [[selfSigned], true],
      'the error of another certificate': [
        [new QSslError(SslError.SelfSignedCertificate, certificate('client'))],
        false,
      ],
      'another error': [[new QSslError(SslError.CertificateExpired)], false],
      nothing: [[], false],
    };
    for (const [what, [ignored, isWelcome]] of Object.entries(lists)) {
      it(`${isWelcome ? 'welcomes' : 'refuses'} a client when ${what} is ignored`, async () => {
        configuration.setPeerVerifyMode(VerifyPeer);
        owner.events.judge = (unverified) => unverified.ignoreSslErrors(ignored);
        void meet();

        client(presenting('self-signed'));

        expect((await owner.outcome) !== undefined).to.equal(isWelcome);
      });
    }

    for (const mode of [VerifyPeer, QueryPeer]) {
      it(`is interrupted where that is asked for, with ${names[mode]}`, async () => {
        configuration.setPeerVerifyMode(mode);
        configuration.setHandshakeMustInterruptOnError(true);
        void meet();

        client(presenting('self-signed'));

        expect(await owner.outcome).to.equal(undefined);
        expect(owner.events.interruptions).to.deep.equal([SslError.SelfSignedCertificate]);
        expect(owner.events.problems).to.deep.equal([]);
      });
    }

    it('that cuts the connection hands nothing over', async () => {
      configuration.setPeerVerifyMode(QueryPeer);
      const accepted = nextAcceptor();
      const socket = client(presenting('self-signed'));
      const [acceptor] = await accepted;
      owner.events.judge = () => acceptor.cut('closed');
      const closed = once(socket, 'close');

      acceptor.start();
      await closed;

      expect(owner.outcomes).to.deep.equal([undefined]);
    });
  });

  describe('a client that fails', () => {
    it('because it speaks no TLS is cut', async () => {
      void meet();
      const raw = await plainClient();

      raw.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

      await raw.ended();
      expect(await owner.outcome).to.equal(undefined);
      expect(owner.outcomes).to.have.lengthOf(1);
    });

    it('because it leaves before TLS is forgotten', async () => {
      void meet();
      const raw = await plainClient();

      raw.socket.end();

      await raw.ended();
      expect(await owner.outcome).to.equal(undefined);
    });

    it('because it resets the connection is forgotten', async () => {
      void meet();
      const raw = await plainClient();

      raw.socket.resetAndDestroy();

      expect(await owner.outcome).to.equal(undefined);
    });

    it('because it resets the connection before TLS has begun is forgotten', async () => {
      const accepted = nextAcceptor();
      const raw = await plainClient();
      await accepted;

      raw.socket.resetAndDestroy();

      expect(await owner.outcome).to.equal(undefined);
    });

    it('after it was refused is forgotten', async () => {
      configuration.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
      const secured = spy(TlsAcceptor.prototype, 'secured');
      void meet();
      client();
      await owner.outcome;

      const [socket] = secured.args[0]!;

      expect(() => socket.emit('error', new Error('read ECONNRESET'))).to.not.throw();
    });

    it('with an alert is told of', async () => {
      void meet();
      const raw = await plainClient();

      raw.write(await clientHello({ maxVersion: 'TLSv1.2' }));
      await once(raw.socket, 'data');
      raw.write(UNKNOWN_CA);

      expect(await owner.outcome).to.equal(undefined);
      expect(owner.events.alertsReceived).to.deep.equal([
        { level: AlertLevel.Fatal, type: AlertType.UnknownCa, description: 'unknown ca' },
      ]);
      expect(owner.events.addresses).to.deep.equal(['127.0.0.1']);
    });
  });

  describe('time', () => {
    it('ends a handshake that does not get on', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      owner.settings.handshakeTimeout = 250;
      const met = meet();
      const raw = await plainClient();
      await met;

      clock.tick(249);
      expect(owner.outcomes).to.deep.equal([]);
      clock.tick(1);

      expect(owner.outcomes).to.deep.equal([undefined]);
      expect(await raw.ended()).to.equal('');
    });

    it('that is left is told', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      owner.settings.handshakeTimeout = 250;
      const accepted = nextAcceptor();
      const raw = await plainClient();
      const [acceptor] = await accepted;
      acceptor.start();
      clock.tick(100);
      const socket = connect({ socket: raw.socket, rejectUnauthorized: false });
      sockets.push(socket);

      const { timeLeft } = (await owner.outcome)!;

      expect(timeLeft).to.equal(150);
      expect(clock.countTimers()).to.equal(0);
    });

    it('does not run when the timeout is negative', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      owner.settings.handshakeTimeout = -1;
      const met = meet();
      client();
      await met;

      expect(clock.countTimers()).to.equal(0);
      expect((await owner.outcome)!.timeLeft).to.equal(-1);
    });

    it('does not run before it begins', async () => {
      const clock = useFakeTimers({ toFake: [...timers] });
      const accepted = nextAcceptor();
      await plainClient();
      await accepted;

      expect(clock.countTimers()).to.equal(0);
    });
  });

  describe('cut()', () => {
    it('ends the handshake once, and nothing begins after it', async () => {
      const accepted = nextAcceptor();
      const raw = await plainClient();
      const [acceptor] = await accepted;

      acceptor.cut('closed');
      acceptor.cut('closed');
      acceptor.start();

      expect(owner.outcomes).to.deep.equal([undefined]);
      expect(await raw.ended()).to.equal('');
    });
  });
});

describe('sessionConfiguration()', () => {
  it('adds what a TLS socket tells to a copy', async () => {
    const server = createServer((stream) => {
      const acceptor = new TlsAcceptor(
        stream,
        new TlsGate(identified(), new RecordingServerEvents()),
        owner,
      );
      acceptor.start();
    });
    const owner = new Owner();
    await listenOnLoopback(server);
    const { socket } = await connectSecurely((server.address() as AddressInfo).port);
    const base = new QSslConfiguration();
    base.setPeerVerifyMode(PeerVerifyMode.QueryPeer);

    const told = sessionConfiguration(base, socket as TLSSocket);

    expect(told.peerVerifyMode()).to.equal(PeerVerifyMode.QueryPeer);
    expect(told.peerCertificate().equals(certificate('server'))).to.equal(true);
    expect(base.peerCertificate().isNull()).to.equal(true);
    socket.destroy();
    server.close();
  });
});
