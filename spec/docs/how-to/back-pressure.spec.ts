import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { emitted } from '../../support/emitted.ts';
import { RawPeer, type RawConnection } from '../../support/raw-peer.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  sendAll(socket: QWebSocket, pieces: AsyncIterable<Uint8Array>, mark?: number): Promise<boolean>;
  Newest: new (socket: QWebSocket, mark?: number) => { put(key: string, message: string): void };
}

const PAGE = 'docs/how-to/back-pressure.md';
const PIECE = 512 * 1024;
// More than what the system takes by itself.
const MANY = 32;

describe(PAGE, function () {
  this.timeout(20_000);
  let code: Code;
  let peer: RawPeer;
  let socket: QWebSocket;
  let connection: RawConnection;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'send-all.ts', 'newest.ts');
  });

  beforeEach(async () => {
    peer = await RawPeer.listen();
    socket = new QWebSocket();
    const connected = emitted(socket.connected);
    socket.open(peer.url);
    connection = await peer.accept();
    await connected;
    connection.socket.pause();
  });

  afterEach(() => {
    socket.abort();
    peer.close();
  });

  describe('sendAll()', () => {
    let asked: number;

    beforeEach(() => (asked = 0));

    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (; asked < MANY; asked++) yield new Uint8Array(PIECE);
    }

    /** Waits until nothing moves any more. */
    async function stall(): Promise<void> {
      for (let before = -1, turns = 0; turns < 200; turns++) {
        if (asked !== before) turns = 0;
        before = asked;
        await setImmediate();
      }
    }

    it('asks for no more while the peer does not read, and ends when it has', async () => {
      const all = code.sendAll(socket, pieces(), PIECE);
      await stall();
      expect(asked).to.be.below(MANY - 1);
      expect(socket.bytesToWrite()).to.be.within(PIECE, 3 * PIECE);

      connection.socket.resume();
      expect(await all).to.equal(true);
      for (let piece = 0; piece < MANY; piece++) {
        expect((await connection.frame()).payload).to.have.lengthOf(PIECE);
      }
    });

    it('says when the connection ends before', async () => {
      const all = code.sendAll(socket, pieces(), PIECE);
      await stall();
      connection.socket.destroy();

      expect(await all).to.equal(false);
    });
  });

  describe('Newest', () => {
    it('sends at once while the peer reads', async () => {
      connection.socket.resume();
      new code.Newest(socket).put('a', 'first');

      expect((await connection.frame()).payload.toString()).to.equal('first');
    });

    it('leaves out what was replaced before the peer had read', async () => {
      const newest = new code.Newest(socket);
      const ballast = new Uint8Array(MANY * PIECE);
      socket.sendBinaryMessage(ballast);
      newest.put('a', 'a1');
      newest.put('b', 'b1');
      newest.put('a', 'a2');
      connection.socket.resume();

      let frame = await connection.frame();
      while (!frame.isFinal) frame = await connection.frame();
      expect((await connection.frame()).payload.toString()).to.equal('a2');
      expect((await connection.frame()).payload.toString()).to.equal('b1');
    });
  });
});
