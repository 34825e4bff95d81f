import { expect } from 'chai';
import { OpCode } from '../../lib/codec/opcode.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { ScriptedPeer } from '../../lib/testing/scripted-peer.ts';
import { settled } from '../../lib/testing/settled.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';
import { frameStart } from '../../lib/testing/wire-frame.ts';
import { rejectionOf } from '../support/rejection-of.ts';

describe('ScriptedPeer facing a socket', () => {
  const sockets: QWebSocket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.abort();
  });

  /** A client that is connected to a script. */
  async function connected(): Promise<{ socket: QWebSocket; peer: ScriptedPeer }> {
    const socket = new QWebSocket();
    sockets.push(socket);
    const peer = ScriptedPeer.facing(socket);
    const open = new SignalSpy(socket.connected);
    await peer.handshake();
    await open.wait();
    return { socket, peer };
  }

  it('accepts its handshake, and tells what it has asked for', async () => {
    const socket = new QWebSocket();
    const peer = ScriptedPeer.facing(socket, 'ws://prices.example/feed');
    const open = new SignalSpy(socket.connected);
    const head = await peer.handshake();

    expect(head).to.match(/^GET \/feed HTTP\/1\.1\r\nHost: prices\.example\r\n/);
    expect(await open.wait()).to.equal(true);
  });

  it('changes its answer as it is told to', async () => {
    const socket = new QWebSocket();
    const peer = ScriptedPeer.facing(socket);
    const failed = new SignalSpy(socket.errorOccurred);
    await peer.handshake({ Upgrade: undefined });
    await failed.wait();

    expect(socket.state()).to.equal(0);
  });

  it('answers with anything else', async () => {
    const socket = new QWebSocket();
    const peer = ScriptedPeer.facing(socket);
    const failed = new SignalSpy(socket.errorOccurred);
    await peer.receiveHead();
    peer.send('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
    await failed.wait();

    expect(socket.errorString()).to.match(/503/);
  });

  it('is not there for a socket that comes back', async () => {
    const socket = new QWebSocket();
    const peer = ScriptedPeer.facing(socket);
    socket.authenticationRequired.connect((authenticator) => {
      authenticator.setUser('ann');
      authenticator.setPassword('secret');
    });
    const failed = new SignalSpy(socket.errorOccurred);
    await peer.receiveHead();
    peer.send(
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nConnection: close\r\n\r\n',
    );
    peer.end();
    await failed.wait();

    expect(socket.errorString()).to.match(/^Connection refused/);
  });

  it('sends frames that nobody may send', async () => {
    const { socket, peer } = await connected();
    const over = new SignalSpy(socket.disconnected);
    peer.sendFrame(OpCode.Text, 'a', { reserved: 0x40 });
    const answer = await peer.receiveFrame();

    expect(answer.opcode).to.equal(OpCode.Close);
    expect(answer.payload.readUInt16BE()).to.equal(1002);
    peer.end();
    await over.wait();
    expect(socket.closeCode()).to.equal(1002);
  });

  it('announces more than it sends', async () => {
    const { socket, peer } = await connected();
    socket.setMaxAllowedIncomingMessageSize(1000);
    peer.send(frameStart(OpCode.Binary, 2n ** 40n));

    expect((await peer.receiveFrame()).payload.readUInt16BE()).to.equal(1009);
  });

  it('sends codes that may not be sent', async () => {
    const { peer } = await connected();
    peer.sendClose(1005, 'why not');
    const answer = await peer.receiveFrame();

    expect(answer.payload.readUInt16BE()).to.equal(1002);
  });

  it('receives what the socket sends, unmasked', async () => {
    const { socket, peer } = await connected();
    socket.sendTextMessage('hello');
    socket.ping(Buffer.from('you'));
    const [message, ping] = [await peer.receiveFrame(), await peer.receiveFrame()];

    expect([message.opcode, message.payload.toString()]).to.deep.equal([OpCode.Text, 'hello']);
    expect(message.key).to.be.a('number');
    expect([ping.opcode, ping.payload.toString()]).to.deep.equal([OpCode.Ping, 'you']);
  });

  it('reads nothing while it is paused', async () => {
    const { socket, peer } = await connected();
    peer.pause();
    socket.sendBinaryMessage(new Uint8Array(200_000));
    socket.sendBinaryMessage(new Uint8Array(200_000));
    await settled();
    expect(socket.bytesToWrite()).to.be.above(100_000);

    peer.resume();
    await settled();

    expect(socket.bytesToWrite()).to.equal(0);
  });

  it('resets the connection', async () => {
    const { socket, peer } = await connected();
    const over = new SignalSpy(socket.disconnected);
    peer.reset();
    await over.wait();

    expect(socket.closeCode()).to.equal(1006);
  });

  it('tells when the socket leaves, and what it had not been asked for', async () => {
    const { socket, peer } = await connected();
    socket.sendTextMessage('unread');
    await settled();
    socket.abort();

    expect((await peer.ended()).length).to.equal(12);
  });

  it('says so when it waits for what does not come any more', async () => {
    const { socket, peer } = await connected();
    const waiting = rejectionOf(peer.receiveFrame());
    socket.abort();

    expect(await waiting).to.have.property('message', 'The connection has ended after 0 bytes.');
  });
});

describe('ScriptedPeer facing a server', () => {
  let server: QWebSocketServer;

  beforeEach(() => {
    server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
  });

  afterEach(() => server[Symbol.dispose]());

  it('asks for an upgrade, and is accepted', async () => {
    const peer = ScriptedPeer.facing(server);
    const arrived = new SignalSpy(server.newConnection);
    const head = await peer.handshake({ 'Sec-WebSocket-Protocol': 'chat' });

    expect(head).to.match(/^HTTP\/1\.1 101 /);
    // The nonce and the answer to it are those of RFC 6455 §1.3.
    expect(head).to.include('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect(arrived.count()).to.equal(1);
  });

  it('asks in a way that is refused', async () => {
    const peer = ScriptedPeer.facing(server);

    expect(await peer.handshake({ 'Sec-WebSocket-Key': 'short' })).to.match(/^HTTP\/1\.1 400 /);
  });

  it('masks its frames', async () => {
    const peer = ScriptedPeer.facing(server);
    await peer.handshake();
    const socket = server.nextPendingConnection()!;
    const heard = new SignalSpy(socket.textMessageReceived);
    peer.sendFrame(OpCode.Text, 'hello');
    await settled();

    expect([...heard]).to.deep.equal([['hello']]);
  });

  it('leaves the mask out when it is told to', async () => {
    const peer = ScriptedPeer.facing(server);
    await peer.handshake();
    const socket = server.nextPendingConnection()!;
    const over = new SignalSpy(socket.disconnected);
    peer.sendFrame(OpCode.Text, 'hello', { key: undefined });

    expect((await peer.receiveFrame()).payload.readUInt16BE()).to.equal(1002);
    peer.end();
    await over.wait();
  });
});
