import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { anyStream } from '../support/arbitrary-messages.ts';
import { cut, frame } from '../support/frames.ts';
import { closePayload, RIG_KEY, SessionRig } from '../support/session-rig.ts';

const { Close, Ping, Pong } = OpCode;

type Step = readonly [what: string, run: (rig: SessionRig) => void];

const noise: fc.Arbitrary<Step> = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes): Step => ['noise', (rig) => rig.session.receive(Buffer.from(bytes))]);
const peerFrame: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom(0, 0, 1, 1, 2, 9, 10, 8),
    fc.uint8Array({ maxLength: 20 }),
    fc.boolean(),
    fc.nat(),
  )
  .map(([opcode, payload, isFinal, at]): Step => {
    const data = opcode === Close ? closePayload(1000, 'theirs') : payload;
    return [
      `frame ${opcode}`,
      (rig) => {
        const bytes = rig.frame(opcode, data, { isFinal: isFinal || opcode > 2 });
        for (const chunk of cut(bytes, [at])) rig.session.receive(chunk);
      },
    ];
  });
const own: fc.Arbitrary<Step> = fc.constantFrom<Step[]>(
  ['send text', (rig) => rig.session.sendText('grün')],
  ['send binary', (rig) => rig.session.sendBinary(new Uint8Array(300))],
  ['send ping', (rig) => rig.session.sendPing(new Uint8Array(3))],
  ['turn', (rig) => rig.session.flush()],
  ['turn', (rig) => rig.session.flush()],
  ['drained', (rig) => (rig.wire.take(), rig.session.drained())],
  ['stuck', (rig) => (rig.wire.isStuck = !rig.wire.isStuck)],
  ['wait', () => void clock.tick(4000)],
);
const end: fc.Arbitrary<Step> = fc.constantFrom<Step[]>(
  ['close', (rig) => rig.session.close(1000, 'ours')],
  ['abort', (rig) => rig.session.abort()],
  ['ended', (rig) => rig.session.ended()],
  ['gone', (rig) => rig.session.gone()],
  ['wait long', () => void clock.tick(1_000_000)],
);
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: peerFrame },
    { weight: 6, arbitrary: own },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: end },
  ),
  { maxLength: 40 },
);

let clock: sinon.SinonFakeTimers;

for (const [side, isClient] of [
  ['client', true],
  ['server', false],
] as const) {
  describe(`Session of a ${side}, whatever happens to it`, () => {
    beforeEach(() => {
      clock = sinon.useFakeTimers();
    });

    afterEach(() => {
      clock.restore();
    });

    it('tells and sends what makes sense', () => {
      fc.assert(
        fc.property(steps, (what) => {
          const rig = new SessionRig(isClient);
          let isAborted = false;
          for (const [name, run] of what) {
            const before = rig.told.length;
            run(rig);
            if (isAborted) expect(rig.told).to.have.lengthOf(before);
            isAborted ||= name === 'abort';
          }
          rig.session.gone();

          const names = rig.told.map(([name]) => name);
          // closed comes last, once, unless the connection was given up.
          const closed = names.filter((name) => name === 'closed');
          if (!isAborted) expect(closed).to.have.lengthOf(1);
          if (closed.length > 0) expect(names.indexOf('closed')).to.equal(names.length - 1);
          // Why it ended is told at most once, and only closed behind it.
          const why = names.findIndex((name) => name === 'closing' || name === 'lost');
          if (why !== -1) expect(names.length - why).to.be.at.most(2);

          const sent = rig.wire.frames;
          const closes = sent.filter(({ opcode }) => opcode === Close);
          expect(closes.length).to.be.at.most(1);
          if (closes.length > 0) expect(sent.at(-1)!.opcode).to.equal(Close);
          for (const { key } of sent) expect(key).to.equal(isClient ? RIG_KEY : undefined);
          expect(rig.session.isGone).to.equal(true);
          expect(clock.countTimers()).to.equal(0);
        }),
        { numRuns: 1000 },
      );
    });

    it('tells messages and answers pings, whatever the frames and the chunks', () => {
      fc.assert(
        fc.property(anyStream(!isClient), fc.array(fc.nat(), { maxLength: 12 }), (stream, at) => {
          const rig = new SessionRig(isClient);
          for (const chunk of cut(stream.bytes, at)) rig.session.receive(chunk);
          rig.turn();

          expect(rig.told.filter(([name]) => name !== 'textFrame')).to.deep.equal(
            stream.heard.filter(([name]) => name !== 'ping'),
          );
          const pings = stream.heard.filter(([name]) => name === 'ping');
          expect(rig.wire.bytes.toString('hex')).to.equal(
            Buffer.concat(
              pings.map(([, payload]) =>
                frame(Pong, Buffer.from(String(payload), 'hex'), {
                  key: isClient ? RIG_KEY : undefined,
                }),
              ),
            ).toString('hex'),
          );
        }),
        { numRuns: 200 },
      );
    });

    it('never holds more pongs than it should, whatever the pings', () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 90, max: 125 }), { minLength: 900 }), (sizes) => {
          const rig = new SessionRig(isClient);
          rig.wire.isStuck = true;
          for (const size of sizes) rig.receive(Ping, new Uint8Array(size)).turn();

          expect(rig.session.bytesToWrite()).to.be.below(64 * 1024 + 131);
        }),
        { numRuns: 20 },
      );
    });
  });
}
