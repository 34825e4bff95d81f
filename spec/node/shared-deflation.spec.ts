import { expect } from 'chai';
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { restore, spy, stub, type SinonSpy } from 'sinon';
import type { DeflateParameters } from '../../lib/codec/deflate-parameters.ts';
import type { CoderOptions, DeflateCoder } from '../../lib/node/deflate-coder.ts';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import type { MessageCoder } from '../../lib/session/wire.ts';
import { untilCollected } from '../support/memory.ts';
import { coders, deflated, inflated } from '../support/test-coder.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const ROWS = Buffer.from('{"symbol":"QT","price":17},'.repeat(40));
const MANY_ROWS = Buffer.from('{"symbol":"QT","price":17},'.repeat(4000));

function messageOf(data: Uint8Array): SharedMessage {
  return new SharedMessage(true, data);
}

function serverCoders(
  count: number,
  parameters?: Partial<DeflateParameters>,
  options?: Partial<CoderOptions>,
): DeflateCoder[] {
  return Array.from({ length: count }, () => coders(parameters, options).server);
}

/** What a coder makes of a message, at once or later. */
function deflatedShared(coder: MessageCoder, message: SharedMessage): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const payload = coder.deflateShared(message, { deflated: resolve });
    if (payload !== undefined) resolve(payload);
  });
}

/** Compresses a copy of `data` for two connections; returns them, and the message and its bytes. */
async function sentAndDropped(
  data: Uint8Array,
): Promise<[DeflateCoder[], ...references: WeakRef<object>[]]> {
  const message = messageOf(Buffer.from(data));
  const alive = serverCoders(2, {}, { historySize: 0 });
  await Promise.all(alive.map((coder) => deflatedShared(coder, message)));
  return [alive, new WeakRef(message), new WeakRef(message.data)];
}

