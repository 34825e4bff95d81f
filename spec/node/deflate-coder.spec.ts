import { expect } from 'chai';
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import type { DeflateParameters } from '../../lib/codec/deflate-parameters.ts';
import { DeflateCoder } from '../../lib/node/deflate-coder.ts';
import { hex } from '../support/hex.ts';
import { memoryInUse } from '../support/memory.ts';
import { coders, deflated, FULL, inflated, OPTIONS } from '../support/test-coder.ts';

const MiB = 1024 * 1024;
const HELLO = Buffer.from('Hello');
const INVALID = { code: 1007, reason: 'Invalid compressed data.' };
const TOO_BIG = { code: 1009, reason: 'Received message is too big.' };

/** Bytes in which nothing repeats. */
function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

/** As a sender that keeps nothing does it (RFC 7692 §7.2.1). */
function plainlyDeflated(data: Uint8Array, dictionary?: Uint8Array): Buffer {
  const compressed = deflateRawSync(data, {
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary === undefined ? {} : { dictionary }),
  });
  return compressed.subarray(0, -4);
}

describe('DeflateCoder', () => {
  describe('inflating what RFC 7692 §7.2.3 shows', () => {
    const examples: Record<string, string> = {
      'one block (§7.2.3.1)': 'f2 48 cd c9 c9 07 00',
      'a block without compression (§7.2.3.3)': '00 05 00 fa ff 48 65 6c 6c 6f 00',
      'a block that says it is the last (§7.2.3.4)': 'f3 48 cd c9 c9 07 00 00',
      'two blocks (§7.2.3.5)': 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00',
    };
    for (const [name, payload] of Object.entries(examples)) {
      it(`understands ${name}`, async () => {
        expect(await inflated(coders().client, hex(payload))).to.deep.equal(HELLO);
      });
    }

    it('lets a message refer to the one before (§7.2.3.2)', async () => {
      const { client } = coders();

      expect(await inflated(client, hex('f2 48 cd c9 c9 07 00'))).to.deep.equal(HELLO);
      expect(await inflated(client, hex('f2 00 11 00 00'))).to.deep.equal(HELLO);
      expect(await inflated(client, hex('f2 00 11 00 00'))).to.deep.equal(HELLO);
    });

    it('understands an empty message (§7.2.3.6)', async () => {
      expect(await inflated(coders().client, hex('00'))).to.deep.equal(Buffer.alloc(0));
    });
  });

  describe('inflating', () => {
    it('takes no data at all for an empty message', async () => {
      expect(await inflated(coders().client, hex(''))).to.deep.equal(Buffer.alloc(0));
    });

    it('goes on behind a block that says it is the last, with what came before it', async () => {
      const { client } = coders();
      const first = Buffer.from('a message that is said twice, ');
      const last = deflateRawSync(first);
      const rest = plainlyDeflated(first, first);
      expect(rest.length).to.be.below(10);

      const message = await inflated(client, Buffer.concat([last, rest]));

      expect(message).to.deep.equal(Buffer.concat([first, first]));
    });

    it('takes a last block with nothing behind it', async () => {
      const payload = deflateRawSync(HELLO);

      expect(await inflated(coders().client, payload)).to.deep.equal(HELLO);
    });

    it('takes the empty block, whose end is not sent, as the last one', async () => {
      const first = deflateRawSync(HELLO, { finishFlush: constants.Z_SYNC_FLUSH });

      expect(await inflated(coders().client, Buffer.concat([first, hex('01')]))).to.deep.equal(
        HELLO,
      );
      expect(await inflated(coders().client, hex('01'))).to.deep.equal(Buffer.alloc(0));
    });

    it('refuses more last blocks than anybody needs', async () => {
      const empty = '03 00';
      const { client } = coders();

      expect(await inflated(client, hex(`${empty.repeat(40)} 00`))).to.deep.equal(Buffer.alloc(0));
      expect(await inflated(client, hex(`${empty.repeat(100)} 00`))).to.deep.equal({
        code: 1009,
        reason: 'Compressed message consists of too many streams.',
      });
    });

    const broken: Record<string, string> = {
      'a block of a type that there is not': '07',
      'half a block': 'f2 48 cd c9',
      'a block without compression that is cut off': '00 05 00 fa ff 48 65',
      'a length that does not fit its complement': '00 05 00 00 00 48 65 6c 6c 6f 00',
      'a reference to what was never sent': 'f2 00 11 00 00',
      'a last block that ends within what is not sent': '03',
      'something behind the last block': 'f3 48 cd c9 c9 07 00 07',
    };
    for (const [name, payload] of Object.entries(broken)) {
      it(`fails for ${name}`, async () => {
        expect(await inflated(coders().client, hex(payload))).to.deep.equal(INVALID);
      });
    }

    it('fails for every message that is cut off, or tells less', async () => {
      const message = Buffer.from('{"text":"a message","more":"a message of some length"}');
      const payload = plainlyDeflated(message);
      for (let length = 1; length < payload.length; length++) {
        const outcome = await inflated(coders().client, payload.subarray(0, length));
        if (Buffer.isBuffer(outcome)) expect(outcome.length).to.be.below(message.length);
        else expect(outcome).to.deep.equal(INVALID);
      }
    });

    it('fails for large data that are broken as well', async () => {
      const payload = plainlyDeflated(noise(MiB));
      payload.fill(0xff, 500_000, 500_100);
      payload[500_000 - (500_000 % 65_540)] = 0x07;

      expect(await inflated(coders().client, payload.subarray(0, 900_000))).to.deep.equal(INVALID);
    });

    it('keeps no more of what came before than was agreed on', async () => {
      const [near, far] = [noise(200), noise(600, 2)];
      for (const [bits, isThere] of [
        [8, false],
        [10, true],
      ] as const) {
        const { client } = coders({ serverMaxWindowBits: bits });
        await inflated(client, plainlyDeflated(near));
        await inflated(client, plainlyDeflated(far));
        const payload = plainlyDeflated(near, Buffer.concat([near, far]));

        expect(await inflated(client, payload)).to.deep.equal(isThere ? near : INVALID);
      }
    });

    it('forgets the messages before when the peer promised not to refer to them', async () => {
      const { client } = coders({ serverNoContextTakeover: true });
      await inflated(client, hex('f2 48 cd c9 c9 07 00'));

      expect(await inflated(client, hex('f2 00 11 00 00'))).to.deep.equal(INVALID);
    });
  });

  describe('inflating many messages that come at once', () => {
    /** Inflates `payload` again and again until that takes time; how often it did not. */
    function burst(
      coder: DeflateCoder,
      payload: Buffer,
    ): { atOnce: number; later: Promise<unknown> } {
      let atOnce = 0;
      const later = new Promise((resolve) => {
        const listener = { inflated: resolve };
        while (atOnce < 1000 && coder.inflate(payload, MiB, listener) !== undefined) atOnce++;
      });
      return { atOnce, later };
    }

    const floods: Record<string, [payload: Buffer, most: number]> = {
      'of the smallest messages': [hex('00'), 100],
      'of messages of many last blocks': [hex(`${'03 00'.repeat(50)} 00`), 2],
      'of small messages that are large': [plainlyDeflated(Buffer.alloc(200_000)), 4],
    };
    for (const [name, [payload, most]] of Object.entries(floods)) {
      it(`leaves room for others after a part ${name}`, async () => {
        const { client } = coders();
        for (let round = 0; round < 3; round++) {
          const { atOnce, later } = burst(client, payload);

          expect(atOnce).to.be.at.most(most);
          expect(await later).to.deep.equal(await inflated(coders().client, payload));
        }
      });
    }

    it('tells nothing of what is left when it is stopped', async () => {
      const { client } = coders();
      const told: string[] = [];
      void burst(client, hex('00')).later.then(() => told.push('inflated'));
      client.stop();
      await setImmediate();
      await setImmediate();

      expect(told).to.deep.equal([]);
    });
  });

  describe('the limit', () => {
    for (const size of [1, 100, 300_000, 5 * MiB]) {
      it(`lets a message of ${size} bytes through that is as large as allowed`, async () => {
        const payload = plainlyDeflated(Buffer.alloc(size));

        expect(await inflated(coders().client, payload, size)).to.deep.equal(Buffer.alloc(size));
      });

      it(`stops one of ${size} bytes that is larger`, async () => {
        const payload = plainlyDeflated(Buffer.alloc(size));

        expect(await inflated(coders().client, payload, size - 1)).to.deep.equal(TOO_BIG);
      });
    }

    it('counts what several streams give', async () => {
      const payload = Buffer.concat([deflateRawSync(Buffer.alloc(60)), hex('00')]);
      const twice = Buffer.concat([deflateRawSync(Buffer.alloc(60)), payload]);

      expect(await inflated(coders().client, twice, 119)).to.deep.equal(TOO_BIG);
      expect(await inflated(coders().client, twice, 120)).to.deep.equal(Buffer.alloc(120));
    });

    it('goes on aside where it has stopped, when several streams are large together', async () => {
      const part = deflateRawSync(Buffer.alloc(200_000, 'a'));
      const payload = Buffer.concat([part, part, hex('00')]);

      expect(await inflated(coders().client, payload, MiB)).to.deep.equal(
        Buffer.alloc(400_000, 'a'),
      );
    });
  });

  describe('deflating', () => {
    it('refers to the messages before', async () => {
      const { server } = coders();
      const message = noise(200);

      expect(await deflated(server, message)).to.equal(message);
      expect(await deflated(server, Buffer.concat([message, message]))).to.have.lengthOf.within(
        200,
        230,
      );
      expect(await deflated(server, message)).to.have.lengthOf.below(20);
    });

    it('refers to nothing when that was agreed on', async () => {
      const { server } = coders({ serverNoContextTakeover: true });
      const message = Buffer.from('a message, a message, a message');

      expect(await deflated(server, message)).to.deep.equal(await deflated(server, message));
    });

    it('gives back what does not become smaller', async () => {
      for (const data of [Buffer.alloc(0), Buffer.from('a'), noise(1000), noise(100_000)]) {
        expect(await deflated(coders().server, data)).to.equal(data);
      }
    });

    it('compresses nothing for a peer that keeps 256 bytes, which zlib cannot do', async () => {
      const { client } = coders({ clientMaxWindowBits: 8 });
      const message = Buffer.alloc(1000);

      expect(await deflated(client, message)).to.equal(message);
    });

    it('compares with no more than it was told to keep', async () => {
      const { server } = coders({}, { historySize: 100 });
      const message = Buffer.concat([noise(200), Buffer.alloc(1000)]);
      await deflated(server, message);

      expect(await deflated(server, noise(200))).to.have.lengthOf(200);
    });
  });

  describe('when it is stopped', () => {
    it('tells nothing any more', async () => {
      const { server } = coders();
      const told: string[] = [];
      const payload = plainlyDeflated(Buffer.alloc(MiB));
      server.deflate(Buffer.alloc(100_000), { deflated: () => told.push('deflated') });
      server.inflate(payload, MiB, { inflated: () => told.push('inflated') });
      server.stop();

      // Others who come later are served later.
      for (let i = 0; i < 10; i++) await deflated(coders().server, Buffer.alloc(100_000));
      expect(told).to.deep.equal([]);
    });
  });

  it('keeps nothing between two messages but what later ones may refer to', async () => {
    const kept: DeflateCoder[] = [];
    const message = Buffer.concat([noise(15_000), Buffer.alloc(17_000)]);
    const payload = plainlyDeflated(message);
    /** What a coder keeps after a message in each direction. */
    async function costOf(parameters: Partial<DeflateParameters>): Promise<number> {
      const count = 60;
      const before = memoryInUse();
      for (let i = 0; i < count; i++) {
        const { server } = coders(parameters, { historySize: 8192 });
        kept.push(server);
        await deflated(server, message);
        await inflated(server, payload);
      }
      return (memoryInUse() - before) / count;
    }
    /** Measures again where it has to: what others take or let go of meanwhile counts as well. */
    async function expectCost(
      parameters: Partial<DeflateParameters>,
      least: number,
      most: number,
    ): Promise<void> {
      let cost = NaN;
      for (let time = 0; time < 3 && !(cost >= least && cost <= most); time++) {
        cost = await costOf(parameters);
      }
      expect(cost).to.be.within(least, most);
    }
    await costOf({});

    // 8 KiB with which it compares, and the window, which the message fills almost.
    await expectCost({}, 40_000, 46_000);
    await expectCost(
      { clientNoContextTakeover: true, serverNoContextTakeover: true },
      -1_000,
      4_000,
    );
    expect(kept.length).to.be.at.least(180);
  }).timeout(60_000);

  it('brings every message over, whatever was agreed on', async () => {
    const bits = fc.integer({ min: 8, max: 15 });
    const parameters = fc.record({
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
      serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
      clientMaxWindowBits: bits,
    });
    const options = fc.record({
      level: fc.integer({ min: 1, max: 9 }),
      threshold: fc.constant(0),
      historySize: fc.constantFrom(0, 300, 8192, 32_768),
    });
    const message = fc
      .tuple(
        fc.constantFrom(noise(70_000), Buffer.alloc(70_000, 'abc'), Buffer.alloc(400_000, 'abcd')),
        fc.nat({ max: 5000 }),
        fc.oneof(
          { weight: 8, arbitrary: fc.nat({ max: 2000 }) },
          { weight: 1, arbitrary: fc.nat({ max: 400_000 }) },
        ),
      )
      .map(([bytes, from, length]) => bytes.subarray(from, from + length));
    const messages = fc.array(message, { maxLength: 12 });

    await fc.assert(
      fc.asyncProperty(
        parameters,
        options,
        fc.boolean(),
        messages,
        async (agreed, how, up, all) => {
          const client = new DeflateCoder(true, agreed, how);
          const server = new DeflateCoder(false, agreed, how);
          const [sender, receiver] = up ? [client, server] : [server, client];
          for (const data of all) {
            const payload = await deflated(sender, data);
            // What is sent as it is concerns no coder.
            if (payload === data) continue;
            expect(await inflated(receiver, payload, data.length)).to.deep.equal(Buffer.from(data));
          }
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('survives noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (payload) => {
        const coder = new DeflateCoder(true, FULL, OPTIONS);
        const outcome = await inflated(coder, payload, 1000);

        if (Buffer.isBuffer(outcome)) expect(outcome.length).to.be.at.most(1000);
        else expect([1007, 1009]).to.include(outcome.code);
      }),
      { numRuns: 200 },
    );
  });
});
