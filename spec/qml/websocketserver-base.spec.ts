import { expect } from 'chai';
import sinon from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { WebSocket } from '../../lib/node/qml/websocket.ts';
import { WebSocketServer } from '../../lib/node/qml/websocketserver.ts';
import { Status } from '../../lib/qml/websocket-base.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { emitted } from '../support/emitted.ts';
import { RawClient, SAMPLE_KEY } from '../support/raw-client.ts';
import { identified } from '../support/secure-client.ts';
import { certificate, trusting } from '../support/secure-peer.ts';
import { reaches } from './support/reaches.ts';
import { wordsOf } from '../support/words-of.ts';

class Family extends QObject {}

describe('WebSocketServerBase', () => {
  let family: Family;

  beforeEach(() => {
    family = new Family();
  });

  afterEach(() => {
    family[Symbol.dispose]();
  });

  /** A server, the WebSocket that it has accepted, and the one that has dialled it. */
  async function connected(init: object = {}): Promise<[WebSocketServer, WebSocket, WebSocket]> {
    const server = new WebSocketServer({ listen: true, ...init }, family);
    const { client, dialling } = await joined(server);
    return [server, client, dialling];
  }

  /** One more that `server` has accepted, and the one that has dialled it. */
  async function joined(
    server: WebSocketServer,
  ): Promise<{ client: WebSocket; dialling: WebSocket }> {
    const accepted = emitted(server.clientConnected);
    const dialling = new WebSocket({ url: server.url, active: true }, family);
    const [client] = await accepted;
    await reaches(dialling, Status.Open);
    return { client, dialling };
  }

  /** Whether somebody can connect to `server` now. */
  async function answers(server: WebSocketServer): Promise<boolean> {
    const socket = new WebSocket({ url: server.url, active: true }, family);
    while (socket.status !== Status.Open && socket.status !== Status.Error) {
      await emitted(socket.statusChanged);
    }
    return socket.status === Status.Open;
  }

  it('does not listen at first', () => {
    const server = new WebSocketServer();

    expect(server.listen).to.equal(false);
    expect(server.accept).to.equal(true);
    expect(server.host).to.equal('127.0.0.1');
    expect(server.port).to.equal(0);
    expect(server.url).to.equal('ws://127.0.0.1:0');
    expect(server.name).to.equal('');
    expect(server.errorString).to.equal('');
    expect(server.supportedSubprotocols).to.deep.equal([]);
    expect(server.originCheckEnabled).to.equal(true);
  });

  it('is not ready before it is complete', () => {
    let errorString = '';
    const server = new WebSocketServer({
      name() {
        errorString = this.errorString;
        return 'bound';
      },
    });

    expect(errorString).to.equal('QQmlWebSocketServer is not ready.');
    expect(server.name).to.equal('bound');
  });

  it('is a child of its parent', () => {
    expect(new WebSocketServer({}, family).parent()).to.equal(family);
  });

  describe('listen', () => {
    it('takes the port that the system has chosen', async () => {
      const server = new WebSocketServer({ listen: true }, family);

      expect(server.port).to.be.greaterThan(0);
      expect(server.url).to.equal(`ws://127.0.0.1:${server.port}`);
      expect(await answers(server)).to.equal(true);
    });

    it('ends when it becomes false', async () => {
      const server = new WebSocketServer({ listen: true }, family);

      server.listen = false;

      expect(await answers(server)).to.equal(false);
    });

    it('goes on when it was false for a moment', async () => {
      const server = new WebSocketServer({ listen: true }, family);

      server.listen = false;
      server.listen = true;

      expect(await answers(server)).to.equal(true);
      expect(server.listen).to.equal(true);
    });

    it('leaves the open connections when it becomes false', async () => {
      const [server, client, dialling] = await connected();
      const message = emitted(client.textMessageReceived);

      server.listen = false;
      dialling.sendTextMessage('still here');

      expect(await message).to.deep.equal(['still here']);
    });

    it('stays true when the port is taken', () => {
      const first = new WebSocketServer({ listen: true }, family);
      const onErrorStringChanged = sinon.spy();
      const server = new WebSocketServer(
        { listen: true, port: first.port, onErrorStringChanged },
        family,
      );

      expect(server.listen).to.equal(true);
      expect(wordsOf(server.errorString)).to.equal('The bound address is already in use');
      sinon.assert.calledOnceWithExactly(onErrorStringChanged, server.errorString);
    });

    it('may be ended by a handler that hears of the port', async () => {
      const server = new WebSocketServer(
        {
          listen: true,
          onPortChanged() {
            this.listen = false;
          },
        },
        family,
      );

      expect(server.listen).to.equal(false);
      expect(server.host).to.equal('127.0.0.1');
      expect(await answers(server)).to.equal(false);
    });
  });

  describe('port', () => {
    it('is where the server goes on to listen', async () => {
      const spare = new WebSocketServer({ listen: true }, family);
      const server = new WebSocketServer({ listen: true }, family);
      spare.listen = false;

      server.port = spare.port;

      expect(server.listen).to.equal(true);
      expect(await answers(server)).to.equal(true);
      expect(server.url).to.equal(spare.url);
    });

    for (const port of [-1, 65536, 80.5, NaN]) {
      it(`is never ${port}`, () => {
        const warn = sinon.stub(console, 'warn');
        const server = new WebSocketServer({ port: 8080 });

        server.port = port;
        warn.restore();

        expect(server.port).to.equal(8080);
        sinon.assert.calledOnceWithExactly(
          warn,
          `The port ${port} is invalid. It must be in the range 0-65535.`,
        );
      });
    }
  });

  describe('host', () => {
    it('is where the server goes on to listen', async () => {
      const server = new WebSocketServer({ listen: true }, family);

      server.host = '0.0.0.0';

      expect(server.listen).to.equal(true);
      expect(await answers(server)).to.equal(true);
    });

    it('is 127.0.0.1 after localhost', () => {
      const server = new WebSocketServer({ listen: true, host: 'localhost' }, family);

      expect(server.host).to.equal('127.0.0.1');
    });

    it('is refused when it is another name', () => {
      const server = new WebSocketServer({ listen: true, host: 'example.com' }, family);

      expect(server.port).to.equal(0);
      expect(wordsOf(server.errorString)).to.equal('"example.com" is not a numeric address.');
    });

    it('stands in brackets in the url when it is an IPv6 address', () => {
      expect(new WebSocketServer({ host: '::1', port: 80 }).url).to.equal('ws://[::1]:80');
    });
  });

  describe('name', () => {
    const request = [
      'GET / HTTP/1.1',
      'Host: localhost',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${SAMPLE_KEY}`,
      'Sec-WebSocket-Version: 13',
      '\r\n',
    ].join('\r\n');

    it('is sent to the clients', async () => {
      const server = new WebSocketServer({ listen: true, name: 'Bob' }, family);
      const client = await RawClient.connect(server.port);

      client.write(request);

      expect(await client.hears('\r\n\r\n')).to.include('\r\nServer: Bob\r\n');
      client.socket.destroy();
    });

    it('cuts the connections when it changes, and goes on with all else as it was', async () => {
      const [server, client, dialling] = await connected({ supportedSubprotocols: ['chat'] });
      const { port } = server;

      server.name = 'Bob';
      expect(client.status).to.equal(Status.Closed);
      await reaches(dialling, Status.Closed);

      dialling.requestedSubprotocols = ['chat'];
      dialling.active = false;
      dialling.active = true;
      await reaches(dialling, Status.Open);
      expect(dialling.negotiatedSubprotocol).to.equal('chat');
      expect(server.port).to.equal(port);
    });
  });

  describe('accept', () => {
    it('lets clients wait while it is false', async () => {
      const server = new WebSocketServer({ listen: true, accept: false }, family);
      const client = await RawClient.connect(server.port);
      client.socket.destroy();
      const dialling = new WebSocket({ url: server.url, active: true }, family);

      server.accept = true;

      await reaches(dialling, Status.Open);
    });
  });

  describe('originCheckEnabled', () => {
    it('lets pages in from anywhere when it is false from the start', async () => {
      const server = new WebSocketServer({ listen: true, originCheckEnabled: false }, family);
      const page = new QWebSocket('https://example.com');

      page.open(server.url);

      await emitted(page.connected);
      page.abort();
    });

    it('lets pages in from anywhere when it becomes false', async () => {
      const onOriginCheckEnabledChanged = sinon.spy();
      const server = new WebSocketServer({ listen: true, onOriginCheckEnabledChanged }, family);
      const page = new QWebSocket('https://example.com');
      page.open(server.url);
      await emitted(page.errorOccurred);

      server.originCheckEnabled = false;
      page.open(server.url);

      await emitted(page.connected);
      page.abort();
      sinon.assert.calledOnceWithExactly(onOriginCheckEnabledChanged, false);
    });
  });

  describe('secure', () => {
    /** A QWebSocket that trusts the certificate, and is connected to `server`. */
    async function connectTo(server: WebSocketServer): Promise<QWebSocket> {
      const socket = new QWebSocket();
      socket.setSslConfiguration(trusting());
      socket.open(server.url);
      await emitted(socket.connected);
      return socket;
    }

    it('is false at first, without a configuration', () => {
      const server = new WebSocketServer();

      expect(server.secure).to.equal(false);
      expect(server.sslConfiguration).to.equal(null);
    });

    it('lets clients in over TLS', async () => {
      const server = new WebSocketServer(
        { listen: true, secure: true, sslConfiguration: identified() },
        family,
      );

      const socket = await connectTo(server);

      expect(server.url).to.equal(`wss://127.0.0.1:${server.port}`);
      expect(socket.sslConfiguration().peerCertificate().equals(certificate('server'))).to.equal(
        true,
      );
      socket.abort();
    });

    it('becomes true at the same port, and cuts the connections', async () => {
      const [server, client, dialling] = await connected({ sslConfiguration: identified() });
      const { port } = server;
      const onUrlChanged = sinon.spy();
      server.urlChanged.connect(onUrlChanged);

      server.secure = true;
      expect(client.status).to.equal(Status.Closed);
      await reaches(dialling, Status.Closed);
      const socket = await connectTo(server);

      expect(server.port).to.equal(port);
      sinon.assert.calledOnceWithExactly(onUrlChanged, `wss://127.0.0.1:${port}`);
      socket.abort();
    });

    it('takes a bound value', () => {
      const other = new WebSocketServer({ secure: true }, family);
      const server = new WebSocketServer({ secure: () => other.secure }, family);

      other.secure = false;

      expect(server.url).to.equal('ws://127.0.0.1:0');
    });
  });

  describe('sslConfiguration', () => {
    it('is a copy of what was assigned', () => {
      const configuration = identified();
      const server = new WebSocketServer({ sslConfiguration: configuration }, family);

      configuration.setLocalCertificate(certificate('ca'));
      server.sslConfiguration?.setLocalCertificate(certificate('ca'));

      expect(server.sslConfiguration?.equals(identified())).to.equal(true);
    });

    it('is announced when it changes', () => {
      const onSslConfigurationChanged = sinon.spy();
      const server = new WebSocketServer({ onSslConfigurationChanged }, family);

      server.sslConfiguration = identified();
      server.sslConfiguration = identified();
      server.sslConfiguration = null;

      sinon.assert.calledTwice(onSslConfigurationChanged);
      expect(onSslConfigurationChanged.firstCall.args[0].equals(identified())).to.equal(true);
      expect(onSslConfigurationChanged.lastCall.args).to.deep.equal([null]);
    });

    it('sets errorString when OpenSSL refuses it, and leaves the one of before in force', async () => {
      const server = new WebSocketServer(
        { listen: true, secure: true, sslConfiguration: identified() },
        family,
      );
      const mismatched = identified();
      mismatched.setLocalCertificate(certificate('ca'));

      server.sslConfiguration = mismatched;

      expect(server.errorString).to.match(/^Error creating SSL context/);
      const socket = new QWebSocket();
      socket.setSslConfiguration(trusting());
      socket.open(server.url);
      await emitted(socket.connected);
      socket.abort();
    });

    it('is none any longer after null', async () => {
      const server = new WebSocketServer(
        { listen: true, secure: true, sslConfiguration: identified() },
        family,
      );

      server.sslConfiguration = null;
      const socket = new QWebSocket();
      socket.setSslConfiguration(trusting());
      socket.open(server.url);

      expect(await emitted(socket.errorOccurred)).to.deep.equal([
        SocketError.SslHandshakeFailedError,
      ]);
    });
  });

  describe('supportedSubprotocols', () => {
    it('cannot be changed from within', () => {
      const server = new WebSocketServer({ supportedSubprotocols: ['chat'] });
      const protocols = server.supportedSubprotocols as string[];

      expect(() => protocols.push('superchat')).to.throw(TypeError);
    });

    it('has its effect with the next client', async () => {
      const server = new WebSocketServer({ listen: true }, family);

      server.supportedSubprotocols = ['chat'];
      const dialling = new WebSocket(
        { url: server.url, active: true, requestedSubprotocols: ['chat'] },
        family,
      );
      await reaches(dialling, Status.Open);

      expect(dialling.negotiatedSubprotocol).to.equal('chat');
    });
  });

  describe('broadcasting', () => {
    it('reaches the clients that are Open', async () => {
      const [server, , first] = await connected();
      const second = await joined(server);
      const third = await joined(server);
      third.client.active = false;
      const messages = [first, second.dialling].map((socket) =>
        emitted(socket.textMessageReceived),
      );
      const bytes = [first, second.dialling].map((socket) => emitted(socket.binaryMessageReceived));

      expect(server.broadcastTextMessage('Grüße')).to.equal(2);
      expect(server.broadcastBinaryMessage('ü')).to.equal(2);

      expect(await Promise.all(messages)).to.deep.equal([['Grüße'], ['Grüße']]);
      for (const [buffer] of await Promise.all(bytes)) {
        expect([...new Uint8Array(buffer)]).to.deep.equal([0xc3, 0xbc]);
      }
    });

    it('asks a filter about them', async () => {
      const [server, client] = await connected();
      const { client: other, dialling } = await joined(server);
      const asked: object[] = [];
      const filter = (one: object): boolean => {
        asked.push(one);
        return one === other;
      };
      const message = emitted(dialling.binaryMessageReceived);

      expect(server.broadcastTextMessage('a', () => false)).to.equal(0);
      expect(server.broadcastBinaryMessage(Uint8Array.of(7), filter)).to.equal(1);

      expect(asked).to.deep.equal([client, other]);
      expect([...new Uint8Array((await message)[0])]).to.deep.equal([7]);
    });

    it('reaches nobody once it is destroyed', async () => {
      const [server] = await connected();
      server[Symbol.dispose]();

      expect(server.broadcastTextMessage('a')).to.equal(0);
      expect(server.broadcastBinaryMessage('a')).to.equal(0);
    });
  });

  describe('clientConnected', () => {
    it('brings a WebSocket that is open', async () => {
      const [server, client] = await connected();

      expect(client instanceof WebSocket).to.equal(true);
      expect(client.status).to.equal(Status.Open);
      expect(client.active).to.equal(true);
      expect(client.url).to.equal(`${server.url}/`);
      expect(client.errorString).to.equal('');
    });

    it('brings one whose messages are not lost', async () => {
      const messages: string[] = [];
      const server = new WebSocketServer(
        {
          listen: true,
          onClientConnected(client) {
            client.textMessageReceived.connect((message) => {
              messages.push(message);
              client.sendTextMessage(`Hello ${message}!`);
            });
          },
        },
        family,
      );
      const dialling = new WebSocket(
        {
          url: server.url,
          active: true,
          onStatusChanged(status) {
            if (status === Status.Open) this.sendTextMessage('Server');
          },
        },
        family,
      );

      expect(await emitted(dialling.textMessageReceived)).to.deep.equal(['Hello Server!']);
      expect(messages).to.deep.equal(['Server']);
    });

    it('brings one that belongs to the server until its connection ends', async () => {
      const [server, client] = await connected();
      expect(client.parent()).to.equal(server);

      client.active = false;
      await reaches(client, Status.Closed);

      expect(client.parent()).to.equal(null);
      expect(server.children()).to.deep.equal([]);
    });

    it('brings one that can dial its own url', async () => {
      const [server, client] = await connected();
      client.active = false;
      await reaches(client, Status.Closed);
      const again = emitted(server.clientConnected);

      client.active = true;
      const [second] = await again;
      await reaches(client, Status.Open);
      const message = emitted(second.textMessageReceived);
      client.sendTextMessage('me again');

      expect(await message).to.deep.equal(['me again']);
      client[Symbol.dispose]();
    });
  });

  describe('a server that is destroyed', () => {
    it('takes its clients with it', async () => {
      const [server, client, dialling] = await connected();
      const onDestroyed = sinon.spy();
      client.destroyed.connect(onDestroyed);

      server[Symbol.dispose]();
      await reaches(dialling, Status.Closed);

      sinon.assert.calledOnceWithExactly(onDestroyed, client);
    });

    it('does not listen any more', async () => {
      const server = new WebSocketServer({ listen: true }, family);

      server[Symbol.dispose]();
      server.listen = false;
      server.listen = true;
      server.name = 'Bob';

      expect(await answers(server)).to.equal(false);
    });
  });
});