describe('A message that is compressed for several connections', () => {
  let here: SinonSpy;
  let aside: SinonSpy;

  beforeEach(() => {
    here = spy(zlib, 'deflateRawSync');
    aside = spy(zlib, 'deflateRaw');
    syncBuiltinESMExports();
  });

  afterEach(() => {
    restore();
    syncBuiltinESMExports();
  });

  for (const [size, data, calls] of [
    ['short', ROWS, [1, 0]],
    ['long', MANY_ROWS, [0, 1]],
  ] as const) {
    describe(`and is ${size}`, () => {
      it('is compressed once', async () => {
        const message = messageOf(data);
        const payloads = await Promise.all(
          serverCoders(20).map((coder) => deflatedShared(coder, message)),
        );
        payloads.push(await deflatedShared(coders().server, message));

        expect([here.callCount, aside.callCount]).to.deep.equal(calls);
        expect(new Set(payloads).size).to.equal(1);
        expect(payloads[0]!.length).to.be.below(data.length / 4);
      });

      it('is compressed once for each level and each window that it does not fit into', async () => {
        const message = messageOf(data);
        for (const level of [1, 9]) {
          for (const serverMaxWindowBits of [9, 10, 15, 15, 10]) {
            const [coder] = serverCoders(1, { serverMaxWindowBits }, { level });
            await deflatedShared(coder!, message);
          }
        }

        // The short one has 1080 bytes, which a window of 2^11 holds as well as a larger one.
        expect(here.callCount + aside.callCount).to.equal(6);
      });

      it('can be inflated by every peer, whatever went before', async () => {
        const message = messageOf(data);
        for (const [serverMaxWindowBits, before] of [
          [15, ROWS],
          [9, Buffer.from('something else')],
          [15, Buffer.alloc(0)],
        ] as const) {
          const { client, server } = coders({ serverMaxWindowBits });
          await inflated(client, await deflated(server, before));

          const payload = await deflatedShared(server, message);

          expect(await inflated(client, payload)).to.deep.equal(data);
        }
      });

      it('is what later messages may refer to', async () => {
        const { client, server } = coders();
        await inflated(client, await deflatedShared(server, messageOf(data)));

        const payload = await deflated(server, ROWS);

        expect(payload.length).to.be.below(20);
        expect(await inflated(client, payload)).to.deep.equal(ROWS);
      });

      it('is nothing that is kept where each message is compressed by itself', async () => {
        const { client, server } = coders({ serverNoContextTakeover: true });
        await inflated(client, await deflatedShared(server, messageOf(data)));

        const payload = await deflated(server, ROWS);

        expect(payload.length).to.be.above(20);
        expect(await inflated(client, payload)).to.deep.equal(ROWS);
      });

      it('does not live longer than it is needed', async () => {
        const [alive, ...references] = await sentAndDropped(data);
        for (const one of [here, aside]) one.resetHistory();

        await untilCollected(...references);
        expect(alive).to.have.lengthOf(2);
      });

      it('goes out as it is when there is no memory to compress it, and no history knows it', async () => {
        restore();
        stub(zlib, 'deflateRawSync').throws(new RangeError('No memory.'));
        stub(zlib, 'deflateRaw').throws(new RangeError('No memory.'));
        syncBuiltinESMExports();
        const { client, server } = coders();

        expect(await deflatedShared(server, messageOf(data))).to.equal(data);

        restore();
        syncBuiltinESMExports();
        expect(await inflated(client, await deflated(server, ROWS))).to.deep.equal(ROWS);
      });
    });
  }

  it('goes out as it is when that is not longer', async () => {
    const data = Buffer.from('abc');
    const { client, server } = coders();

    expect(await deflatedShared(server, messageOf(data))).to.equal(data);

    // What was not compressed is not in the peer's window either.
    expect(await inflated(client, await deflated(server, ROWS))).to.deep.equal(ROWS);
  });

  it('goes out as it is where nothing can be compressed', async () => {
    const { client } = coders({ clientMaxWindowBits: 8 });

    expect(await deflatedShared(client, messageOf(ROWS))).to.equal(ROWS);
    expect(here.callCount).to.equal(0);
  });

  describe('while that takes time', () => {
    it('comes to those who are still there', async () => {
      const message = messageOf(MANY_ROWS);
      const [gone, alive] = serverCoders(2);
      const told = spy();
      gone!.deflateShared(message, { deflated: told });
      const payload = deflatedShared(alive!, message);

      gone!.stop();

      expect((await payload).length).to.be.below(MANY_ROWS.length);
      expect(told.callCount).to.equal(0);
    });

    it('comes to those who ask when the first have left', async () => {
      const message = messageOf(MANY_ROWS);
      const [gone, alive] = serverCoders(2);
      gone!.deflateShared(message, { deflated: spy() });
      gone!.stop();

      expect((await deflatedShared(alive!, message)).length).to.be.below(MANY_ROWS.length);
      expect(aside.callCount).to.equal(1);
    });

    it('comes to nobody who leaves while others are told', async () => {
      const message = messageOf(MANY_ROWS);
      const [first, second, third] = serverCoders(3);
      const told = spy();
      first!.deflateShared(message, { deflated: () => second!.stop() });
      second!.deflateShared(message, { deflated: told });
      await deflatedShared(third!, message);

      expect(told.callCount).to.equal(0);
    });

    it('comes to the others when one of them throws, which is reported', async () => {
      const message = messageOf(MANY_ROWS);
      const [first, second] = serverCoders(2);
      const error = new Error('A stream of their own.');
      first!.deflateShared(message, {
        deflated: () => {
          throw error;
        },
      });

      const errors = await uncaughtErrors(() => deflatedShared(second!, message));

      expect(errors).to.deep.equal([error]);
    });

    it('is done at once for those who come later', async () => {
      const message = messageOf(MANY_ROWS);
      const [first, second] = serverCoders(2);
      const payload = await deflatedShared(first!, message);

      expect(second!.deflateShared(message, { deflated: () => {} })).to.equal(payload);
    });
  });
});
