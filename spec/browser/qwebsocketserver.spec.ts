import { expect } from 'chai';
import { WebSocketServer } from '../../lib/browser/qml/websocketserver.ts';
import { QWebSocketServer } from '../../lib/browser/qwebsocketserver.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import type { ByteStream, UpgradeSource } from '../../lib/websockets/server-backend.ts';

const WHY =
  'Operation on socket is not supported (browser: pages and workers cannot be connected to). ' +
  'Servers run in Node, or in the main process of Electron.';

describe('QWebSocketServer (browser)', () => {
  const ways: Record<string, (server: QWebSocketServer) => boolean> = {
    'a port': (server) => server.listen(QHostAddress.LocalHost, 1234),
    'any port': (server) => server.listen(),
    'a Unix-domain socket': (server) => server.listenLocal('/run/chat.sock'),
    'a socket of the system': (server) => server.setSocketDescriptor(3),
  };
  for (const [what, listen] of Object.entries(ways)) {
    it(`does not listen on ${what}, and says why`, () => {
      const server = new QWebSocketServer('name', SslMode.SecureMode);
      const codes: number[] = [];
      server.serverError.connect((code) => codes.push(code));

      expect(listen(server)).to.equal(false);
      expect(server.errorString()).to.equal(WHY);
      expect(codes).to.deep.equal([1006]);
      expect(server.isListening()).to.equal(false);
    });
  }

  it('throws nowhere', () => {
    const server = new QWebSocketServer();
    server.attach({} as UpgradeSource);
    server.detach();
    server.handleConnection({} as ByteStream);
    server.pauseAccepting();
    server.resumeAccepting();
    server.setSslConfiguration(server.sslConfiguration());
    server.broadcastTextMessage('nobody');
    server.close();

    expect(server.nextPendingConnection()).to.equal(null);
    expect(server.serverPort()).to.equal(0);
    expect(server.serverAddress().isNull()).to.equal(true);
    expect(server.serverUrl().isValid()).to.equal(false);
    expect(server.socketDescriptor()).to.equal(-1);
    server[Symbol.dispose]();
  });
});

describe('WebSocketServer (browser)', () => {
  it('says why it does not listen', () => {
    const server = new WebSocketServer({ listen: true, port: 0 });

    expect(server.errorString).to.equal(WHY);
  });
});
