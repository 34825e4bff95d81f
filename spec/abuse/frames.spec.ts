import { expect } from 'chai';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';
import { frame, frameStart } from '../support/frames.ts';
import { memoryInUse } from '../support/memory.ts';
import type { RawClient } from '../support/raw-client.ts';
import { closeCode } from './support/close-code.ts';
import { withstand, type Target } from './support/withstand.ts';

const MiB = 1024 * 1024;
const key = 0x37fa213d;
const [CONTINUE, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/** One more fragment of `payload`, masked. */
function fragment(payload: string | Uint8Array): Buffer {
  return frame(CONTINUE, payload, { isFinal: false, key });
}

function repeated(piece: Buffer, count: number): Buffer {
  return Buffer.alloc(piece.length * count, piece);
}

/** Says `bytes` as fast as the server takes them, and waits until it has worked them off. */
async function flood(attacker: RawClient, socket: QWebSocket, bytes: Buffer): Promise<void> {
  attacker.socket.removeAllListeners('data').resume();
  if (!attacker.socket.write(bytes)) await once(attacker.socket, 'drain');
  const done = new Promise<void>((resolve) => {
    socket.pong.connect((_elapsed, payload) => {
      if (Buffer.from(payload).toString() === 'done') resolve();
    });
  });
  attacker.write(frame(PONG, 'done', { key }));
  await done;
}

describe('A server that gets hostile frames', function () {
  this.timeout(60_000);

  it('reads what drips byte by byte', async () => {
    await withstand(async (target) => {
      const [attacker] = await target.open();
      for (const byte of frame(TEXT, 'a'.repeat(300), { key })) {
        attacker.write(Buffer.of(byte));
        await setImmediate();
      }

      expect(await attacker.hears('a'.repeat(300))).to.contain('a'.repeat(300));
    });
  });

  it('gives a message up that stalls, with 1001', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await target.open();
      socket.setIncompleteMessageTimeout(100);
      attacker.write(frameStart(BINARY, MiB, { key }));

      expect(closeCode(await attacker.ended())).to.equal(1001);
    });
  });

  it('takes 4 MiB in 65,537 fragments of 64 bytes', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await target.open();
      const arrived = emitted(socket.binaryMessageReceived);
      attacker.socket.removeAllListeners('data').resume();
      const piece = Buffer.alloc(64, 0x61);
      attacker.write(frame(BINARY, piece, { isFinal: false, key }));
      attacker.write(repeated(fragment(piece), 65_535));
      attacker.write(frame(CONTINUE, piece, { key }));

      const [message] = await arrived;
      expect(message.length).to.equal(65_537 * 64);
      expect(message.every((byte) => byte === 0x61)).to.equal(true);
    });
  });

  for (const [name, payload] of [
    ['one byte', 'a'],
    ['nothing', ''],
  ] as const) {
    it(`holds little more than the payload of fragments of ${name}`, async () => {
      await withstand(async (target) => {
        const [attacker, socket] = await target.open();
        const pieces = repeated(fragment(payload), 100_000);
        attacker.write(frame(BINARY, 'a', { isFinal: false, key }));
        const before = memoryInUse();

        await flood(attacker, socket, pieces);

        expect(memoryInUse() - before).to.be.below(MiB);
        attacker.write(frame(CONTINUE, '', { key }));
        const [message] = await emitted(socket.binaryMessageReceived);
        expect(message).to.have.lengthOf(1 + 100_000 * payload.length);
      });
    });
  }

  const floods: Record<string, Buffer> = {
    'empty texts': frame(TEXT, '', { key }),
    'empty messages of bytes': frame(BINARY, '', { key }),
    'pongs that nobody asked for': frame(PONG, 'pong', { key }),
    'empty pongs': frame(PONG, '', { key }),
  };
  for (const [name, piece] of Object.entries(floods)) {
    it(`serves others under a flood of ${name}`, async () => {
      await withstand(async (target) => {
        const [attacker, socket] = await target.open();

        await flood(attacker, socket, repeated(piece, 100_000));
      });
    });
  }

  /** With what code the server closes after `words`. */
  async function codeAfter(target: Target, words: Buffer): Promise<number | undefined> {
    const [attacker] = await target.open();
    attacker.write(words);
    return closeCode(await attacker.ended());
  }

  const tooLong: Record<string, bigint> = {
    '2^31': 2n ** 31n,
    '2^32 + 1': 2n ** 32n + 1n,
    '2^53': 2n ** 53n,
    '2^62': 2n ** 62n,
  };
  for (const [name, length] of Object.entries(tooLong)) {
    it(`takes no memory for a frame of ${name} bytes that is announced`, async () => {
      await withstand(async (target) => {
        const before = memoryInUse();
        const code = await codeAfter(target, frameStart(BINARY, length, { key }));

        expect(code).to.equal(1009);
        expect(memoryInUse() - before).to.be.below(MiB);
      });
    });
  }

  it('takes no memory for a frame within its limit before it comes', async () => {
    await withstand(async (target) => {
      const before = memoryInUse();
      for (let i = 0; i < 20; i++) {
        const [attacker] = await target.open();
        attacker.write(Buffer.concat([frameStart(BINARY, 16 * MiB, { key }), Buffer.alloc(10)]));
      }

      expect(memoryInUse() - before).to.be.below(MiB);
    });
  });

  const wrong: Record<string, Buffer> = {
    'a length of 2^63': frameStart(BINARY, 2n ** 63n, { key }),
    'a length of 2^64 - 1': frameStart(BINARY, 2n ** 64n - 1n, { key }),
    'a ping of 126 bytes': frameStart(PING, 126, { key }),
    'a ping of 2^62 bytes': frameStart(PING, 2n ** 62n, { key }),
    'a Close of 126 bytes': frameStart(CLOSE, 126, { key }),
    'a ping in pieces': frameStart(PING, 0, { isFinal: false, key }),
    'a frame that is not masked': frame(TEXT, 'a'),
    'a fragment of nothing': fragment('a'),
    'a reserved opcode': frameStart(3, 0, { key }),
    'a reserved bit': frameStart(TEXT, 0, { reserved: 0x20, key }),
  };
  it('fails what no client may send, with 1002', async () => {
    await withstand(async (target) => {
      for (const [name, words] of Object.entries(wrong)) {
        expect(await codeAfter(target, words), name).to.equal(1002);
      }
    });
  });

  it('fails fragments that are too much together, with 1009', async () => {
    await withstand(async (target) => {
      const [attacker, socket] = await target.open();
      socket.setMaxAllowedIncomingMessageSize(10 * MiB);
      attacker.write(frame(BINARY, 'a', { isFinal: false, key }));
      const piece = fragment(Buffer.alloc(MiB));
      for (let i = 0; i < 10; i++) attacker.write(piece);

      expect(closeCode(await attacker.ended())).to.equal(1009);
    });
  });
});
