import { expect } from 'chai';
import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import type { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { frame } from '../support/frames.ts';
import { upgradeRequest, type RawClient } from '../support/raw-client.ts';
import { closeCode } from './support/close-code.ts';
import { withstand, type Target } from './support/withstand.ts';

const MiB = 1024 * 1024;
const key = 0x37fa213d;
const [CONTINUE, TEXT, BINARY, PONG] = [0, 1, 2, 10];
const reserved = 0x40;

const conditions = {
  prepare(server: QWebSocketServer): void {
    server.setCompressionEnabled(true);
    server.setMaxPendingConnections(100);
  },
};

function deflated(data: Uint8Array): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function compressed(payload: Uint8Array, opcode = BINARY): Buffer {
  return frame(opcode, payload, { key, reserved });
}

/** An attacker with whom compression was agreed on. */
async function open(target: Target): Promise<RawClient> {
  const attacker = await target.connect();
  attacker.write(upgradeRequest({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }));
  expect(await attacker.hears('\r\n\r\n')).to.include('permessage-deflate');
  return attacker;
}

/** Says `bytes`, and waits until the server has worked them off. */
async function flood(target: Target, attacker: RawClient, bytes: Buffer): Promise<void> {
  const socket = target.socketOf(attacker);
  attacker.socket.removeAllListeners('data').resume();
  const done = new Promise<void>((resolve) => {
    socket.pong.connect((_elapsed, payload) => {
      if (Buffer.from(payload).toString() === 'done') resolve();
    });
  });
  attacker.write(bytes);
  attacker.write(frame(PONG, 'done', { key }));
  await done;
}

describe('A server that compresses', function () {
  this.timeout(60_000);

  it('stops inflating at the limit of a message, with 1009', async () => {
    // 100 MiB in 100 KiB, from each of ten.
    const bomb = compressed(deflated(Buffer.alloc(100 * MiB)));
    await withstand(async (target) => {
      const attackers = await Promise.all(Array.from({ length: 10 }, () => open(target)));
      for (const attacker of attackers) attacker.write(bomb);

      const answers = await Promise.all(attackers.map((attacker) => attacker.ended()));
      expect(answers.map(closeCode)).to.deep.equal(attackers.map(() => 1009));
    }, conditions);
  });

  it('inflates as large messages as it takes, one after the other', async () => {
    const bomb = compressed(deflated(Buffer.alloc(4 * MiB)), BINARY);
    await withstand(async (target) => {
      const attacker = await open(target);
      target.socketOf(attacker).binaryMessageReceived.disconnect();
      await flood(target, attacker, Buffer.alloc(bomb.length * 8, bomb));
    }, conditions);
  });

  it('takes tiny compressed messages', async () => {
    const tiny = compressed(Buffer.of(0), TEXT);
    await withstand(async (target) => {
      const attacker = await open(target);
      await flood(target, attacker, Buffer.alloc(tiny.length * 20_000, tiny));
    }, conditions);
  });

  it('takes messages of as many streams as it allows', async () => {
    const one = compressed(Buffer.concat([Buffer.from('0300'.repeat(60), 'hex'), Buffer.of(0)]));
    await withstand(async (target) => {
      const attacker = await open(target);
      await flood(target, attacker, Buffer.alloc(one.length * 500, one));
    }, conditions);
  });

  it('refuses what cannot be inflated, however much of it comes', async () => {
    await withstand(async (target) => {
      const attacker = await open(target);
      attacker.write(compressed(Buffer.alloc(MiB, 0x07)));

      expect(closeCode(await attacker.ended())).to.equal(1007);
    }, conditions);
  });

  it('lets go of a client that leaves while its messages are inflated', async () => {
    const large = compressed(deflated(Buffer.alloc(3 * MiB)));
    await withstand(async (target) => {
      for (let i = 0; i < 6; i++) {
        const attacker = await open(target);
        attacker.write(Buffer.concat([large, large]));
        if (i % 2 === 0) attacker.socket.resetAndDestroy();
        else attacker.socket.destroy();
        await once(attacker.socket, 'close');
      }
      await target.hasOnly(2);
    }, conditions);
  });

  it('lets go of a message in many fragments that never ends', async () => {
    await withstand(async (target) => {
      const attacker = await open(target);
      attacker.write(frame(BINARY, '', { key, reserved, isFinal: false }));
      const piece = frame(CONTINUE, '', { key, isFinal: false });
      await flood(target, attacker, Buffer.alloc(piece.length * 20_000, piece));
    }, conditions);
  });
});
