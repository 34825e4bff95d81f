import { expect } from 'chai';
import { once } from 'node:events';
import { emitted } from '../support/emitted.ts';
import { frame } from '../support/frames.ts';
import { memoryInUse } from '../support/memory.ts';
import { scaled } from './support/scale.ts';
import { withstand } from './support/withstand.ts';

const MiB = 1024 * 1024;
const key = 0x37fa213d;
const [CONTINUE, TEXT, BINARY] = [0, 1, 2];

describe('A server that gets a message in pieces without number', function () {
  this.timeout(300_000);

  for (const [name, opcode, payload] of [
    ['a million bytes', BINARY, 'a'],
    ['a million characters', TEXT, 'a'],
    ['nothing, a million times', BINARY, ''],
  ] as const) {
    it(`holds little more than what they carry: ${name}`, async () => {
      await withstand(async (target) => {
        const [attacker, socket] = await target.open();
        attacker.socket.removeAllListeners('data').resume();
        const piece = frame(CONTINUE, payload, { isFinal: false, key });
        const pieces = Buffer.alloc(1000 * piece.length, piece);
        const count = scaled(1000);
        attacker.write(frame(opcode, 'b', { isFinal: false, key }));
        const before = memoryInUse();
        for (let i = 0; i < count; i++) {
          if (!attacker.socket.write(pieces)) await once(attacker.socket, 'drain');
        }
        const done = emitted(socket.pong);
        attacker.write(frame(10, '', { key }));
        await done;

        // Room grows by doubling, and a text is decoded as it comes.
        const carried = count * 1000 * payload.length;
        expect(memoryInUse() - before).to.be.below(3 * carried + MiB);
        const arrived =
          opcode === TEXT
            ? emitted(socket.textMessageReceived)
            : emitted(socket.binaryMessageReceived);
        attacker.write(frame(CONTINUE, '', { key }));
        const [message] = await arrived;
        expect(message.length).to.equal(1 + carried);
      });
    });
  }
});
