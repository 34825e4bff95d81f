import { expect } from 'chai';
import fc from 'fast-check';
import { anyStream } from '../support/arbitrary-messages.ts';
import { cut, frame } from '../support/frames.ts';
import { Receiver, type Heard } from '../support/recording-sink.ts';

const cuts = fc.array(fc.nat(), { maxLength: 12 });

function withoutTextFrames(heard: readonly Heard[]): Heard[] {
  return heard.filter(([name]) => name !== 'textFrame');
}

/** The texts of frames, put together message by message. */
function textsOfFrames(heard: readonly Heard[]): string[] {
  const texts: string[] = [];
  let text = '';
  for (const [name, part, isLast] of heard) {
    if (name !== 'textFrame') continue;
    text += String(part);
    if (isLast !== true) continue;
    texts.push(text);
    text = '';
  }
  return texts;
}

for (const [side, isMasked] of [
  ['client', false],
  ['server', true],
] as const) {
  describe(`FrameReader and MessageAssembler of a ${side}, for any messages cut at any places`, () => {
    it('deliver what was sent', () => {
      fc.assert(
        fc.property(anyStream(isMasked), cuts, (stream, at) => {
          const { heard } = new Receiver(isMasked).push(...cut(stream.bytes, at));

          expect(withoutTextFrames(heard)).to.deep.equal(stream.heard);
          const texts = heard.filter(([name]) => name === 'textMessage').map(([, text]) => text);
          expect(textsOfFrames(heard)).to.deep.equal(texts);
        }),
        { numRuns: 300 },
      );
    });

    it('deliver the same as in one piece, byte by byte', () => {
      fc.assert(
        fc.property(anyStream(isMasked), ({ bytes }) => {
          const dripped = new Receiver(isMasked);
          const start = bytes.subarray(0, 2000);
          for (const byte of start) dripped.push(Buffer.of(byte));

          expect(dripped.heard).to.deep.equal(new Receiver(isMasked).push(start).heard);
        }),
        { numRuns: 50 },
      );
    });
  });

  describe(`FrameReader and MessageAssembler of a ${side}, for noise`, () => {
    const limits = { maxIncomingFrameSize: 200, maxIncomingMessageSize: 300 };
    const key = isMasked ? 0x01020304 : undefined;
    // Whole frames, right and wrong, and stray bytes: so that the noise comes far.
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(
          fc.constantFrom(0, 0, 0, 1, 1, 2, 2, 9, 10, 8, 3),
          fc.uint8Array({ maxLength: 160 }),
          fc.boolean(),
          fc.constantFrom(0, 0, 0, 0, 0, 0x40),
        )
        .map(([opcode, bytes, isFinal, reserved]) =>
          frame(opcode, bytes, { isFinal, key, reserved }),
        ),
    );
    const noise = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));

    it('never throw, tell nothing behind a violation or Close, and keep their limits', () => {
      fc.assert(
        fc.property(noise, cuts, (bytes, at) => {
          const { heard } = new Receiver(isMasked, limits).push(...cut(bytes, at));

          const end = heard.findIndex(([name]) => name === 'violation' || name === 'closeFrame');
          if (end !== -1) expect(end).to.equal(heard.length - 1);
          for (const [name, payload] of heard) {
            if (name === 'binaryFrame') expect(String(payload).length / 2).to.be.at.most(200);
            if (name === 'binaryMessage') expect(String(payload).length / 2).to.be.at.most(300);
          }
        }),
        { numRuns: 1000 },
      );
    });

    it('come to the same end wherever it is cut', () => {
      fc.assert(
        fc.property(noise, cuts, (bytes, at) => {
          const inPieces = new Receiver(isMasked, limits).push(...cut(bytes, at)).heard;
          const whole = new Receiver(isMasked, limits).push(bytes).heard;

          expect(inPieces).to.deep.equal(whole);
        }),
        { numRuns: 1000 },
      );
    });
  });
}
