import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { OpCode } from '../../lib/codec/opcode.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { messages } from '../../lib/websockets/messages.ts';
import { opened } from '../../lib/websockets/opened.ts';
import { holdBack } from '../../lib/websockets/qwebsocket-base.ts';
import { emitted } from '../support/emitted.ts';
import { frame } from '../support/frames.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { closePayload } from '../support/session-rig.ts';
import { SocketPair } from '../support/socket-pair.ts';

const KIB = 1024;
const SIZE = 16 * KIB;

/** Sends numbered messages until the system has taken nothing of them for long; returns how many. */
async function sendUntilStuck(sender: QWebSocket): Promise<number> {
  let turns = 0;
  let count = 0;
  const connection = sender.bytesWritten.connect(() => (turns = 0));
  while (turns < 300) {
    turns++;
    if (sender.bytesToWrite() === 0) {
      // What can be compressed would be all that ever comes.
      const message = randomBytes(SIZE);
      message.writeUInt32BE(count++);
      sender.sendBinaryMessage(message);
      turns = 0;
    }
    await setImmediate();
  }
  connection.disconnect();
  return count;
}

describe('messages()', () => {
  for (const [title, isSecure, compression] of [
    ['ws:', false, undefined],
    ['wss:', true, undefined],
    ['ws: with compression', false, { threshold: 0 }],
  ] as const) {
    describe(`of ${title}`, () => {
      let pair: SocketPair;

      beforeEach(async () => {
        pair = await SocketPair.connect(isSecure, compression);
      });

      afterEach(() => {
        pair.close();
      });

      for (const [side, receiverOf, senderOf] of [
        ['client', () => pair.client, () => pair.accepted],
        ['server', () => pair.accepted, () => pair.client],
      ] as const) {
        it(`let the peer of a ${side} wait, and lose nothing`, async () => {
          const [receiver, sender] = [receiverOf(), senderOf()];
          let delivered = 0;
          receiver.binaryMessageReceived.connect(() => delivered++);
          const incoming = messages(receiver);
          const count = await sendUntilStuck(sender);
          // 64 KiB are four messages; one more may be under way from the thread that inflates.
          expect(delivered).to.be.within(4, 5);

          sender.close(4000);
          let next = 0;
          for await (const message of incoming) {
            const { buffer, byteOffset } = message as Uint8Array;
            expect(new DataView(buffer, byteOffset).getUint32(0)).to.equal(next);
            next++;
          }
          expect(next).to.equal(count);
          expect(receiver.closeCode()).to.equal(4000);
        });
      }
    });
  }

  describe('of a peer that speaks at once', () => {
    let peer: RawPeer;
    let socket: QWebSocket;

    beforeEach(async () => {
      peer = await RawPeer.listen();
      socket = new QWebSocket();
    });

    afterEach(() => {
      socket.abort();
      peer.close();
    });

    it('are all there after opened()', async () => {
      const accepted = peer.accept('', frame(OpCode.Text, 'Welcome'));
      await opened(socket, peer.url);
      const incoming = messages(socket);

      expect(await incoming.next()).to.deep.equal({ done: false, value: 'Welcome' });
      await accepted;
    });

    it('are all there after opened() when the peer closes at once as well', async () => {
      const early = [frame(OpCode.Text, 'Bye'), frame(OpCode.Close, closePayload(1001))];
      const accepted = peer.accept('', Buffer.concat(early));
      await opened(socket, peer.url);

      const incoming = messages(socket);
      (await accepted).socket.end();

      const all = [];
      for await (const message of incoming) all.push(message);
      expect(all).to.deep.equal(['Bye']);
      expect(socket.closeCode()).to.equal(1001);
    });

    it('come in their frames when a slot lets the peer wait, and then not', async () => {
      const accepted = peer.accept();
      await opened(socket, peer.url);
      const connection = await accepted;
      socket.textMessageReceived.connect(() => holdBack(socket)());
      const incoming = messages(socket);
      const bytes = Buffer.concat([frame(OpCode.Text, 'a'), frame(OpCode.Text, 'b')]);
      connection.socket.write(bytes.subarray(0, -1));
      await incoming.next();
      connection.socket.write(bytes.subarray(-1));

      expect(await incoming.next()).to.deep.equal({ done: false, value: 'b' });
    });

    it('end with the reason when it is reset, behind what has come', async () => {
      const accepted = peer.accept();
      await opened(socket, peer.url);
      const connection = await accepted;
      const incoming = messages(socket);
      for (let i = 0; i < 6; i++) connection.send(OpCode.Binary, new Uint8Array(SIZE));
      await emitted(socket.binaryMessageReceived);
      connection.reset();

      // What the system had not given us yet is gone with a reset; what was delivered is not.
      expect((await incoming.next()).done).to.equal(false);
      const failure = await rejectionOf(
        (async () => {
          for await (const message of incoming) expect(message).to.have.lengthOf(SIZE);
        })(),
      );
      expect(failure).to.deep.include({ name: 'ConnectionError', closeCode: 1006 });
    });
  });
});
