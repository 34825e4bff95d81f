import { expect } from 'chai';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';
import { frame } from '../support/frames.ts';
import { memoryInUse } from '../support/memory.ts';
import type { RawClient } from '../support/raw-client.ts';
import { withstand, type Target } from './support/withstand.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const key = 0x37fa213d;
const ping = frame(9, 'x'.repeat(125), { key });

/** A client that reads nothing any more, and its end on the server. */
async function deafClient(target: Target): Promise<[attacker: RawClient, socket: QWebSocket]> {
  const [attacker, socket] = await target.open();
  attacker.socket.removeAllListeners('data').pause();
  return [attacker, socket];
}

/** Sends until the system takes nothing more. */
async function fill(socket: QWebSocket): Promise<void> {
  const message = Buffer.alloc(64 * KiB);
  for (let stuck = 0; stuck < 5;) {
    const before = socket.bytesToWrite();
    if (before > 0) await setTimeout(5);
    if (before > 0 && socket.bytesToWrite() === before) {
      stuck++;
      continue;
    }
    socket.sendBinaryMessage(message);
    await setImmediate();
  }
}

describe('A server whose peers do not read', function () {
  this.timeout(60_000);

  it('answers a flood of pings as they come', async () => {
    await withstand(async (target) => {
      const [attacker] = await target.open();
      attacker.socket.removeAllListeners('data').resume();
      const before = attacker.socket.bytesRead;
      attacker.write(Buffer.alloc(20_000 * ping.length, ping));

      const expected = 20_000 * (ping.length - 4);
      while (attacker.socket.bytesRead - before < expected) await once(attacker.socket, 'data');
    });
  });

  it('keeps few pongs for a peer that pings and does not read', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await deafClient(target);
      await fill(socket);
      const before = socket.bytesToWrite();
      const pings = Buffer.alloc(100_000 * ping.length, ping);
      const memoryBefore = memoryInUse();
      attacker.write(pings);
      attacker.write(frame(10, 'done', { key }));
      await emitted(socket.pong);

      // What one chunk asks for is answered at once.
      expect(socket.bytesToWrite() - before).to.be.below(200 * KiB);
      expect(memoryInUse() - memoryBefore).to.be.below(MiB);
      attacker.socket.destroy();
    });
  });

  it('keeps few pongs for a peer that pings with a packet each and does not read', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await deafClient(target);
      await fill(socket);
      const memoryBefore = memoryInUse();
      const tiny = frame(9, '', { key });
      for (let i = 0; i < 5000; i++) {
        attacker.write(tiny);
        if (i % 10 === 0) await setImmediate();
      }
      attacker.write(frame(10, 'done', { key }));
      await emitted(socket.pong);

      expect(memoryInUse() - memoryBefore).to.be.below(MiB);
      attacker.socket.destroy();
    });
  });

  it('tells how much waits, by default', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await deafClient(target);
      await fill(socket);
      const before = socket.bytesToWrite();

      expect(socket.sendBinaryMessage(new Uint8Array(MiB))).to.equal(MiB);

      expect(socket.bytesToWrite() - before).to.be.above(MiB);
      attacker.socket.destroy();
    });
  });

  it('refuses more than may wait', async () => {
    await withstand(
      async (target) => {
        const [attacker, socket] = await deafClient(target);
        await fill(socket);
        const memoryBefore = memoryInUse();
        const message = Buffer.alloc(10 * KiB);
        let refused = 0;
        for (let i = 0; i < 5000; i++) if (socket.sendBinaryMessage(message) === 0) refused++;
        for (let i = 0; i < 5000; i++) socket.ping();

        expect(refused).to.be.above(4000);
        expect(socket.bytesToWrite()).to.be.below(2 * MiB);
        expect(memoryInUse() - memoryBefore).to.be.below(2 * MiB);
        attacker.socket.destroy();
      },
      { prepare: (server) => server.setBacklogLimit(MiB) },
    );
  });

  it('refuses the echoes of a peer that sends and does not read', async () => {
    await withstand(
      async (target) => {
        const [attacker, socket] = await deafClient(target);
        const message = frame(2, Buffer.alloc(64 * KiB), { key });
        for (let i = 0; i < 500; i++) attacker.write(message);
        attacker.write(frame(10, 'done', { key }));
        await emitted(socket.pong);

        expect(socket.bytesToWrite()).to.be.below(2 * MiB);
        attacker.socket.destroy();
      },
      { prepare: (server) => server.setBacklogLimit(MiB) },
    );
  });

  it('cuts a peer off for which too much waits', async () => {
    await withstand(
      async (target) => {
        const [, socket] = await deafClient(target);
        const failed = emitted(socket.errorOccurred);
        const gone = emitted(socket.disconnected);
        let sent = 0;
        while (socket.sendBinaryMessage(new Uint8Array(64 * KiB)) > 0) {
          sent += 64 * KiB;
          await setImmediate();
        }

        expect(await failed).to.deep.equal([SocketError.SocketResourceError]);
        expect(socket.errorString()).to.match(/^The peer does not read: \d+ bytes wait to be sent/);
        expect(sent).to.be.above(MiB);
        await gone;
        expect(socket.closeCode()).to.equal(1006);
        expect(socket.bytesToWrite()).to.equal(0);
      },
      { prepare: (server) => server.setBacklogLimit(MiB, BacklogPolicy.Disconnect) },
    );
  });

  it('lets a peer go on that reads slowly, with every message', async () => {
    await withstand(
      async (target) => {
        const [attacker, socket] = await target.open();
        attacker.socket.removeAllListeners('data').resume();
        const before = attacker.socket.bytesRead;
        let sent = 0;
        while (sent < 50) {
          if (socket.sendBinaryMessage(new Uint8Array(64 * KiB)) > 0) sent++;
          else await setImmediate();
        }
        while (socket.bytesToWrite() > 0) await setImmediate();
        socket.close();
        await once(attacker.socket, 'end');
        attacker.socket.destroy();

        // A Close frame with a code comes last.
        expect(attacker.socket.bytesRead - before).to.equal(50 * (64 * KiB + 10) + 4);
      },
      { prepare: (server) => server.setBacklogLimit(256 * KiB) },
    );
  });
});
