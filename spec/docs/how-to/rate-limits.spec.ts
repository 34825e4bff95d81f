import { expect } from 'chai';
import sinon from 'sinon';
import { OpCode } from '../../../lib/codec/opcode.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { RawClient, upgradeRequest } from '../../support/raw-client.ts';
import { RawPeer, type RawConnection } from '../../support/raw-peer.ts';
import { emitted } from '../../support/emitted.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  limitAttempts(server: QWebSocketServer, limit: number, seconds: number): void;
  limitMessages(socket: QWebSocket, perSecond: number, burst: number): void;
}

const PAGE = 'docs/how-to/rate-limits.md';

describe(PAGE, () => {
  let code: Code;
  let peer: RawPeer;
  let socket: QWebSocket;
  let connection: RawConnection;
  let now: number;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'rate-limit.ts', 'attempts.ts');
  });

  beforeEach(async () => {
    now = 0;
    sinon.stub(performance, 'now').callsFake(() => now);
    peer = await RawPeer.listen();
    socket = new QWebSocket();
    code.limitMessages(socket, 10, 3);
    const connected = emitted(socket.connected);
    socket.open(peer.url);
    connection = await peer.accept();
    await connected;
  });

  afterEach(() => {
    socket.abort();
    peer.close();
    sinon.restore();
  });

  async function receive(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) {
      const got = emitted(socket.textMessageReceived);
      connection.send(OpCode.Text, 'a');
      await got;
    }
  }

  it('lets a burst through, and closes with 1008 on what is more', async () => {
    await receive(3);
    expect(socket.isValid()).to.equal(true);
    await receive(1);

    expect((await connection.frame()).payload.readUInt16BE()).to.equal(1008);
  });

  it('lets as many through as time allows', async () => {
    await receive(3);
    now = 200;
    await receive(2);
    expect(socket.isValid()).to.equal(true);
    await receive(1);

    expect(socket.isValid()).to.equal(false);
  });

  it('saves up no more than a burst', async () => {
    now = 3_600_000;
    await receive(3);
    expect(socket.isValid()).to.equal(true);
    await receive(1);

    expect(socket.isValid()).to.equal(false);
  });

  it('counts frames, empty ones as well', async () => {
    const closed = connection.frame();
    connection.send(OpCode.Text, '', { isFinal: false });
    for (let sent = 0; sent < 3; sent++) {
      connection.send(OpCode.Continue, '', { isFinal: false });
    }

    expect((await closed).payload.readUInt16BE()).to.equal(1008);
  });

  it('lets an address ask so many times only', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const server = new QWebSocketServer('Test');
    code.limitAttempts(server, 2, 60);
    server.addWebSocketUpgradeVerifier(server, () => QHttpServerWebSocketUpgradeResponse.accept());
    server.listen('127.0.0.1');
    const statuses = [];
    for (let i = 0; i < 4; i++) {
      if (i === 3) clock.tick(60_000);
      const client = await RawClient.connect(server.serverPort());
      client.write(upgradeRequest());
      statuses.push((await client.hears('\r\n\r\n')).slice(9, 12));
      client.socket.destroy();
    }

    expect(statuses).to.deep.equal(['101', '101', '429', '101']);
    server[Symbol.dispose]();
    expect(clock.countTimers()).to.equal(0);
    clock.restore();
  });
});
