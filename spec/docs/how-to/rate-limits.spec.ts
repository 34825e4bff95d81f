import { expect } from 'chai';
import sinon from 'sinon';
import { OpCode } from '../../../lib/codec/opcode.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { RawPeer, type RawConnection } from '../../support/raw-peer.ts';
import { emitted } from '../../support/emitted.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
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
    code = await exportsOf<Code>(PAGE, 'rate-limit.ts');
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
});
