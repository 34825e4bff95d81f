import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebChannel } from '../../lib/webchannel/qwebchannel.ts';
import { WebSocketTransport } from '../../lib/webchannel/websocket-transport.ts';
import { emitted } from '../support/emitted.ts';
import { frame } from '../support/frames.ts';
import { memoryInUse } from '../support/memory.ts';
import type { RawClient } from '../support/raw-client.ts';
import { Chat, chat, Room, room } from '../webchannel/support/chat.ts';
import { withstand, type Target } from './support/withstand.ts';

const MiB = 1024 * 1024;

describe('A web channel', function () {
  this.timeout(60_000);

  /** A channel with a chat, and a client of it that reads nothing. */
  async function deafClient(
    target: Target,
  ): Promise<[attacker: RawClient, socket: QWebSocket, chat: Chat]> {
    const [attacker, socket] = await target.open();
    // The target sends back what it gets.
    socket.textMessageReceived.disconnect();
    attacker.socket.removeAllListeners('data').pause();
    const channel = new QWebChannel(socket);
    const published = new Chat(socket);
    channel.registerType(Room, room);
    channel.registerObject('chat', published, chat);
    channel.connectTo(new WebSocketTransport(socket));
    return [attacker, socket, published];
  }

  function text(message: object): Buffer {
    return frame(1, JSON.stringify(message), { key: 0x37fa213d });
  }

  it('keeps little for a client that asks and does not read', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await deafClient(target);
      const question = text({ type: 3, id: 1 });
      const memoryBefore = memoryInUse();
      // Each of its 30 bytes asks for more than a kilobyte: 120 MiB in all.
      attacker.write(Buffer.alloc(100_000 * question.length, question));
      for (let stuck = 0; stuck < 20;) {
        const before = socket.bytesToWrite();
        await setTimeout(5);
        stuck = before > 0 && socket.bytesToWrite() === before ? stuck + 1 : 0;
      }

      expect(socket.bytesToWrite()).to.be.below(MiB);
      expect(memoryInUse() - memoryBefore).to.be.below(8 * MiB);
      attacker.socket.destroy();
    });
  });

  it('gives a client up that listens to signals and does not read', async () => {
    await withstand(async (target) => {
      const [attacker, socket, published] = await deafClient(target);
      const heard = emitted(socket.textMessageReceived);
      attacker.write(text({ type: 7, object: 'chat', signal: 3 }));
      await heard;
      const gone = emitted(socket.disconnected);
      const message = 'x'.repeat(64 * 1024);
      for (let time = 0; time < 1000; time++) published.say('alice', message);

      await gone;
      expect(socket.closeCode()).to.equal(1006);
      attacker.socket.destroy();
    });
  });

  it('keeps no updates for a client that is never ready', async () => {
    await withstand(async (target) => {
      const [attacker, socket, published] = await deafClient(target);
      const heard = emitted(socket.textMessageReceived);
      attacker.write(text({ type: 3, id: 1 }));
      await heard;
      const memoryBefore = memoryInUse();
      for (let time = 0; time < 10_000; time++) published.setTopic(`${time} ${'x'.repeat(1000)}`);

      expect(memoryInUse() - memoryBefore).to.be.below(MiB);
      attacker.socket.destroy();
    });
  });
});
