import { expect } from 'chai';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';
import { frame, frameStart } from '../support/frames.ts';
import { upgradeRequest, type RawClient } from '../support/raw-client.ts';
import { withstand, type Target } from './support/withstand.ts';

const key = 0x37fa213d;
const closing = frame(8, Buffer.of(0x03, 0xe8), { key });

/** How a client leaves. */
const exits: Record<string, (attacker: RawClient) => void> = {
  'resets the connection': ({ socket }) => void socket.resetAndDestroy(),
  'ends and goes': ({ socket }) => void socket.destroy(),
  'ends its side and stays': ({ socket }) => void socket.end(),
};

/** How far a client goes before it leaves. */
const points: Record<string, (target: Target, attacker: RawClient) => Promise<void> | void> = {
  'as soon as it is connected': () => {},
  'within the head': (_target, attacker) => attacker.write('GET / HTTP/1.1\r\nHost: a'),
  'before it is answered': (_target, attacker) => attacker.write(upgradeRequest()),
  'after a bad request': (_target, attacker) => attacker.write('GET / HTTP/1.1\r\n\r\n'),
  'after the handshake': async (target, attacker) => {
    await opened(target, attacker);
  },
  'within the header of a frame': (_target, attacker) =>
    attacker.write(Buffer.concat([Buffer.from(upgradeRequest()), Buffer.of(0x81)])),
  'within a frame': (_target, attacker) =>
    attacker.write(
      Buffer.concat([Buffer.from(upgradeRequest()), frameStart(2, 1e6, { key }), Buffer.alloc(99)]),
    ),
  'within a message': async (target, attacker) => {
    await opened(target, attacker);
    attacker.write(frame(1, 'a', { isFinal: false, key }));
  },
  'within what it is sent': async (target, attacker) => {
    const socket = await opened(target, attacker);
    attacker.socket.removeAllListeners('data').pause();
    socket.sendBinaryMessage(new Uint8Array(8e6));
    await setImmediate();
  },
  'after its Close': async (target, attacker) => {
    await opened(target, attacker);
    attacker.write(closing);
  },
  'after our Close': async (target, attacker) => {
    (await opened(target, attacker)).close();
    await setImmediate();
  },
  'after both': async (target, attacker) => {
    (await opened(target, attacker)).close();
    attacker.write(closing);
    await setImmediate();
  },
};

/** The end on the server of a client that has gone through the handshake. */
async function opened(target: Target, attacker: RawClient): Promise<QWebSocket> {
  attacker.write(upgradeRequest());
  await attacker.hears('\r\n\r\n');
  const socket = target.socketOf(attacker);
  socket.setCloseTimeout(100);
  return socket;
}

function isClosing(socket: QWebSocket): boolean {
  return socket.state() === SocketState.ClosingState;
}

describe('A server whose peers do not end as they should', function () {
  this.timeout(60_000);

  for (const [exit, leave] of Object.entries(exits)) {
    for (const [point, reach] of Object.entries(points)) {
      it(`is done with who ${exit} ${point}`, async () => {
        await withstand(
          async (target) => {
            const attackers = await Promise.all(Array.from({ length: 5 }, () => target.connect()));
            for (const attacker of attackers) {
              await reach(target, attacker);
              leave(attacker);
            }
            for (const attacker of attackers) {
              // Who does not read does not hear of the end either.
              if (!attacker.socket.isPaused()) await attacker.ended();
            }
            await target.hasOnly(1);
          },
          // Nobody waits for a deadline.
          { isOpen: false, prepare: (server) => server.setHandshakeTimeout(-1) },
        );
      });
    }
  }

  it('gives up who never answers a Close', async () => {
    await withstand(async (target) => {
      const [, socket] = await target.open();
      socket.setCloseTimeout(100);
      const gone = emitted(socket.disconnected);
      socket.close();

      await gone;
    });
  });

  it('gives up who drips instead of closing', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await target.open();
      socket.setCloseTimeout(50);
      socket.close();
      attacker.write(frameStart(2, 1e6, { key }));
      const begun = performance.now();
      while (isClosing(socket) && performance.now() - begun < 5000) {
        attacker.write('a');
        await setTimeout(5);
      }

      expect(isClosing(socket)).to.equal(false);
    });
  });

  it('gives up who reads a little now and then while it closes', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await target.open();
      attacker.socket.removeAllListeners('data').pause();
      socket.sendBinaryMessage(new Uint8Array(64e6));
      socket.setCloseTimeout(20);
      socket.close();
      const begun = performance.now();
      while (isClosing(socket) && performance.now() - begun < 5000) {
        attacker.socket.read(1);
        await setTimeout(5);
      }

      expect(isClosing(socket)).to.equal(false);
      attacker.socket.destroy();
    });
  });

  it('waits for a slow reader that gets on, to the last byte', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await target.open();
      const before = attacker.socket.bytesRead;
      attacker.socket.removeAllListeners('data').pause();
      socket.sendBinaryMessage(new Uint8Array(4e6));
      socket.close();
      attacker.write(closing);
      while (!attacker.socket.readableEnded) {
        attacker.socket.read();
        await setImmediate();
      }

      // The message in 8 frames of 512 KiB, and the Close frame.
      expect(attacker.socket.bytesRead - before).to.equal(4e6 + 8 * 10 + 4);
      attacker.socket.end();
      await once(attacker.socket, 'close');
    });
  });
});
