import { expect } from 'chai';
import { once, type EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { restore, spy, useFakeTimers } from 'sinon';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QSsl } from '../../lib/ssl/qssl.ts';
import { QSslCertificate } from '../../lib/ssl/qsslcertificate.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { SslError, type QSslError } from '../../lib/ssl/qsslerror.ts';
import { QSslKey } from '../../lib/ssl/qsslkey.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { certificate as smallCertificate, pemText, serverKey } from '../ssl/support/certs.ts';
import { emitted } from '../support/emitted.ts';
import { hex } from '../support/hex.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { connectSecurely, identified, presenting, sharingKey } from '../support/secure-client.ts';
import { certificate, pem, trusting } from '../support/secure-peer.ts';
import { until } from '../support/until.ts';

interface WsClient extends EventEmitter {
  send(text: string): void;
  terminate(): void;
}

// It has no types of its own.
const { WebSocket } = createRequire(import.meta.url)('ws') as {
  WebSocket: new (url: string, options: object) => WsClient;
};

describe('QWebSocketServer over TLS', () => {
  let server: QWebSocketServer;
  let clients: QWebSocket[];
  let raws: RawClient[];

  beforeEach(() => {
    server = new QWebSocketServer('Test', SslMode.SecureMode);
    server.setSslConfiguration(identified());
    clients = [];
    raws = [];
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const client of clients) client.abort();
    for (const { socket } of raws) socket.destroy();
  });

  function open(configuration = trusting()): QWebSocket {
    const client = new QWebSocket();
    clients.push(client);
    client.setSslConfiguration(configuration);
    client.open(server.serverUrl());
    return client;
  }

  /** A client and its end on the server, which has been fetched. */
  async function connectedPair(
    configuration?: QSslConfiguration,
  ): Promise<[client: QWebSocket, socket: QWebSocket]> {
    const arrived = emitted(server.newConnection);
    const client = open(configuration);
    await Promise.all([arrived, emitted(client.connected)]);
    return [client, server.nextPendingConnection()!];
  }

  describe('a connection', () => {
    it('is of wss at both ends', async () => {
      server.listen();
      expect(server.serverUrl().toString()).to.equal(`wss://127.0.0.1:${server.serverPort()}`);

      const [client, socket] = await connectedPair();

      expect([client.requestUrl().scheme(), socket.requestUrl().scheme()]).to.deep.equal([
        'wss',
        'wss',
      ]);
      expect(socket.sslConfiguration().sessionCipher().name()).to.equal(
        client.sslConfiguration().sessionCipher().name(),
      );
      expect(socket.sslConfiguration().sessionProtocol()).to.equal(QSsl.TlsV1_3);
    });

    it('carries messages in both directions, and closes in order', async () => {
      server.listen(QHostAddress.LocalHost);
      const [client, socket] = await connectedPair();
      socket.textMessageReceived.connect((text) => socket.sendTextMessage(`${text}, ${text}!`));
      const answer = emitted(client.textMessageReceived);
      client.sendTextMessage('Hello');
      expect(await answer).to.deep.equal(['Hello, Hello!']);
      const alertSent = spy();
      socket.alertSent.connect(alertSent);

      client.close(1000, 'Done');
      await Promise.all([emitted(client.disconnected), emitted(socket.disconnected)]);

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1000, 'Done']);
      expect(client.closeCode()).to.equal(1000);
      expect(alertSent.args).to.deep.equal([[0, 0, 'close notify']]);
    });

    it('is made by ws', async () => {
      server.listen(QHostAddress.LocalHost);
      const arrived = emitted(server.newConnection);
      const client = new WebSocket(server.serverUrl().toString(), { ca: pem('ca.crt') });
      await Promise.all([arrived, once(client, 'open')]);
      const message = emitted(server.nextPendingConnection()!.textMessageReceived);

      client.send('from ws');

      expect(await message).to.deep.equal(['from ws']);
      client.terminate();
    });

    it('delivers what has come before it was fetched', async () => {
      server.listen(QHostAddress.LocalHost);
      const raw = await connectSecurely(server.serverPort());
      raws.push(raw);
      const arrived = emitted(server.newConnection);
      raw.write(upgradeRequest());
      await arrived;
      raw.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]));

      const socket = server.nextPendingConnection()!;

      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['a']);
    });

    it('dies with the server', async () => {
      server.listen(QHostAddress.LocalHost);
      const [client] = await connectedPair();
      const disconnected = emitted(client.disconnected);

      server[Symbol.dispose]();

      await disconnected;
      expect(client.closeCode()).to.equal(1006);
    });

    it('may be of a client that shows the server another name, or none', async () => {
      server.listen(QHostAddress.LocalHost);
      for (const servername of ['other.example', '']) {
        const raw = await connectSecurely(server.serverPort(), {
          servername,
          checkServerIdentity: () => undefined,
        });
        raws.push(raw);

        raw.write(upgradeRequest());

        expect(await raw.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
      }
    });
  });

  describe('a certificate of the client', () => {
    const { VerifyPeer, QueryPeer } = PeerVerifyMode;

    function require(mode: PeerVerifyMode): void {
      const configuration = identified();
      configuration.setPeerVerifyMode(mode);
      server.setSslConfiguration(configuration);
      server.listen(QHostAddress.LocalHost);
    }

    it('can be demanded, and is there to be read', async () => {
      require(VerifyPeer);

      const [, socket] = await connectedPair(identified('client'));

      const shown = socket.sslConfiguration().peerCertificate();
      expect(shown.equals(certificate('client'))).to.equal(true);
    });

    it('that is demanded and missing ends the connection', async () => {
      require(VerifyPeer);
      const told: [QSslError, QHostAddress][] = [];
      server.peerVerifyError.connect((error, address) => told.push([error, address]));
      const newConnection = spy();
      const serverError = spy();
      server.newConnection.connect(newConnection);
      server.serverError.connect(serverError);

      const client = open();
      const [error] = await emitted(client.errorOccurred);

      expect(error).to.equal(SocketError.RemoteHostClosedError);
      const readable = told.map(([problem, address]) => [problem.error(), address.toString()]);
      expect(readable).to.deep.equal([[SslError.NoPeerCertificate, '127.0.0.1']]);
      expect(newConnection.callCount).to.equal(0);
      expect(serverError.callCount).to.equal(0);
    });

    it('that is not valid is told of, and let in when it was only asked for', async () => {
      require(QueryPeer);
      const sslErrors = emitted(server.sslErrors);

      const [, socket] = await connectedPair(identified('expired'));

      const [errors, address] = await sslErrors;
      expect(errors.map((error) => error.error())).to.deep.equal([SslError.CertificateExpired]);
      expect(address.toString()).to.equal('127.0.0.1');
      const shown = socket.sslConfiguration().peerCertificate();
      expect(shown.equals(certificate('expired'))).to.equal(true);
    });

    it('that is not valid is let in when a slot says so', async () => {
      require(VerifyPeer);
      server.sslErrorsOccurred.connect((unverified) => unverified.ignoreSslErrors());

      const [, socket] = await connectedPair(identified('self-signed'));

      expect(socket.isValid()).to.equal(true);
    });

    it('is looked at again when the client resumes a session', async () => {
      require(QueryPeer);
      const first = await connectSecurely(server.serverPort(), presenting('self-signed'));
      const [session] = (await once(first.socket, 'session')) as [Buffer];
      raws.push(first);
      const sslErrors = emitted(server.sslErrors);

      const second = await connectSecurely(server.serverPort(), { session });
      raws.push(second);

      expect((second.socket as TLSSocket).isSessionReused()).to.equal(true);
      const [errors] = await sslErrors;
      expect(errors.map((error) => error.error())).to.deep.equal([SslError.SelfSignedCertificate]);
    });
  });

  describe('a new certificate', () => {
    it('is shown to later clients, and open connections stay', async () => {
      server.listen(QHostAddress.LocalHost);
      const [before, socket] = await connectedPair();
      const renewed = QSslConfiguration.defaultConfiguration();
      renewed.setLocalCertificate(smallCertificate('server'));
      renewed.setPrivateKey(serverKey());

      server.setSslConfiguration(renewed);
      const trust = QSslConfiguration.defaultConfiguration();
      trust.setCaCertificates([new QSslCertificate(pemText('ca.crt'))]);
      const [after] = await connectedPair(trust);

      const shown = after.sslConfiguration().peerCertificate();
      expect(shown.equals(smallCertificate('server'))).to.equal(true);
      const message = emitted(before.textMessageReceived);
      socket.sendTextMessage('still here');
      expect(await message).to.deep.equal(['still here']);
    });

    it('does not let a client resume what it had with the old one', async () => {
      server.listen(QHostAddress.LocalHost);
      const first = await connectSecurely(server.serverPort());
      const [session] = (await once(first.socket, 'session')) as [Buffer];
      raws.push(first);

      server.setSslConfiguration(identified());
      const second = await connectSecurely(server.serverPort(), { session });
      raws.push(second);

      expect((second.socket as TLSSocket).isSessionReused()).to.equal(false);
    });

    it('that does not fit its key is not taken', async () => {
      server.listen(QHostAddress.LocalHost);
      const serverError = spy();
      server.serverError.connect(serverError);
      const broken = identified();
      broken.setPrivateKey(new QSslKey(pem('client.key'), QSsl.Rsa));

      server.setSslConfiguration(broken);
      const [client] = await connectedPair();

      expect(serverError.args).to.deep.equal([[1006]]);
      expect(server.errorString()).to.match(/^Error creating SSL context \(.*mismatch\) \(TLS: /);
      expect(client.isValid()).to.equal(true);
    });
  });

  it('is reached with a key that both sides know (tst_preSharedKey)', async () => {
    const key = Buffer.from('1a2b3c4d5e6f', 'hex');
    const configuration = sharingKey();
    configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
    configuration.setPreSharedKeyIdentityHint('QtTestServerHint');
    server.setSslConfiguration(configuration);
    server.listen(QHostAddress.LocalHost);
    const asked: string[] = [];
    const note = (who: string, authenticator: QSslPreSharedKeyAuthenticator): void => {
      const longest = authenticator.maximumIdentityLength() > 0 ? 'any' : 'no';
      asked.push(`${who} ${authenticator.identityHint()}, ${longest} identity`);
      expect(authenticator.maximumPreSharedKeyLength()).to.be.greaterThan(0);
      authenticator.setPreSharedKey(key);
    };
    server.preSharedKeyAuthenticationRequired.connect((authenticator) => {
      expect(authenticator.identity()).to.equal('Client_identity');
      note('server', authenticator);
    });
    const sslErrors = spy();
    server.sslErrors.connect(sslErrors);

    const client = new QWebSocket();
    clients.push(client);
    client.setSslConfiguration(configuration);
    client.preSharedKeyAuthenticationRequired.connect((authenticator) => {
      authenticator.setIdentity('Client_identity');
      note('client', authenticator);
    });
    const arrived = emitted(server.newConnection);
    client.open(server.serverUrl());
    await Promise.all([arrived, emitted(client.connected)]);

    expect(asked).to.deep.equal([
      'client QtTestServerHint, any identity',
      'server QtTestServerHint, no identity',
    ]);
    expect(sslErrors.callCount).to.equal(0);
  });

  describe('time', () => {
    it('cuts silent clients and lets others in meanwhile (tst_handshakeTimeout)', async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      server.setHandshakeTimeout(2_000);
      server.listen(QHostAddress.LocalHost);
      for (let i = 0; i < 50; i++) raws.push(await RawClient.connect(server.serverPort()));
      while (clock.countTimers() < 50) await setImmediate();

      const [client] = await connectedPair();
      clock.tick(2_000);

      await Promise.all(raws.map((raw) => raw.ended()));
      expect(client.state()).to.equal(SocketState.ConnectedState);
    });
  });

  it('cuts clients within TLS when it is closed', async () => {
    server.listen(QHostAddress.LocalHost);
    const silent = await RawClient.connect(server.serverPort());
    raws.push(silent);
    await connectedPair();

    server.close();

    expect(await silent.ended()).to.equal('');
  });

  it('keeps nothing of a thousand clients, good and bad ones', async function () {
    this.timeout(60_000);
    const configuration = QSslConfiguration.defaultConfiguration();
    configuration.setLocalCertificate(smallCertificate('server'));
    configuration.setPrivateKey(serverKey());
    server.setSslConfiguration(configuration);
    server.newConnection.connect(() => server.nextPendingConnection()!.setCloseTimeout(1_000));
    server.listen(QHostAddress.LocalHost);
    const port = server.serverPort();
    const round = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 10 }, (_, way) => visit(port, way)));

    // mocha sets its timer when it has got the promise.
    await setImmediate();
    const [sockets, timers] = [resources('TCPSocketWrap'), resources('Timeout')];
    for (let i = 0; i < 100; i++) await round();

    await until(() => resources('TCPSocketWrap') <= sockets && resources('Timeout') <= timers);
  });

  it('does not take a configuration in NonSecureMode', () => {
    const plain = new QWebSocketServer();

    plain.setSslConfiguration(identified());

    const expected = QSslConfiguration.defaultConfiguration();
    expect(plain.sslConfiguration().equals(expected)).to.equal(true);
  });
});

/** One of ten ways to meet a secure server; resolves when the connection is over. */
async function visit(port: number, way: number): Promise<void> {
  if (way === 0) {
    const raw = await RawClient.connect(port);
    raw.write('GET / HTTP/1.1\r\n\r\n');
    await raw.ended();
  } else if (way === 1) {
    const raw = await RawClient.connect(port);
    raw.socket.end();
    await raw.ended();
  } else {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => {});
    if (way === 2) {
      await once(socket, 'connect');
      socket.destroy();
    } else {
      socket.write(way === 3 ? 'garbage\r\n\r\n' : upgradeRequest());
      // An empty Close frame; the server answers it and ends the connection.
      socket.write(hex('88 80 00 00 00 00'));
    }
    socket.resume();
    socket.on('end', () => socket.end());
    await once(socket, 'close');
  }
}

/** How many of the things that keep the process alive are of this kind. */
function resources(kind: string): number {
  return process.getActiveResourcesInfo().filter((name) => name === kind).length;
}
