import { expect } from 'chai';
import sinon from 'sinon';
import { OpCode } from '../../../lib/codec/opcode.ts';
import { SocketState } from '../../../lib/network/qabstractsocket.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { KeepAlive } from '../../../lib/websockets/keep-alive.ts';
import { emitted } from '../../support/emitted.ts';
import { RawPeer, type RawConnection } from '../../support/raw-peer.ts';
import { closePayload } from '../../support/session-rig.ts';
import { exportsOf } from '../support/page-module.ts';

interface Reconnecting {
  readonly socket: QWebSocket;
  start(): void;
  stop(): void;
  hurry(): void;
}

interface Code {
  readonly keepAlive: KeepAlive;
  readonly socket: QWebSocket;
  Reconnecting: new (
    url: string,
    subscribe: (socket: QWebSocket) => void,
    giveUp: (reason: string) => void,
  ) => Reconnecting;
}

const PAGE = 'docs/how-to/keepalive-and-reconnect.md';
const { UnconnectedState } = SocketState;

describe(PAGE, () => {
  let code: Code;
  let peer: RawPeer;
  let clock: sinon.SinonFakeTimers;
  let feed: Reconnecting;
  let subscribe: sinon.SinonSpy;
  let giveUp: sinon.SinonSpy;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'keep-alive.ts', 'reconnecting.ts');
  });

  beforeEach(async () => {
    peer = await RawPeer.listen();
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    sinon.stub(Math, 'random').returns(0.5);
    subscribe = sinon.spy((socket: QWebSocket) => socket.sendTextMessage('subscribe'));
    giveUp = sinon.spy();
    feed = new code.Reconnecting(peer.url, subscribe, giveUp);
  });

  afterEach(() => {
    feed.stop();
    feed.socket.abort();
    peer.close();
    clock.restore();
    sinon.restore();
  });

  /** The next attempt gets through. */
  async function accept(): Promise<RawConnection> {
    const done = emitted(feed.socket.connected);
    const connection = await peer.accept();
    await done;
    return connection;
  }

  async function connect(): Promise<RawConnection> {
    feed.start();
    return accept();
  }

  /** The next attempt is answered with an HTTP status, or not at all. */
  async function refuse(answer?: string): Promise<void> {
    const done = emitted(feed.socket.disconnected);
    const connection = await peer.next();
    if (answer === undefined) {
      connection.socket.destroy();
    } else {
      await connection.head();
      connection.socket.end(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    }
    await done;
  }

  /** How long it waits before the next attempt. */
  function wait(): number {
    expect(feed.socket.state()).to.equal(UnconnectedState);
    const before = clock.now;
    clock.next();
    return clock.now - before;
  }

  describe('Reconnecting', () => {
    it('subscribes on each connection', async () => {
      const first = await connect();
      expect((await first.frame()).payload.toString()).to.equal('subscribe');
      const gone = emitted(feed.socket.disconnected);
      first.socket.destroy();
      await gone;
      wait();
      const second = await accept();

      expect((await second.frame()).payload.toString()).to.equal('subscribe');
    });

    it('waits for a random time below a limit that doubles, up to 30 s', async () => {
      feed.start();
      const waits: number[] = [];
      for (let attempt = 0; attempt < 7; attempt++) {
        await refuse();
        waits.push(wait());
      }

      expect(waits).to.deep.equal([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    });

    it('goes on with long waits when connections are lost at once', async () => {
      feed.start();
      const waits: number[] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        const connection = await accept();
        const gone = emitted(feed.socket.disconnected);
        connection.socket.destroy();
        await gone;
        waits.push(wait());
      }

      expect(waits).to.deep.equal([500, 1000, 2000]);
    });

    it('begins with short waits after a connection that has lasted', async () => {
      feed.start();
      await refuse();
      wait();
      await refuse();
      wait();
      const connection = await accept();
      clock.tick(60_000);
      const gone = emitted(feed.socket.disconnected);
      connection.socket.destroy();
      await gone;

      expect(wait()).to.equal(500);
    });

    it('tries at once when it is told to hurry, and keeps a connection that is there', async () => {
      feed.start();
      await refuse();
      feed.hurry();
      await accept();
      feed.hurry();

      expect(feed.socket.isValid()).to.equal(true);
      sinon.assert.calledOnce(subscribe);
    });

    for (const status of ['503 Busy', '502 Bad Gateway', '429 Slow Down', '500 Oops']) {
      it(`tries again after ${status}`, async () => {
        feed.start();
        await refuse(status);

        expect(wait()).to.equal(500);
        sinon.assert.notCalled(giveUp);
      });
    }

    const challenge = '401 Who\r\nWWW-Authenticate: Basic realm="here"';
    for (const status of ['401 Who', challenge, '403 Forbidden', '404 Not Found', '410 Gone']) {
      it(`gives up after ${status.replace('\r\n', ', ')}`, async () => {
        feed.start();
        await refuse(status);

        sinon.assert.calledOnce(giveUp);
        expect(clock.countTimers()).to.equal(0);
      });
    }

    for (const [closeCode, isFatal] of Object.entries({
      1000: false,
      1001: false,
      1002: true,
      1003: true,
      1007: true,
      1008: true,
      1009: true,
      1010: true,
      1011: false,
      1012: false,
      1013: false,
      1014: false,
    })) {
      it(`${isFatal ? 'gives up' : 'tries again'} after ${closeCode}`, async () => {
        const connection = await connect();
        const gone = emitted(feed.socket.disconnected);
        connection.send(OpCode.Close, closePayload(Number(closeCode), 'So it is.'));
        connection.socket.end();
        await gone;

        if (isFatal) sinon.assert.calledOnceWithExactly(giveUp, `${closeCode} So it is.`);
        else expect(wait()).to.equal(500);
      });
    }

    it('gives up when the peer breaks the protocol', async () => {
      const connection = await connect();
      const gone = emitted(feed.socket.disconnected);
      connection.socket.write(Buffer.from([0x83, 0x00]));
      await connection.ended;
      connection.socket.end();
      await gone;

      sinon.assert.calledOnce(giveUp);
      expect(giveUp.firstCall.args[0]).to.match(/^1002 /);
    });

    it('gives up what cannot be opened', () => {
      feed = new code.Reconnecting('http://', subscribe, giveUp);
      feed.start();

      sinon.assert.calledOnce(giveUp);
    });

    it('stops for good, while it waits and while it is connected', async () => {
      feed.start();
      await refuse();
      feed.stop();
      expect(clock.countTimers()).to.equal(0);

      const connection = await connect();
      const gone = emitted(feed.socket.disconnected);
      feed.stop();
      connection.send(OpCode.Close, closePayload(1000));
      connection.socket.end();
      await gone;

      expect(clock.countTimers()).to.equal(0);
      sinon.assert.notCalled(giveUp);
    });
  });

  describe('keepAlive', () => {
    it('keeps a client and a server alive', () => {
      expect(code.keepAlive.has(code.socket)).to.equal(true);
      expect(code.keepAlive.interval()).to.equal(30_000);
    });

    it('gives a peer up that does not answer, which brings the next attempt', async () => {
      code.keepAlive.add(feed.socket);
      const connection = await connect();
      await connection.frame();
      code.keepAlive.probe();
      expect((await connection.frame()).opcode).to.equal(OpCode.Ping);
      const log = sinon.stub(console, 'log');
      clock.tick(10_000);
      log.restore();

      sinon.assert.calledOnceWithExactly(log, feed.socket.errorString());
      expect(feed.socket.errorString()).to.equal(
        'Socket operation timed out (timeout: 10000 ms without a sign of life after a ping).',
      );
      expect(wait()).to.equal(500);
      await accept();
    });
  });
});
