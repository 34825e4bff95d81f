import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import { QObject } from '../../lib/core/qobject.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { WebSocket } from '../../lib/node/qml/websocket.ts';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { Status } from '../../lib/qml/websocket-base.ts';
import { emitted } from '../support/emitted.ts';
import { hex } from '../support/hex.ts';
import { reaches } from './support/reaches.ts';
import { RawServer, switchingProtocols } from './support/raw-server.ts';
import { wordsOf } from '../support/words-of.ts';

class Family extends QObject {}

const { Connecting, Open, Closing, Closed, Error: Failed } = Status;
const NOT_READY = 'QQmlWebSocket is not ready.';

describe('WebSocketBase', () => {
  let family: Family;
  let server: QWebSocketServer;
  let url: string;

  beforeEach(() => {
    family = new Family();
    server = new QWebSocketServer('', QWebSocketServer.NonSecureMode, family);
    server.listen('127.0.0.1');
    url = server.serverUrl().toString();
  });

  afterEach(() => {
    family[Symbol.dispose]();
  });

  /** An open WebSocket and its peer. */
  async function opened(init: object = {}): Promise<[WebSocket, QWebSocket]> {
    const socket = new WebSocket({ url, active: true, ...init }, family);
    await emitted(server.newConnection);
    await reaches(socket, Open);
    return [socket, server.nextPendingConnection()!];
  }

  function inWords([status, text]: [Status, string]): [Status, string] {
    return [status, text === '' ? '' : wordsOf(text)];
  }

  /** The statuses that a WebSocket goes through until it reaches `last`, each with its error. */
  async function statuses(target: string, last: Status): Promise<[Status, string][]> {
    const seen: [Status, string][] = [];
    const socket = new WebSocket(
      {
        url: target,
        active: true,
        onStatusChanged(status) {
          seen.push([status, this.errorString]);
        },
      },
      family,
    );
    await reaches(socket, Connecting);
    await reaches(socket, last);
    return seen;
  }

  it('has the statuses of QML', () => {
    expect(WebSocket.Status).to.deep.equal({
      Connecting: 0,
      Open: 1,
      Closing: 2,
      Closed: 3,
      Error: 4,
    });
    expect([
      WebSocket.Connecting,
      WebSocket.Open,
      WebSocket.Closing,
      WebSocket.Closed,
      WebSocket.Error,
    ]).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('is closed and not active at first', () => {
    const socket = new WebSocket();

    expect(socket.active).to.equal(false);
    expect(socket.status).to.equal(Closed);
    expect(socket.url).to.equal('');
    expect(socket.errorString).to.equal(NOT_READY);
    expect(socket.requestedSubprotocols).to.deep.equal([]);
    expect(socket.negotiatedSubprotocol).to.equal('');
  });

  it('is a child of its parent', () => {
    expect(new WebSocket({}, family).parent()).to.equal(family);
  });

  describe('the constructor', () => {
    it('opens nothing while a binding is still to be evaluated', async () => {
      server.setSupportedSubprotocols(['chat']);

      const [socket] = await opened({ requestedSubprotocols: () => ['chat'] });

      expect(socket.negotiatedSubprotocol).to.equal('chat');
    });

    it('opens a url that is bound', async () => {
      const first = new WebSocket({ url }, family);
      const second = new WebSocket({ url: () => first.url, active: true }, family);

      await reaches(second, Open);
    });

    it('refuses properties that are read only', () => {
      const init: object = { status: Open };

      expect(() => new WebSocket(init)).to.throw(TypeError);
    });
  });

  describe('status', () => {
    it('goes to Closed and then to Error when nobody listens', async () => {
      server.close();

      expect((await statuses(url, Failed)).map(inWords)).to.deep.equal([
        [Connecting, ''],
        [Closed, ''],
        [Failed, 'Connection refused'],
      ]);
    });

    it('goes to Error and then to Closed when the handshake fails', async () => {
      const raw = await RawServer.listen((stream) => {
        stream.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      });

      const seen = await statuses(raw.url, Closed);
      raw.close();

      expect(seen.map(([status]) => status)).to.deep.equal([Connecting, Failed, Closed]);
      expect(seen[1]![1]).to.include('404');
      expect(seen[2]![1]).to.equal('');
    });

    it('goes to Error, Closing and Closed when the connection is lost', async () => {
      const raw = await RawServer.listen((stream, request) => {
        stream.end(switchingProtocols(request));
      });

      const seen = await statuses(raw.url, Closed);
      raw.close();

      expect(seen.map(inWords)).to.deep.equal([
        [Connecting, ''],
        [Open, ''],
        [Failed, 'The remote host closed the connection'],
        [Closing, ''],
        [Closed, ''],
      ]);
    });

    const closings: Record<string, Uint8Array> = {
      'the peer closes': hex('88 02 03 e8'),
      'the peer violates the protocol': hex('c1 00'),
    };
    for (const [what, bytes] of Object.entries(closings)) {
      it(`goes to Closing and Closed when ${what}`, async () => {
        const raw = await RawServer.listen((stream, request) => {
          stream.write(switchingProtocols(request));
          stream.end(bytes);
        });

        const seen = await statuses(raw.url, Closed);
        raw.close();

        expect(seen).to.deep.equal([
          [Connecting, ''],
          [Open, ''],
          [Closing, ''],
          [Closed, ''],
        ]);
      });
    }
  });

  describe('errorString', () => {
    it('lets a status be told once when a handler leaves it and comes back', async () => {
      const seen: Status[] = [];
      const socket = new WebSocket({ url }, family);
      socket.errorStringChanged.connect(() => {
        socket.active = false;
        socket.active = true;
      }, ConnectionType.SingleShotConnection);
      socket.statusChanged.connect((status) => seen.push(status));

      socket.active = true;
      await reaches(socket, Open);

      expect(seen).to.deep.equal([Failed, Closed, Connecting, Open]);
    });

    it('keeps its first text until the status changes to something else than Error', async () => {
      const onErrorStringChanged = sinon.spy();
      const socket = new WebSocket({ url, onErrorStringChanged }, family);
      expect(socket.errorString).to.equal(NOT_READY);

      socket.active = true;
      await reaches(socket, Open);

      sinon.assert.calledOnceWithExactly(onErrorStringChanged, '');
    });

    it('tells that a scheme is not known', () => {
      const socket = new WebSocket({ url: 'http://localhost', active: true }, family);

      expect(socket.status).to.equal(Failed);
      expect(wordsOf(socket.errorString)).to.equal('Unsupported WebSocket scheme: http');
    });
  });

  describe('active', () => {
    it('stays true when the peer closes', async () => {
      const [socket, peer] = await opened();

      peer.close();
      await reaches(socket, Closed);

      expect(socket.active).to.equal(true);
    });

    it('does not connect again when it is true already', async () => {
      const [socket, peer] = await opened();
      peer.close();
      await reaches(socket, Closed);

      socket.active = true;

      expect(socket.status).to.equal(Closed);
    });

    it('connects again when it was false meanwhile', async () => {
      const [socket, peer] = await opened();
      peer.close();
      await reaches(socket, Closed);

      socket.active = false;
      socket.active = true;

      await reaches(socket, Open);
    });

    it('connects again from a handler', async () => {
      const [socket, peer] = await opened({
        onStatusChanged(this: WebSocket, status: Status) {
          if (status !== Closed) return;
          this.active = false;
          this.active = true;
        },
      });
      const again = emitted(server.newConnection);

      peer.close();
      await again;

      await reaches(socket, Open);
    });

    it('closes with 1000 when it becomes false', async () => {
      const [socket, peer] = await opened();

      socket.active = false;
      expect(socket.status).to.equal(Closing);
      await reaches(socket, Closed);

      expect(peer.closeCode()).to.equal(1000);
    });

    it('delivers what the peer has sent before it closes', async () => {
      const [socket, peer] = await opened();
      const message = emitted(socket.textMessageReceived);
      peer.sendTextMessage('last words');

      socket.active = false;

      expect(await message).to.deep.equal(['last words']);
    });

    it('closes with 1000 although it becomes true again at once', async () => {
      const [socket, peer] = await opened();
      const left = emitted(peer.disconnected);

      socket.active = false;
      socket.active = true;

      await left;
      await reaches(socket, Open);
      expect(peer.closeCode()).to.equal(1000);
    });

    it('stays closed when a handler has made up its mind', async () => {
      const [socket, peer] = await opened();
      const left = emitted(peer.disconnected);
      socket.statusChanged.connect((status) => {
        if (status === Closed) socket.active = false;
      });

      socket.active = false;
      socket.active = true;
      await left;

      expect(socket.status).to.equal(Closed);
    });

    it('can be bound to what another WebSocket does', async () => {
      const [leader] = await opened();
      const [follower] = await opened({ active: () => leader.status === Open });

      leader.active = false;

      await reaches(follower, Closed);
    });
  });

  describe('url', () => {
    it('is text, whatever was assigned', () => {
      const socket = new WebSocket();
      const seen: string[] = [];

      for (const value of ['ws://one/', new URL('ws://two/'), new QUrl('ws://three/')]) {
        socket.url = value;
        seen.push(socket.url);
      }

      expect(seen).to.deep.equal(['ws://one/', 'ws://two/', 'ws://three/']);
    });

    it('does not change when the same is assigned', () => {
      const onUrlChanged = sinon.spy();
      const socket = new WebSocket({ url, onUrlChanged });

      socket.url = new QUrl(url);

      sinon.assert.notCalled(onUrlChanged);
    });

    it('closes the connection to another one with 1000', async () => {
      const [socket, peer] = await opened();
      const left = emitted(peer.disconnected);

      socket.url = `${url}/other`;

      await left;
      expect(peer.closeCode()).to.equal(1000);
    });

    it('delivers nothing of the connection that was left', async () => {
      const messages: string[] = [];
      server.newConnection.connect(() => {
        const peer = server.nextPendingConnection()!;
        peer.sendTextMessage(peer.requestUrl().path());
      });
      const socket = new WebSocket(
        {
          url: `${url}/one`,
          active: true,
          onStatusChanged(status) {
            if (status === Open) this.url = `${url}/two`;
          },
          onTextMessageReceived(message) {
            messages.push(message);
          },
        },
        family,
      );

      await emitted(socket.textMessageReceived);

      expect(messages).to.deep.equal(['/two']);
    });

    it('lets a handler of the closing have the last word', async () => {
      const [socket, peer] = await opened();
      const left = emitted(peer.disconnected);
      const opening = emitted(server.newConnection);
      socket.statusChanged.connect((status) => {
        if (status !== Closing) return;
        socket.active = false;
        socket.active = true;
      });

      socket.url = `${url}/other`;
      await opening;
      await left;

      expect(server.nextPendingConnection()!.requestUrl().path()).to.equal('/other');
      expect(server.hasPendingConnections()).to.equal(false);
    });
  });

  describe('requestedSubprotocols', () => {
    it('cannot be changed from within', () => {
      const protocols = ['chat'];
      const socket = new WebSocket({ requestedSubprotocols: protocols });
      protocols.push('superchat');

      expect(socket.requestedSubprotocols).to.deep.equal(['chat']);
      expect(() => (socket.requestedSubprotocols as string[]).push('superchat')).to.throw(
        TypeError,
      );
    });
  });

  describe('negotiatedSubprotocol', () => {
    it('is known when the status changes', async () => {
      server.setSupportedSubprotocols(['chat']);
      const seen: [Status, string][] = [];
      const [socket] = await opened({
        requestedSubprotocols: ['chat'],
        onStatusChanged(this: WebSocket, status: Status) {
          seen.push([status, this.negotiatedSubprotocol]);
        },
      });

      socket.active = false;

      expect(seen).to.deep.equal([
        [Connecting, ''],
        [Open, 'chat'],
        [Closing, ''],
      ]);
    });

    it('may change the status by its handler', async () => {
      server.setSupportedSubprotocols(['chat']);
      const seen: Status[] = [];
      server.newConnection.connect(() => server.nextPendingConnection());
      const socket = new WebSocket(
        {
          url,
          active: true,
          requestedSubprotocols: ['chat'],
          onNegotiatedSubprotocolChanged() {
            this.active = false;
          },
          onStatusChanged: (status) => seen.push(status),
        },
        family,
      );

      await reaches(socket, Closing);
      await reaches(socket, Closed);

      expect(seen).to.deep.equal([Connecting, Closing, Closed]);
    });
  });

  describe('messages', () => {
    it('are sent as text', async () => {
      const [socket, peer] = await opened();
      const message = emitted(peer.textMessageReceived);

      expect(socket.sendTextMessage('hé😀')).to.equal(7);
      expect(await message).to.deep.equal(['hé😀']);
    });

    const forms: Record<string, [message: Uint8Array | ArrayBuffer | string, bytes: number[]]> = {
      'a Uint8Array': [Uint8Array.of(42, 43), [42, 43]],
      'an ArrayBuffer': [Uint8Array.of(42, 43).buffer, [42, 43]],
      'a text': ['hé', [0x68, 0xc3, 0xa9]],
    };
    for (const [what, [form, bytes]] of Object.entries(forms)) {
      it(`are sent as binary from ${what}`, async () => {
        const [socket, peer] = await opened();
        const message = emitted(peer.binaryMessageReceived);

        expect(socket.sendBinaryMessage(form)).to.equal(bytes.length);
        expect([...(await message)[0]]).to.deep.equal(bytes);
      });
    }

    for (const size of [0, 2, 100_000]) {
      it(`are received as an ArrayBuffer of ${size} bytes`, async () => {
        const [socket, peer] = await opened();
        const sent = Uint8Array.from({ length: size }, (_, index) => index);
        const received = emitted(socket.binaryMessageReceived);

        peer.sendBinaryMessage(sent);
        const [message] = await received;

        expect(message instanceof ArrayBuffer).to.equal(true);
        expect(new Uint8Array(message)).to.deep.equal(sent);
      });
    }

    for (const method of ['sendTextMessage', 'sendBinaryMessage'] as const) {
      it(`are an error when the WebSocket is not open: ${method}()`, () => {
        const socket = new WebSocket();

        expect(socket[method]('hello')).to.equal(0);
        expect(socket.status).to.equal(Failed);
        expect(socket.errorString).to.equal('Messages can only be sent when the socket is open.');
      });
    }
  });

  describe('a WebSocket that is destroyed', () => {
    it('closes with 1001 and says nothing', async () => {
      const onStatusChanged = sinon.spy();
      const [socket, peer] = await opened({ onStatusChanged });
      const left = emitted(peer.disconnected);
      onStatusChanged.resetHistory();

      socket[Symbol.dispose]();
      await left;

      expect(peer.closeCode()).to.equal(1001);
      sinon.assert.notCalled(onStatusChanged);
      expect(socket.status).to.equal(Closed);
    });

    it('gives up an attempt', async () => {
      const socket = new WebSocket({ url, active: true }, family);
      const onNewConnection = sinon.spy();
      server.newConnection.connect(onNewConnection);

      socket[Symbol.dispose]();
      // Connections are accepted in their order.
      await opened();

      sinon.assert.calledOnceWithExactly(onNewConnection);
    });

    it('does not open any more', () => {
      const socket = new WebSocket({ url }, family);

      socket[Symbol.dispose]();
      socket.active = true;

      expect(socket.status).to.equal(Closed);
      expect(socket.sendTextMessage('hello')).to.equal(0);
    });
  });
});
