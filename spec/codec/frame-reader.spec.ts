import { expect } from 'chai';
import { FrameReader } from '../../lib/codec/frame-reader.ts';
import { MaskMemory } from '../../lib/codec/mask-memory.ts';
import { CompressedCode, OpCode } from '../../lib/codec/opcode.ts';
import { frame, frameStart } from '../support/frames.ts';
import { hex } from '../support/hex.ts';
import { memoryInUse } from '../support/memory.ts';
import { RecordingSink } from '../support/recording-sink.ts';

const KEY = 0x37fa213d;
const LIMIT = 1024 * 1024;

const sides = {
  client: { expectMask: false, key: undefined },
  server: { expectMask: true, key: KEY },
} as const;
type Side = keyof typeof sides;

/** Reads `chunks` with a fresh reader and returns what its sink saw. */
function read(side: Side, ...chunks: readonly Buffer[]): RecordingSink {
  const sink = new RecordingSink();
  const reader = new FrameReader(sink, sides[side].expectMask, { maxIncomingFrameSize: LIMIT });
  // The reader unmasks in place.
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return sink;
}

/** What has to come before a frame of this kind. */
function opening(side: Side, opcode: OpCode): Buffer {
  if (opcode !== OpCode.Continue) return Buffer.alloc(0);
  return frame(OpCode.Text, '', { key: sides[side].key, isFinal: false });
}

/** The violations that `chunks` are, behind what has to come before a frame of this kind. */
function violationsOf(side: Side, opcode: OpCode, ...chunks: readonly Buffer[]): unknown[] {
  return read(side, opening(side, opcode), ...chunks).violations;
}

function seen(sink: RecordingSink): unknown[] {
  return [...sink.frames, ...sink.violations];
}

// The examples of RFC 6455 §5.7.
const unmaskedHello = hex('81 05 48 65 6c 6c 6f');
const maskedHello = hex('81 85 37 fa 21 3d 7f 9f 4d 51 58');
const fragmentedHello = hex('01 03 48 65 6c  80 02 6c 6f');
const unmaskedPing = hex('89 05 48 65 6c 6c 6f');
const maskedPong = hex('8a 85 37 fa 21 3d 7f 9f 4d 51 58');

