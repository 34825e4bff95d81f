import { expect } from 'chai';
import sinon from 'sinon';
import { OpCode } from '../../../lib/codec/opcode.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { Reconnector } from '../../../lib/node/reconnector.ts';
import type { KeepAlive } from '../../../lib/websockets/keep-alive.ts';
import { emitted } from '../../support/emitted.ts';
import { RawPeer, type RawConnection } from '../../support/raw-peer.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  readonly keepAlive: KeepAlive;
  readonly other: QWebSocket;
  readonly reconnector: Reconnector;
  readonly socket: QWebSocket;
}

const PAGE = 'docs/how-to/keepalive-and-reconnect.md';

describe(PAGE, () => {
  let peer: RawPeer;
  let log: sinon.SinonStub;
  let clock: sinon.SinonFakeTimers;

  beforeEach(async () => {
    peer = await RawPeer.listen();
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    log = sinon.stub(console, 'log');
    sinon.stub(Math, 'random').returns(0.5);
  });

  afterEach(() => {
    peer.close();
    clock.restore();
    sinon.restore();
  });

  /** The next attempt of `socket` gets through. */
  async function accept(socket: QWebSocket): Promise<RawConnection> {
    const done = emitted(socket.connected);
    const connection = await peer.accept();
    await done;
    return connection;
  }

  describe('keepAlive', () => {
    it('keeps a client and a server alive', async () => {
      const code = await exportsOf<Code>(PAGE, 'keep-alive.ts');

      expect(code.keepAlive.has(code.socket)).to.equal(true);
      expect(code.keepAlive.interval()).to.equal(30_000);
    });

    it('gives a peer up that does not answer', async () => {
      const { keepAlive, socket } = await exportsOf<Code>(PAGE, 'keep-alive.ts');
      socket.open(peer.url);
      const connection = await accept(socket);
      keepAlive.probe();
      expect((await connection.frame()).opcode).to.equal(OpCode.Ping);
      clock.tick(10_000);

      sinon.assert.calledOnceWithExactly(log, socket.errorString());
      expect(socket.errorString()).to.equal(
        'Socket operation timed out (timeout: 10000 ms without a sign of life after a ping).',
      );
    });
  });

  describe('the feed', () => {
    let code: Code;

    beforeEach(async () => {
      code = await exportsOf<Code>(PAGE, 'feed.ts');
    });

    afterEach(() => code.socket.abort());

    it('subscribes on each connection, and says how long it waits', async () => {
      const { socket } = code;
      const wanted = '{"type":"subscribe","symbols":["QTUM","WAVE"]}';
      socket.open(peer.url);
      const first = await accept(socket);
      expect((await first.frame()).payload.toString()).to.equal(wanted);
      const gone = emitted(socket.disconnected);
      first.socket.destroy();
      await gone;
      sinon.assert.calledOnceWithMatch(log, 'Attempt 1 in 500 ms: The remote host closed');
      clock.tick(500);
      const second = await accept(socket);

      expect((await second.frame()).payload.toString()).to.equal(wanted);
    });

    it('says when it is gone for good', async () => {
      const told = sinon.stub(console, 'error');
      const { reconnector, socket } = code;
      const gaveUp = emitted(reconnector.gaveUp);
      socket.open(peer.url);
      const connection = await peer.next();
      await connection.head();
      connection.socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      await gaveUp;

      sinon.assert.calledOnceWithMatch(told, 'The feed is gone for good: ');
    });
  });

  it('has both ask their peers when the machine has slept', async () => {
    const { keepAlive, other, reconnector, socket } = await exportsOf<Code>(PAGE, 'sleep.ts');
    const connections: RawConnection[] = [];
    for (const each of [socket, other]) {
      each.open(peer.url);
      connections.push(await accept(each));
    }
    clock.setSystemTime(Date.now() + 60_000);
    clock.tick(5_000);
    for (const connection of connections) {
      expect((await connection.frame()).opcode).to.equal(OpCode.Ping);
    }

    for (const each of [keepAlive, reconnector, socket, other]) each[Symbol.dispose]();
  });
});
