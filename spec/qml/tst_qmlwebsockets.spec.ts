import { expect } from 'chai';
import { WebSocket, WebSocketServer, type WebSocketBase } from '../../lib/qml.ts';
import { emitted } from '../support/emitted.ts';
import { reaches } from './support/reaches.ts';

/** The cases of Qt's own test of the QML types. */
describe('tst_qmlwebsockets', () => {
  let server: WebSocketServer;
  let socket: WebSocket;
  let client: WebSocketBase | undefined;

  beforeEach(() => {
    client = undefined;
    server = new WebSocketServer({
      supportedSubprotocols: ['chat', 'superchat'],
      onClientConnected(webSocket) {
        client = webSocket;
      },
    });
    socket = new WebSocket({
      url: () => server.url,
      requestedSubprotocols: ['superchat', 'chat'],
    });
  });

  afterEach(async () => {
    if (socket.active) await ensureDisconnected();
    socket[Symbol.dispose]();
    server[Symbol.dispose]();
  });

  async function ensureConnected(): Promise<WebSocketBase> {
    server.listen = true;
    socket.active = true;
    await reaches(socket, WebSocket.Open);
    if (client === undefined) throw new Error('The server has no client.');
    expect(client.negotiatedSubprotocol).to.equal('superchat');
    expect(socket.negotiatedSubprotocol).to.equal('superchat');
    return client;
  }

  async function ensureDisconnected(): Promise<void> {
    socket.active = false;
    server.listen = false;
    await reaches(socket, WebSocket.Closed);
  }

  it('sends and receives text', async () => {
    const peer = await ensureConnected();
    const received = emitted(peer.textMessageReceived);

    socket.sendTextMessage('hello.');

    expect(await received).to.deep.equal(['hello.']);
  });

  it('gives an error for text when it is closed', async () => {
    await ensureDisconnected();

    socket.sendTextMessage('hello');

    expect(socket.status).to.equal(WebSocket.Error);
  });

  it('sends and receives binary data', async () => {
    const peer = await ensureConnected();
    const received = emitted(peer.binaryMessageReceived);

    socket.sendBinaryMessage(Uint8Array.of(42, 43).buffer);

    const [message] = await received;
    expect(message instanceof ArrayBuffer).to.equal(true);
    expect([...new Uint8Array(message)]).to.deep.equal([42, 43]);
  });

  it('gives an error for binary data when it is closed', async () => {
    await ensureDisconnected();

    socket.sendBinaryMessage('hello');

    expect(socket.status).to.equal(WebSocket.Error);
  });
});