describe('FrameReader', () => {
  describe('push(), with the examples of RFC 6455 §5.7', () => {
    const hello = { payload: Buffer.from('Hello'), isFinal: true };

    it('reads an unmasked text frame', () => {
      expect(read('client', unmaskedHello).frames).to.deep.equal([
        { ...hello, opcode: OpCode.Text, isAscii: true },
      ]);
    });

    it('reads a masked text frame', () => {
      expect(read('server', maskedHello).frames).to.deep.equal([
        { ...hello, opcode: OpCode.Text, isAscii: true },
      ]);
    });

    it('reads the fragments of a text', () => {
      const { frames } = read('client', fragmentedHello);
      expect(
        frames.map(({ opcode, isFinal, payload }) => [opcode, isFinal, payload.toString()]),
      ).to.deep.equal([
        [OpCode.Text, false, 'Hel'],
        [OpCode.Continue, true, 'lo'],
      ]);
    });

    it('reads an unmasked ping and its masked answer', () => {
      const [ping] = read('client', unmaskedPing).frames;
      const [pong] = read('server', maskedPong).frames;
      expect([ping?.opcode, ping?.payload.toString()]).to.deep.equal([OpCode.Ping, 'Hello']);
      expect([pong?.opcode, pong?.payload.toString()]).to.deep.equal([OpCode.Pong, 'Hello']);
    });

    it('reads binary frames of 256 bytes and of 64 KiB', () => {
      const small = Buffer.alloc(256, 1);
      const large = Buffer.alloc(65_536, 2);
      const { frames } = read(
        'client',
        Buffer.concat([hex('82 7e 01 00'), small, hex('82 7f 00 00 00 00 00 01 00 00'), large]),
      );
      expect(frames.map(({ opcode, payload }) => [opcode, payload.length])).to.deep.equal([
        [OpCode.Binary, 256],
        [OpCode.Binary, 65_536],
      ]);
      expect(frames[1]!.payload.equals(large)).to.equal(true);
    });
  });

  for (const side of ['client', 'server'] as const) {
    const { key } = sides[side];

    describe(`push(), on a ${side}`, () => {
      it('reads every kind of frame as it is', () => {
        const hello = 'Hello world!';
        const rows: readonly [opcode: OpCode, payload: string, isFinal: boolean][] = [
          [OpCode.Text, hello, true],
          [OpCode.Binary, '\x00\x01\x02\x03\x04', true],
          [OpCode.Text, '', true],
          [OpCode.Binary, '', true],
          [OpCode.Close, hello, true],
          [OpCode.Close, '', true],
          [OpCode.Ping, hello, true],
          [OpCode.Pong, '', true],
          [OpCode.Continue, hello, true],
          [OpCode.Continue, hello, false],
        ];
        for (const [opcode, payload, isFinal] of rows) {
          const sink = read(side, opening(side, opcode), frame(opcode, payload, { key, isFinal }));
          expect(sink.violations).to.deep.equal([]);
          expect(sink.texts.at(-1)).to.equal(payload);
          const last = sink.frames.at(-1);
          expect([last?.opcode, last?.isFinal]).to.deep.equal([opcode, isFinal]);
        }
      });

      it('says whether text is ASCII, wherever the one character is that is not', () => {
        for (const length of [1, 63, 64, 65, 70, 125, 126, 200, 1023, 1024, 1025, 5000]) {
          const ascii = 'x'.repeat(length);
          expect(read(side, frame(OpCode.Text, ascii, { key })).frames[0]?.isAscii).to.equal(true);
          for (const at of [0, length >> 1, length - 1]) {
            const mixed = `${ascii.slice(0, at)}é${ascii.slice(at + 1)}`;
            const sink = read(side, frame(OpCode.Text, mixed, { key }));
            expect(sink.frames[0]?.isAscii, `${length} at ${at}`).to.equal(false);
          }
        }
      });

      it('reads frames on both sides of each form of the length', () => {
        for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
          const payload = Buffer.alloc(length, 0x5a);
          const { frames, violations } = read(side, frame(OpCode.Binary, payload, { key }));
          expect(violations).to.deep.equal([]);
          expect(frames[0]!.payload.equals(payload), String(length)).to.equal(true);
        }
      });

      it('gives the same frames wherever the stream is cut', () => {
        const stream = Buffer.concat([
          frame(OpCode.Text, 'a', { key, isFinal: false }),
          frame(OpCode.Ping, '', { key }),
          frame(OpCode.Continue, 'ä'.repeat(70), { key }),
          frame(OpCode.Binary, Buffer.alloc(300, 7), { key }),
          frame(OpCode.Pong, 'x'.repeat(125), { key }),
          frame(OpCode.Close, hex('03e8'), { key }),
        ]);
        const expected = read(side, stream).frames;
        expect(expected).to.have.lengthOf(6);
        for (let at = 1; at < stream.length; at++) {
          const sink = read(side, stream.subarray(0, at), stream.subarray(at));
          expect(sink.frames, `cut at ${at}`).to.deep.equal(expected);
        }
      });

      it('reads a frame of 70 KB that comes byte by byte', () => {
        const payload = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, i) => i % 251));
        const bytes = frame(OpCode.Binary, payload, { key });
        const sink = new RecordingSink();
        const reader = new FrameReader(sink, sides[side].expectMask, {
          maxIncomingFrameSize: LIMIT,
        });
        for (let i = 0; i < bytes.length; i++) reader.push(Buffer.of(bytes[i]!));

        expect(sink.frames).to.have.lengthOf(1);
        expect(sink.frames[0]!.payload.equals(payload)).to.equal(true);
      });

      it('reads what follows the rest of a frame in the same chunk', () => {
        const two = Buffer.concat([
          frame(OpCode.Text, 'one', { key }),
          frame(OpCode.Text, 'two', { key }),
        ]);
        const { texts } = read(side, two.subarray(0, 4), Buffer.concat([two.subarray(4), two]));
        expect(texts).to.deep.equal(['one', 'two', 'one', 'two']);
      });

      it('is inside a frame only between its first and its last byte', () => {
        const bytes = frame(OpCode.Text, 'Hello', { key });
        const reader = new FrameReader(new RecordingSink(), sides[side].expectMask, {
          maxIncomingFrameSize: LIMIT,
        });
        const states = [reader.isInsideFrame];
        for (const byte of bytes) {
          reader.push(Buffer.of(byte));
          states.push(reader.isInsideFrame);
        }
        expect(states).to.deep.equal([
          false,
          ...Array.from({ length: bytes.length - 1 }, () => true),
          false,
        ]);
      });

      it('takes empty chunks', () => {
        const bytes = frame(OpCode.Text, 'Hello', { key });
        const none = Buffer.alloc(0);
        const { texts } = read(side, none, bytes.subarray(0, 3), none, bytes.subarray(3), none);
        expect(texts).to.deep.equal(['Hello']);
      });

      it('announces a frame once its header is there and its payload is not', () => {
        const bytes = frame(OpCode.Text, Buffer.alloc(1000), { key, isFinal: false });
        const chunks = [...bytes.subarray(0, 20)].map((byte) => Buffer.of(byte));
        expect(read(side, ...chunks).announced).to.deep.equal([[OpCode.Text, 1000]]);
        expect(read(side, bytes).announced).to.deep.equal([]);
      });

      it('shows what comes of a payload before the frame is whole, unmasked', () => {
        const bytes = frame(OpCode.Text, 'Grüße, world', { key });
        const header = bytes.length - 14;
        const cuts = [header + 1, header + 1, header + 3, header + 4, header + 13];
        const chunks = cuts.map((to, i) => bytes.subarray(cuts[i - 1] ?? 0, to));

        const { partials, frames } = read(side, ...chunks, bytes.subarray(header + 13));

        expect(partials).to.deep.equal([
          ['G', true],
          ['r\xc3', false],
          ['\xbc', false],
          ['\xc3\x9fe, worl', false],
        ]);
        expect(frames).to.deep.equal([
          {
            opcode: OpCode.Text,
            isFinal: true,
            payload: Buffer.from('Grüße, world'),
            isAscii: false,
          },
        ]);
      });

      it('shows nothing of it to whom it does not matter', () => {
        const bytes = frame(OpCode.Text, 'Hello', { key });
        const sink = new RecordingSink();
        sink.wantsPartials = false;
        const reader = new FrameReader(sink, sides[side].expectMask, {
          maxIncomingFrameSize: LIMIT,
        });
        for (const byte of bytes) reader.push(Buffer.of(byte));

        expect(sink.partials).to.deep.equal([]);
        expect(sink.texts).to.deep.equal(['Hello']);
      });

      it('says of text that came in pieces whether it is ASCII', () => {
        for (const [text, isAscii] of [
          ['x'.repeat(3000), true],
          [`${'x'.repeat(2999)}é`, false],
          [`é${'x'.repeat(2999)}`, false],
        ] as const) {
          const bytes = frame(OpCode.Text, text, { key });
          const { frames } = read(side, bytes.subarray(0, 1500), bytes.subarray(1500));
          expect(frames[0]?.isAscii).to.equal(isAscii);
        }
      });

      it('refuses a frame whose mask is not that of the peer', () => {
        const other = side === 'client' ? KEY : undefined;
        const reason =
          side === 'client'
            ? 'Frames of a server must not be masked.'
            : 'Frames of a client must be masked.';
        for (const opcode of Object.values(OpCode)) {
          expect(violationsOf(side, opcode, frame(opcode, '', { key: other }))).to.deep.equal([
            [1002, reason],
          ]);
        }
      });

      it('masks with a key of 0 like with any other', () => {
        const bytes = frame(OpCode.Text, 'Hello', { key: 0 });
        const sink = read(side, bytes);
        if (side === 'server') expect(sink.texts).to.deep.equal(['Hello']);
        else expect(sink.violations).to.have.lengthOf(1);
      });
    });

    describe(`violations, as a ${side} sees them`, () => {
      const TOO_LARGE = 'Control frame is larger than 125 bytes';
      const FRAGMENTED = 'Control frames cannot be fragmented';
      const SHORT_16 = 'Lengths smaller than 126 must be expressed as one byte.';
      const SHORT_64 = 'Lengths smaller than 65536 (2^16) must be expressed as 2 bytes.';

      it('include every reserved bit', () => {
        for (let reserved = 0x10; reserved <= 0x70; reserved += 0x10) {
          for (const opcode of Object.values(OpCode)) {
            expect(seen(read(side, frame(opcode, '', { key, reserved })))).to.deep.equal([
              [1002, 'Rsv field is non-zero'],
            ]);
          }
        }
      });

      for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
        it(`include the reserved opcode ${opcode}`, () => {
          for (const isFinal of [true, false]) {
            expect(seen(read(side, frame(opcode, '', { key, isFinal })))).to.deep.equal([
              [1002, 'Used reserved opcode'],
            ]);
          }
        });
      }

      for (const [name, opcode] of Object.entries({ Close: 8, Ping: 9, Pong: 10 })) {
        it(`include a ${name} of more than 125 bytes`, () => {
          const payload = Buffer.alloc(126);
          expect(seen(read(side, frame(opcode, payload, { key })))).to.deep.equal([
            [1002, TOO_LARGE],
          ]);
          expect(seen(read(side, frameStart(opcode, 0, { key, lengthSize: 8 })))).to.deep.equal([
            [1002, TOO_LARGE],
          ]);
          expect(read(side, frame(opcode, Buffer.alloc(125), { key })).frames).to.have.lengthOf(1);
        });

        it(`include a ${name} that is not final`, () => {
          expect(
            seen(read(side, frame(opcode, Buffer.alloc(32), { key, isFinal: false }))),
          ).to.deep.equal([[1002, FRAGMENTED]]);
        });
      }

      for (const opcode of [OpCode.Continue, OpCode.Text, OpCode.Binary]) {
        it(`include a longer length than is needed, with opcode ${opcode}`, () => {
          for (const length of [0, 64, 120, 125]) {
            const start = frameStart(opcode, length, { key, lengthSize: 2 });
            expect(violationsOf(side, opcode, start)).to.deep.equal([[1002, SHORT_16]]);
          }
          for (const length of [
            0, 64, 120, 125, 126, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768,
          ]) {
            const start = frameStart(opcode, length, { key, lengthSize: 8 });
            expect(violationsOf(side, opcode, start)).to.deep.equal([[1002, SHORT_64]]);
          }
          expect(
            violationsOf(side, opcode, frameStart(opcode, 65_535, { key, lengthSize: 8 })),
          ).to.deep.equal([[1002, SHORT_64]]);
        });

        it(`include lengths that no number may be trusted with, with opcode ${opcode}`, () => {
          for (const length of [2n ** 63n, 2n ** 64n - 1n, 2n ** 63n + 1n]) {
            expect(violationsOf(side, opcode, frameStart(opcode, length, { key }))).to.deep.equal([
              [1002, 'Highest bit of payload length is not 0.'],
            ]);
          }
          for (const length of [
            2n ** 31n,
            2n ** 32n,
            2n ** 32n + 5n,
            2n ** 53n + 1n,
            2n ** 63n - 1n,
          ]) {
            expect(violationsOf(side, opcode, frameStart(opcode, length, { key }))).to.deep.equal([
              [1009, 'Maximum framesize exceeded.'],
            ]);
          }
        });
      }

      it('include a frame above the limit, by its header alone', () => {
        expect(seen(read(side, frameStart(OpCode.Binary, LIMIT + 1, { key })))).to.deep.equal([
          [1009, 'Maximum framesize exceeded.'],
        ]);
        expect(seen(read(side, frameStart(OpCode.Binary, LIMIT, { key })))).to.deep.equal([]);
      });

      it('are seen with the first two bytes where these tell', () => {
        const second = side === 'server' ? 0x80 : 0;
        expect(seen(read(side, Buffer.of(0xc1, second)))).to.have.lengthOf(1);
        expect(seen(read(side, Buffer.of(0x83, second)))).to.have.lengthOf(1);
        expect(seen(read(side, Buffer.of(0x89, second | 126)))).to.have.lengthOf(1);
        expect(seen(read(side, Buffer.of(0x09, second)))).to.have.lengthOf(1);
        expect(seen(read(side, Buffer.of(0x81, second ^ 0x80)))).to.have.lengthOf(1);
      });

      it('are seen with the first byte where it tells', () => {
        expect(seen(read(side, Buffer.of(0xc1)))).to.deep.equal([[1002, 'Rsv field is non-zero']]);
        expect(seen(read(side, Buffer.of(0x83)))).to.deep.equal([[1002, 'Used reserved opcode']]);
        expect(seen(read(side, Buffer.of(0x09)))).to.deep.equal([[1002, FRAGMENTED]]);
        expect(seen(read(side, Buffer.of(0x80)))).to.deep.equal([
          [1002, 'Received Continuation frame, while there is nothing to continue.'],
        ]);
        expect(violationsOf(side, OpCode.Continue, Buffer.of(0x81))).to.deep.equal([
          [1002, 'All data frames after the initial data frame must have opcode 0 (continuation).'],
        ]);
      });

      it('are seen with the byte of a length that proves them', () => {
        const second = side === 'server' ? 0x80 : 0;
        const rows: readonly [digits: string, violation: unknown][] = [
          ['82 7f 80', [1002, 'Highest bit of payload length is not 0.']],
          ['82 7f 00 00 00 00 00 00', [1002, SHORT_64]],
          ['82 7e 00 7d', [1002, SHORT_16]],
          ['82 7f 7f', [1009, 'Maximum framesize exceeded.']],
          ['82 7f 00 00 00 00 00 11', [1009, 'Maximum framesize exceeded.']],
        ];
        for (const [digits, violation] of rows) {
          const bytes = hex(digits);
          bytes[1] = bytes[1]! | second;
          const sink = new RecordingSink();
          const reader = new FrameReader(sink, sides[side].expectMask, {
            maxIncomingFrameSize: LIMIT,
          });
          for (const byte of bytes.subarray(0, -1)) reader.push(Buffer.of(byte));
          expect(sink.violations, digits).to.deep.equal([]);
          reader.push(bytes.subarray(-1));
          expect(sink.violations, digits).to.deep.equal([violation]);
        }
      });

      it('come in the order of the bytes that prove them when there are several', () => {
        const everything = { key, reserved: 0x40, isFinal: false };
        expect(read(side, frameStart(0xb, 126, everything)).violations[0]![1]).to.equal(
          'Rsv field is non-zero',
        );
        expect(
          read(side, frameStart(0xb, 126, { key, isFinal: false })).violations[0]![1],
        ).to.equal('Used reserved opcode');
        expect(
          read(side, frameStart(OpCode.Ping, 126, { key, isFinal: false })).violations[0]![1],
        ).to.equal(FRAGMENTED);
        const wrongMask = { key: side === 'client' ? KEY : undefined, isFinal: false };
        expect(read(side, frameStart(OpCode.Ping, 1, wrongMask)).violations[0]![1]).to.equal(
          FRAGMENTED,
        );
      });

      it('end everything: nothing follows, and nothing is told twice', () => {
        const good = frame(OpCode.Text, 'x', { key });
        const bad = frame(3, '', { key });
        const sink = read(side, Buffer.concat([good, bad, good, bad]), good, bad);
        expect(sink.texts).to.deep.equal(['x']);
        expect(sink.violations).to.have.lengthOf(1);
      });
    });
  }

  describe('the frame limit', () => {
    it('lets exactly its size through', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: 3 });
      reader.push(Buffer.concat([frame(2, 'abc'), frame(9, 'abc'), frame(2, 'abcd')]));

      expect(sink.texts).to.deep.equal(['abc', 'abc']);
      expect(sink.violations).to.deep.equal([[1009, 'Maximum framesize exceeded.']]);
    });

    it('of Qt’s maximum refuses a byte more, by the header alone', () => {
      const MAXIMUM = 2 ** 31 - 2;
      for (const opcode of [OpCode.Text, OpCode.Binary, OpCode.Continue]) {
        for (const [length, violations] of [
          [MAXIMUM, []],
          [MAXIMUM + 1, [[1009, 'Maximum framesize exceeded.']]],
        ] as const) {
          const sink = new RecordingSink();
          const reader = new FrameReader(sink, false, { maxIncomingFrameSize: MAXIMUM });
          reader.push(opening('client', opcode));
          const already = sink.frames.length;
          reader.push(Buffer.concat([frameStart(opcode, length), Buffer.alloc(32)]));

          expect(sink.violations).to.deep.equal(violations);
          expect(sink.frames).to.have.lengthOf(already);
        }
      }
    });

    it('of 0 lets empty frames through', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: 0 });
      reader.push(Buffer.concat([frame(1), frame(9), frame(2, 'a')]));

      expect(sink.frames).to.have.lengthOf(2);
      expect(sink.violations).to.deep.equal([[1009, 'Maximum framesize exceeded.']]);
    });

    it('is read anew for each frame', () => {
      const limits = { maxIncomingFrameSize: 1 };
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, limits);
      reader.push(frame(2, 'a'));
      limits.maxIncomingFrameSize = 2;
      reader.push(frame(2, 'ab'));

      expect(sink.texts).to.deep.equal(['a', 'ab']);
    });
  });

  describe('reserved bits, where compression was agreed on (RFC 7692 §6)', () => {
    function compressed(...chunks: readonly Buffer[]): RecordingSink {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT }, true);
      for (const chunk of chunks) reader.push(Buffer.from(chunk));
      return sink;
    }

    it('tell that a message is compressed', () => {
      for (const [opcode, code] of [
        [OpCode.Text, CompressedCode.Text],
        [OpCode.Binary, CompressedCode.Binary],
      ] as const) {
        const bytes = frame(opcode, 'abc', { reserved: 0x40 });
        for (const chunks of [[bytes], [bytes.subarray(0, 3), bytes.subarray(3)]]) {
          const { frames, violations } = compressed(...chunks);
          expect(frames.map((one) => [one.opcode, one.payload.toString()])).to.deep.equal([
            [code, 'abc'],
          ]);
          expect(violations).to.deep.equal([]);
        }
      }
    });

    it('tell nothing else', () => {
      const begun = frame(OpCode.Binary, '', { isFinal: false, reserved: 0x40 });
      for (let first = 0; first < 0x80; first += 0x10) {
        for (let opcode = 0; opcode < 0x10; opcode++) {
          const isStart = opcode === OpCode.Text || opcode === OpCode.Binary;
          if ((first & 0x70) === 0 || ((first & 0x70) === 0x40 && isStart)) continue;
          const { violations } = compressed(begun, Buffer.of(0x80 | first | opcode));
          expect(violations).to.deep.equal([[1002, 'Rsv field is non-zero']]);
        }
      }
    });
  });

  describe('pause()', () => {
    function pausing(): { sink: RecordingSink; reader: FrameReader } {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT });
      sink.afterFrame = () => reader.pause();
      return { sink, reader };
    }

    it('keeps the rest of the chunk, and what comes then, until resume()', () => {
      const { sink, reader } = pausing();
      reader.push(Buffer.concat([unmaskedHello, unmaskedPing, hex('81')]));
      reader.push(hex('01'));
      reader.push(hex('78 81 01 79'));
      expect(sink.texts).to.deep.equal(['Hello']);

      reader.resume();
      expect(sink.texts).to.deep.equal(['Hello', 'Hello']);

      sink.afterFrame = () => {};
      reader.resume();
      expect(sink.texts).to.deep.equal(['Hello', 'Hello', 'x', 'y']);
    });

    it('is heeded after a frame that came in two chunks', () => {
      const { sink, reader } = pausing();
      reader.push(unmaskedHello.subarray(0, 3));
      reader.push(Buffer.concat([unmaskedHello.subarray(3), unmaskedPing]));
      expect(sink.texts).to.deep.equal(['Hello']);

      reader.resume();
      expect(sink.frames.map(({ opcode }) => opcode)).to.deep.equal([OpCode.Text, OpCode.Ping]);
    });

    it('ends with stop(), which lets go of what was kept', () => {
      const { sink, reader } = pausing();
      reader.push(Buffer.concat([unmaskedHello, unmaskedPing]));
      reader.stop();
      reader.resume();
      reader.push(Buffer.from(unmaskedHello));

      expect(sink.texts).to.deep.equal(['Hello']);
    });
  });

  describe('stop()', () => {
    it('keeps the frames behind from the sink, also when it calls it itself', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT });
      sink.afterFrame = () => reader.stop();
      reader.push(Buffer.concat([unmaskedHello, unmaskedHello]));
      reader.push(unmaskedHello);

      expect(sink.texts).to.deep.equal(['Hello']);
    });

    it('is heeded after a frame that came in two chunks', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT });
      sink.afterFrame = () => reader.stop();
      reader.push(unmaskedHello.subarray(0, 3));
      reader.push(Buffer.concat([unmaskedHello.subarray(3), unmaskedHello, hex('81')]));

      expect(sink.texts).to.deep.equal(['Hello']);
      expect(reader.isInsideFrame).to.equal(false);
    });

    it('lets go of what was held', () => {
      const reader = new FrameReader(new RecordingSink(), false, { maxIncomingFrameSize: LIMIT });
      reader.push(unmaskedHello.subarray(0, 3));
      reader.stop();

      expect(reader.isInsideFrame).to.equal(false);
    });

    it('is heeded while a part of a payload is shown', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT });
      sink.partial = () => reader.stop();
      reader.push(unmaskedHello.subarray(0, 4));
      reader.push(unmaskedHello.subarray(4));
      reader.push(unmaskedHello);

      expect(sink.frames).to.deep.equal([]);
      expect(reader.isInsideFrame).to.equal(false);
    });

    it('is heeded while a frame is announced', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT });
      sink.announce = () => {
        reader.stop();
        return false;
      };
      reader.push(unmaskedHello.subarray(0, 3));
      reader.push(unmaskedHello.subarray(3));

      expect(reader.isInsideFrame).to.equal(false);
      expect(sink.frames).to.deep.equal([]);
    });
  });

  describe('pushLent()', () => {
    const memory = new MaskMemory(1024);

    /** Reads `chunks` out of memory that is overwritten behind each of them. */
    function readLent(reader: FrameReader, ...chunks: readonly Buffer[]): void {
      for (const chunk of chunks) {
        memory.bytes.set(chunk);
        reader.pushLent(memory, chunk.length);
        memory.bytes.fill(0xff);
      }
    }

    it('lends whole frames, and hands bytes over that came in pieces', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, true, { maxIncomingFrameSize: LIMIT });
      const binary = frame(OpCode.Binary, 'Bytes', { key: KEY });

      readLent(reader, maskedHello, maskedHello.subarray(0, 8), maskedHello.subarray(8));
      readLent(reader, binary, binary.subarray(0, 8), binary.subarray(8));

      expect(sink.texts).to.deep.equal(['Hello', 'Hello', 'Bytes', 'Bytes']);
      expect(sink.owned).to.deep.equal([false, false, false, true]);
    });

    it('keeps what comes behind pause()', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, true, { maxIncomingFrameSize: LIMIT });
      sink.afterFrame = () => reader.pause();

      readLent(reader, Buffer.concat([maskedHello, maskedHello]), maskedHello);
      expect(sink.texts).to.deep.equal(['Hello']);
      reader.resume();
      reader.resume();

      expect(sink.texts).to.deep.equal(['Hello', 'Hello', 'Hello']);
    });
  });

  describe('its memory', () => {
    it('is not taken by the announced length alone', () => {
      const limits = { maxIncomingFrameSize: 2 ** 31 - 2 };
      const before = memoryInUse();
      const readers = Array.from({ length: 20 }, () => {
        const reader = new FrameReader(new RecordingSink(), false, limits);
        reader.push(frameStart(OpCode.Binary, 2 ** 31 - 2));
        reader.push(Buffer.alloc(1000));
        return reader;
      });

      expect(readers.every((reader) => reader.isInsideFrame)).to.equal(true);
      expect(memoryInUse() - before).to.be.below(LIMIT);
    });

    it('does not grow with the number of chunks', () => {
      const sink = new RecordingSink();
      sink.wantsPartials = false;
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: 2 ** 31 - 2 });
      const before = memoryInUse();
      reader.push(frameStart(OpCode.Binary, 300_000));
      for (let i = 0; i < 250_000; i++) reader.push(Buffer.of(1));

      expect(reader.isInsideFrame).to.equal(true);
      // One Buffer object for each chunk would be 25 MB.
      expect(memoryInUse() - before).to.be.below(8_000_000);
    });

    it('does not hang on to the chunk in which a frame begins', () => {
      const sink = new RecordingSink();
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: LIMIT });
      const chunk = Buffer.concat([unmaskedHello, unmaskedHello.subarray(0, 5)]);
      reader.push(chunk);
      chunk.fill(0xff);
      reader.push(unmaskedHello.subarray(5));

      expect(sink.texts).to.deep.equal(['Hello', 'Hello']);
    });
  });
});
