import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OpCode } from '../../lib/codec/opcode.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { ScriptedServer } from '../../lib/testing/scripted-server.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';

describe('ScriptedServer', () => {
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await ScriptedServer.listen();
  });

  afterEach(() => server.close());

  it('gives a peer to script for each connection, in their order', async () => {
    const sockets = [new QWebSocket(), new QWebSocket()];
    const heads: string[] = [];
    for (const [index, socket] of sockets.entries()) {
      socket.open(`${server.serverUrl().toString()}${index}`);
      const peer = await server.accept();
      heads.push(await peer.handshake());
    }

    expect(heads.map((head) => head.split('\r\n')[0])).to.deep.equal([
      'GET /0 HTTP/1.1',
      'GET /1 HTTP/1.1',
    ]);
    for (const socket of sockets) socket.abort();
  });

  it('waits for a connection', async () => {
    const accepting = server.accept();
    const socket = new QWebSocket();
    const heard = new SignalSpy(socket.textMessageReceived);
    socket.open(server.serverUrl());
    const peer = await accepting;
    await peer.handshake();
    peer.sendFrame(OpCode.Text, 'hello');
    await heard.wait();

    expect([...heard]).to.deep.equal([['hello']]);
    socket.abort();
  });

  it('resets connections of TCP', async () => {
    const socket = new QWebSocket();
    const over = new SignalSpy(socket.disconnected);
    socket.open(server.serverUrl());
    const peer = await server.accept();
    await peer.handshake();
    await new SignalSpy(socket.connected).waitForCount(socket.isValid() ? 0 : 1);
    peer.reset();
    await over.wait();

    expect(socket.closeCode()).to.equal(1006);
  });

  it('lets the process end when a peer is reset behind its end', async () => {
    const program = `
      import { connect } from 'node:net';
      import { ScriptedServer } from 'qwebsockets/testing';
      const server = await ScriptedServer.listen();
      connect(server.serverUrl().port(), '127.0.0.1').on('error', () => {}).resume();
      const peer = await server.accept();
      peer.end();
      peer.reset();
      await server.close();
      console.log('over');
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program],
      // A process that hangs at its exit does not hear of anything milder.
      { timeout: 10_000, killSignal: 'SIGKILL' },
    );

    expect(stdout).to.equal('over\n');
  });

  it('cuts its connections when it is closed', async () => {
    const socket = new QWebSocket();
    const failed = new SignalSpy(socket.errorOccurred);
    socket.open(server.serverUrl());
    await server.accept();
    await server.close();
    await failed.wait();

    expect(socket.state()).to.equal(0);
    server = await ScriptedServer.listen();
  });
});
