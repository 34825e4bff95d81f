import { expect } from 'chai';
import { constants } from 'node:buffer';
import { MessageAssembler } from '../../lib/codec/message-assembler.ts';
import { OpCode } from '../../lib/codec/opcode.ts';
import { frame, frameStart, type FrameOptions } from '../support/frames.ts';
import { hex } from '../support/hex.ts';
import { memoryInUse } from '../support/memory.ts';
import { GENEROUS, Receiver, RecordingMessages, type Heard } from '../support/recording-sink.ts';
import { invalidUtf8, nonCharacters } from '../support/utf8.ts';

const { Continue, Text, Binary, Close, Ping, Pong } = OpCode;
const open: FrameOptions = { isFinal: false };

const NOTHING = 'Received Continuation frame, while there is nothing to continue.';
const NOT_CONTINUED =
  'All data frames after the initial data frame must have opcode 0 (continuation).';
const TOO_BIG = 'Received message is too big.';
const BAD_UTF8 = 'Invalid UTF-8 code encountered.';

/** What a client hears of `frames`. */
function receive(...frames: readonly Buffer[]): Heard[] {
  return new Receiver(false).push(...frames).heard;
}

function limited(maxIncomingMessageSize: number): Receiver {
  return new Receiver(false, { ...GENEROUS, maxIncomingMessageSize });
}

describe('MessageAssembler', () => {
  describe('whole messages', () => {
    it('are a frame and a message', () => {
      expect(receive(frame(Text, 'Grüße'), frame(Binary, hex('00ff')))).to.deep.equal([
        ['textFrame', 'Grüße', true],
        ['textMessage', 'Grüße'],
        ['binaryFrame', '00ff', true],
        ['binaryMessage', '00ff'],
      ]);
    });

    it('may be empty', () => {
      expect(receive(frame(Text), frame(Binary))).to.deep.equal([
        ['textFrame', '', true],
        ['textMessage', ''],
        ['binaryFrame', '', true],
        ['binaryMessage', ''],
      ]);
    });

    it('of bytes come whole in every size around the forms of the length', () => {
      for (let size = 0; size <= 65_664; size += 128) {
        const payload = Buffer.alloc(size, 1);
        const digits = payload.toString('hex');
        expect(receive(frame(Binary, payload)), String(size)).to.deep.equal([
          ['binaryFrame', digits, true],
          ['binaryMessage', digits],
        ]);
      }
    });

    it('of bytes may hold every value', () => {
      for (let value = 0; value < 256; value++) {
        const payload = Buffer.of(value, value);
        expect(receive(frame(Binary, payload))[1]).to.deep.equal([
          'binaryMessage',
          payload.toString('hex'),
        ]);
      }
    });

    it('of bytes come whole in every size that one byte can tell', () => {
      for (let size = 0; size < 256; size++) {
        const digits = '01'.repeat(size);
        expect(receive(frame(Binary, hex(digits))), String(size)).to.deep.equal([
          ['binaryFrame', digits, true],
          ['binaryMessage', digits],
        ]);
      }
    });

    it('of text come whole in every size around the forms of the length', () => {
      for (let size = 0; size <= 65_664; size += 128) {
        const text = 'a'.repeat(size);
        expect(receive(frame(Text, text)), String(size)).to.deep.equal([
          ['textFrame', text, true],
          ['textMessage', text],
        ]);
      }
    });

    it('of text may hold every ASCII character', () => {
      for (let code = 0; code < 0x80; code++) {
        const text = String.fromCharCode(code);
        expect(receive(frame(Text, text))).to.deep.equal([
          ['textFrame', text, true],
          ['textMessage', text],
        ]);
      }
    });

    it('of text are decoded as UTF-8', () => {
      const payload = hex('48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121');
      expect(receive(frame(Text, payload))[1]).to.deep.equal([
        'textMessage',
        'Hello-µ@ßöäüàá-UTF-8!!',
      ]);
    });

    it('of text may hold code points that are no characters, also in a fragment', () => {
      for (const character of nonCharacters) {
        expect(receive(frame(Text, character))[1]).to.deep.equal(['textMessage', character]);
        expect(receive(frame(Text, 'a', open), frame(Continue, character)).at(-1)).to.deep.equal([
          'textMessage',
          `a${character}`,
        ]);
      }
    });

    it('keep a leading U+FEFF', () => {
      expect(receive(frame(Text, '\ufeffx'))).to.deep.equal([
        ['textFrame', '\ufeffx', true],
        ['textMessage', '\ufeffx'],
      ]);
    });

    it('are the own of the sink, whatever becomes of the chunk', () => {
      const kept: Buffer[] = [];
      const messages = new RecordingMessages();
      messages.binaryFrame = (payload) => kept.push(payload);
      messages.binaryMessage = (payload) => kept.push(payload);
      messages.pong = (payload) => kept.push(payload);
      const assembler = new MessageAssembler(messages, GENEROUS);
      const bytes = Buffer.from('xpayloadx');

      assembler.frame(Binary, true, bytes, 1, 8, true, false);
      assembler.frame(Binary, false, bytes, 1, 8, true, false);
      assembler.frame(Continue, true, bytes, 1, 8, true, false);
      assembler.frame(Pong, true, bytes, 1, 8, true, false);
      bytes.fill(0);

      expect(kept.map(String)).to.deep.equal([
        'payload',
        'payload',
        'payload',
        'payload',
        'payloadpayload',
        'payload',
      ]);
    });

    it('are copied unless they come in memory of their own', () => {
      let kept: Buffer | undefined;
      const messages = new RecordingMessages();
      messages.binaryMessage = (payload) => (kept = payload);
      const assembler = new MessageAssembler(messages, GENEROUS);
      const bytes = Buffer.alloc(64 * 1024, 'x');

      assembler.frame(Binary, true, bytes, 100, 60_100, true, false);
      expect(kept!.buffer).to.not.equal(bytes.buffer);
      expect(kept!.equals(bytes.subarray(100, 60_100))).to.equal(true);

      assembler.frame(Binary, true, bytes, 0, bytes.length, true, true);
      expect(kept).to.equal(bytes);
    });
  });

  describe('fragmented messages', () => {
    it('are put together', () => {
      expect(
        receive(frame(Text, 'Hel', open), frame(Continue, 'lo', open), frame(Continue, '!')),
      ).to.deep.equal([
        ['textFrame', 'Hel', false],
        ['textFrame', 'lo', false],
        ['textFrame', '!', true],
        ['textMessage', 'Hello!'],
      ]);
      expect(receive(frame(Binary, hex('01'), open), frame(Continue, hex('02')))).to.deep.equal([
        ['binaryFrame', '01', false],
        ['binaryFrame', '02', true],
        ['binaryMessage', '0102'],
      ]);
    });

    it('may consist of empty frames', () => {
      expect(
        receive(frame(Text, '', open), frame(Continue, '', open), frame(Continue)),
      ).to.deep.equal([
        ['textFrame', '', false],
        ['textFrame', '', false],
        ['textFrame', '', true],
        ['textMessage', ''],
      ]);
      expect(receive(frame(Binary, '', open), frame(Continue))).to.deep.equal([
        ['binaryFrame', '', false],
        ['binaryFrame', '', true],
        ['binaryMessage', ''],
      ]);
    });

    it('follow each other', () => {
      const heard = receive(
        frame(Text, 'a', open),
        frame(Continue, 'b'),
        frame(Binary, hex('01'), open),
        frame(Continue, hex('02')),
        frame(Text, 'ä', open),
        frame(Continue, 'ö'),
        frame(Text, 'c', open),
        frame(Continue, 'd'),
      );
      expect(heard.filter(([name]) => name.endsWith('Message'))).to.deep.equal([
        ['textMessage', 'ab'],
        ['binaryMessage', '0102'],
        ['textMessage', 'äö'],
        ['textMessage', 'cd'],
      ]);
    });

    it('let control frames in between', () => {
      expect(
        receive(
          frame(Text, 'a', open),
          frame(Ping, 'p'),
          frame(Continue, 'b', open),
          frame(Pong, 'q'),
          frame(Continue, 'c'),
        ),
      ).to.deep.equal([
        ['textFrame', 'a', false],
        ['ping', '70'],
        ['textFrame', 'b', false],
        ['pong', '71'],
        ['textFrame', 'c', true],
        ['textMessage', 'abc'],
      ]);
    });

    it('of text may be cut anywhere, also inside a character', () => {
      const text = '\ufeffaß€😀';
      const bytes = Buffer.from(text);
      for (let first = 0; first <= bytes.length; first++) {
        for (let second = first; second <= bytes.length; second++) {
          const heard = receive(
            frame(Text, bytes.subarray(0, first), open),
            frame(Continue, bytes.subarray(first, second), open),
            frame(Continue, bytes.subarray(second)),
          );
          const label = `cut at ${first} and ${second}`;
          expect(heard.at(-1), label).to.deep.equal(['textMessage', text]);
          const frames = heard.filter(([name]) => name === 'textFrame');
          expect(frames.map(([, part]) => part).join(''), label).to.equal(text);
          expect(
            frames.map(([, , isLast]) => isLast),
            label,
          ).to.deep.equal([false, false, true]);
        }
      }
    });

    it('tell whole characters only with each frame', () => {
      const [first, second, third, fourth] = Buffer.from('😀').values();
      expect(
        receive(
          frame(Text, Buffer.of(0x61, first!, second!), open),
          frame(Ping),
          frame(Continue, Buffer.of(third!), open),
          frame(Continue, Buffer.of(fourth!, 0x62)),
        ),
      ).to.deep.equal([
        ['textFrame', 'a', false],
        ['ping', ''],
        ['textFrame', '', false],
        ['textFrame', '😀b', true],
        ['textMessage', 'a😀b'],
      ]);
    });

    it('are over before the sink learns of their last frame', () => {
      const receiver = new Receiver(false);
      const states: [name: string, isInside: boolean][] = [];
      receiver.messages.afterCall = (name) =>
        states.push([name, receiver.assembler.isInsideMessage]);
      receiver.push(
        frame(Text, 'a', open),
        frame(Continue, 'b'),
        frame(Binary, 'a', open),
        frame(Continue, 'b'),
      );

      expect(states).to.deep.equal([
        ['textFrame', true],
        ['textFrame', false],
        ['textMessage', false],
        ['binaryFrame', true],
        ['binaryFrame', false],
        ['binaryMessage', false],
      ]);
    });
  });

  describe('control frames', () => {
    it('are told apart', () => {
      expect(receive(frame(Ping), frame(Pong), frame(Close))).to.deep.equal([
        ['ping', ''],
        ['pong', ''],
        ['closeFrame', 1005, ''],
      ]);
    });

    it('carry up to 125 bytes', () => {
      const payload = Buffer.alloc(125, 0xab);
      const digits = payload.toString('hex');
      expect(receive(frame(Ping, payload), frame(Pong, payload))).to.deep.equal([
        ['ping', digits],
        ['pong', digits],
      ]);
    });

    it('may close in the middle of a message, which is forgotten', () => {
      const receiver = new Receiver(false);
      receiver.push(frame(Text, 'a', open), frame(Close, hex('03e9 6279 65')), frame(Continue));

      expect(receiver.heard).to.deep.equal([
        ['textFrame', 'a', false],
        ['closeFrame', 1001, 'bye'],
      ]);
      expect(receiver.assembler.isInsideMessage).to.equal(false);
    });

    const closes: Record<string, [payload: Buffer, code: number, reason: string]> = {
      'one byte': [hex('03'), 1002, 'Payload of close frame is too small.'],
      'a code that must not be sent': [hex('03ee'), 1002, 'Invalid close code 1006 detected.'],
      'a reason that is no UTF-8': [hex('03e8 ff'), 1007, BAD_UTF8],
    };
    for (const [of, [payload, code, reason]] of Object.entries(closes)) {
      it(`violate the protocol with a Close of ${of}`, () => {
        expect(receive(frame(Close, payload))).to.deep.equal([['violation', code, reason]]);
      });
    }
  });

  describe('violations', () => {
    it('include a continuation of nothing', () => {
      const expected = [['violation', 1002, NOTHING]];
      expect(receive(frame(Continue))).to.deep.equal(expected);
      expect(receive(frame(Continue, 'a', open))).to.deep.equal(expected);
      expect(receive(frame(Text), frame(Continue)).slice(2)).to.deep.equal(expected);
      expect(
        receive(frame(Text, '', open), frame(Continue), frame(Continue)).slice(3),
      ).to.deep.equal(expected);
    });

    it('include a new message inside of one', () => {
      for (const first of [Text, Binary]) {
        for (const second of [Text, Binary]) {
          for (const isFinal of [true, false]) {
            expect(
              receive(frame(first, '', open), frame(second, '', { isFinal })).slice(1),
            ).to.deep.equal([['violation', 1002, NOT_CONTINUED]]);
          }
        }
      }
    });

    it('are seen by the header alone', () => {
      expect(receive(frameStart(Continue, 5))).to.deep.equal([['violation', 1002, NOTHING]]);
      expect(receive(frame(Text, 'a', open), frameStart(Text, 5)).slice(1)).to.deep.equal([
        ['violation', 1002, NOT_CONTINUED],
      ]);
      expect(limited(4).push(frameStart(Text, 5)).heard).to.deep.equal([
        ['violation', 1009, TOO_BIG],
      ]);
    });

    it('include text that is no UTF-8', () => {
      for (const [name, digits] of Object.entries(invalidUtf8)) {
        expect(receive(frame(Text, hex(digits))), name).to.deep.equal([
          ['violation', 1007, BAD_UTF8],
        ]);
      }
    });

    it('include text that is no UTF-8 behind a good fragment', () => {
      for (const [name, digits] of Object.entries(invalidUtf8)) {
        expect(receive(frame(Text, 'a', open), frame(Continue, hex(digits))), name).to.deep.equal([
          ['textFrame', 'a', false],
          ['violation', 1007, BAD_UTF8],
        ]);
      }
    });

    it('include a fragment that no rest can make right, before the rest comes', () => {
      expect(receive(frame(Text, hex('61 c0'), open))).to.deep.equal([
        ['violation', 1007, BAD_UTF8],
      ]);
    });

    it('include a last character that is not whole, behind fragments that were', () => {
      expect(
        receive(frame(Text, hex('e2 82'), open), frame(Continue, '', open), frame(Continue)),
      ).to.deep.equal([
        ['textFrame', '', false],
        ['textFrame', '', false],
        ['violation', 1007, BAD_UTF8],
      ]);
    });

    it('do not include bytes that are no UTF-8 in a binary message', () => {
      expect(
        receive(frame(Binary, hex('c0'), open), frame(Continue, hex('ff'))).at(-1),
      ).to.deep.equal(['binaryMessage', 'c0ff']);
    });

    // RFC 6455 §8.1; the bytes are those of the cases 6.4.1 to 6.4.4 of the Autobahn test suite.
    const start = 'ce ba e1 bd b9 cf 83 ce bc ce b5';
    const late = `${start} f4 90 80 80 65 64 69 74 65 64`;
    for (const isMasked of [false, true]) {
      const key = isMasked ? 0x37fa213d : undefined;
      const side = isMasked ? 'server' : 'client';

      it(`include the byte of an unfinished frame that is no UTF-8, on a ${side}`, () => {
        const bytes = frame(Text, hex(late), { key });
        const proof = bytes.length - 9;
        const receiver = new Receiver(isMasked);
        for (const byte of bytes.subarray(0, proof)) receiver.push(Buffer.of(byte));
        expect(receiver.heard).to.deep.equal([]);

        receiver.push(bytes.subarray(proof, proof + 1));

        expect(receiver.heard).to.deep.equal([['violation', 1007, BAD_UTF8]]);
      });

      it(`include such a byte in an unfinished fragment behind others, on a ${side}`, () => {
        const fragment = frame(Continue, hex('bd b9 f4 90 80 80'), { key, isFinal: false });
        const proof = fragment.length - 3;
        const receiver = new Receiver(isMasked);
        receiver.push(frame(Text, hex('ce ba e1'), { key, isFinal: false }));
        receiver.push(fragment.subarray(0, proof));
        expect(receiver.heard).to.deep.equal([['textFrame', 'κ', false]]);

        receiver.push(fragment.subarray(proof, proof + 1));

        expect(receiver.heard.slice(1)).to.deep.equal([['violation', 1007, BAD_UTF8]]);
      });

      it(`do not include what comes in pieces and is no text, on a ${side}`, () => {
        const bytes = Buffer.concat([
          frame(Binary, hex('ff fe'), { key, isFinal: false }),
          frame(Continue, hex('c0 80 ff'), { key }),
        ]);
        const receiver = new Receiver(isMasked);
        for (const byte of bytes) receiver.push(Buffer.of(byte));
        expect(receiver.heard.at(-1)).to.deep.equal(['binaryMessage', 'fffec080ff']);
      });

      it(`do not include text behind a message that was checked in pieces, on a ${side}`, () => {
        const receiver = new Receiver(isMasked);
        const text = frame(Text, 'é€', { key });
        for (let i = 0; i < 3; i++) {
          for (const byte of text) receiver.push(Buffer.of(byte));
          receiver.push(frame(Text, 'a', { key, isFinal: false }), frame(Continue, 'ß', { key }));
        }
        expect(receiver.heard.filter(([name]) => name === 'textMessage')).to.deep.equal(
          Array.from({ length: 3 }, () => [
            ['textMessage', 'é€'],
            ['textMessage', 'aß'],
          ]).flat(),
        );
      });
    }

    it('and Close frames end the message, whoever looks', () => {
      for (const [last, payload] of [
        [Continue, hex('ff')],
        [Close, Buffer.alloc(0)],
      ] as const) {
        const messages = new RecordingMessages();
        const assembler = new MessageAssembler(messages, GENEROUS);
        let isInside: boolean | undefined;
        messages.afterCall = () => (isInside = assembler.isInsideMessage);
        assembler.frame(Text, false, Buffer.from('a'), 0, 1, true, false);
        expect(isInside).to.equal(true);
        assembler.frame(last, true, payload, 0, payload.length, false, false);

        expect(isInside).to.equal(false);
      }
    });

    const reserved: Record<string, [opcodes: readonly number[], bits: readonly number[]]> = {
      'Rsv field is non-zero': [[Continue], [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]],
      'Used reserved opcode': [[3, 4, 5, 6, 7, 11, 12, 13, 14, 15], [0]],
    };
    for (const [reason, [opcodes, bits]] of Object.entries(reserved)) {
      it(`of the reader are handed on, and end the message: ${reason}`, () => {
        for (const opcode of opcodes) {
          for (const reservedBits of bits) {
            const receiver = new Receiver(false);
            const bad = frame(opcode, '', { reserved: reservedBits });
            receiver.push(frame(Text, 'a', open), bad, frame(Continue));

            expect(receiver.heard.slice(1)).to.deep.equal([['violation', 1002, reason]]);
            expect(receiver.assembler.isInsideMessage).to.equal(false);
          }
        }
      });
    }
  });

  describe('compressed messages', () => {
    const reserved = 0x40;
    const receiver = (limits = GENEROUS): Receiver => new Receiver(false, limits, true);

    it('are handed on as they are', () => {
      const { heard } = receiver().push(
        frame(Text, hex('c3'), { reserved }),
        frame(Binary, hex('01 02'), { reserved }),
      );

      expect(heard).to.deep.equal([
        ['compressedMessage', true, 'c3'],
        ['compressedMessage', false, '0102'],
      ]);
    });

    it('are put together from their fragments, and their frames not told', () => {
      for (const opcode of [Text, Binary]) {
        const { heard } = receiver().push(
          frame(opcode, hex('c3'), { reserved, isFinal: false }),
          frame(Continue, hex('ff'), { isFinal: false }),
          frame(Continue),
          frame(Text, 'a'),
        );

        expect(heard).to.deep.equal([
          ['compressedMessage', opcode === Text, 'c3ff'],
          ['textFrame', 'a', true],
          ['textMessage', 'a'],
        ]);
      }
    });

    it('count with their fragments for the limit', () => {
      const limits = { ...GENEROUS, maxIncomingMessageSize: 3 };
      const { heard } = receiver(limits).push(
        frame(Text, 'ab', { reserved, isFinal: false }),
        frame(Continue, 'cd'),
      );

      expect(heard).to.deep.equal([['violation', 1009, TOO_BIG]]);
    });
  });

  describe('the message limit', () => {
    it('lets exactly its size through', () => {
      for (const opcode of [Text, Binary]) {
        expect(limited(3).push(frame(opcode, 'abc')).heard).to.have.lengthOf(2);
        expect(limited(3).push(frame(opcode, 'abcd')).heard).to.deep.equal([
          ['violation', 1009, TOO_BIG],
        ]);
      }
    });

    it('counts the fragments in sum, the frames before it having been told', () => {
      for (const opcode of [Text, Binary]) {
        const name = opcode === Text ? 'textFrame' : 'binaryFrame';
        const receiver = limited(5).push(
          frame(opcode, 'ab', open),
          frame(Continue, 'cd', open),
          frame(Continue, 'e', open),
          frame(Continue, '', open),
          frame(Continue, 'f', open),
        );
        expect(receiver.heard.map(([what]) => what)).to.deep.equal([
          name,
          name,
          name,
          name,
          'violation',
        ]);
        expect(receiver.heard.at(-1)).to.deep.equal(['violation', 1009, TOO_BIG]);
      }
    });

    it('counts the bytes of a text, not its characters', () => {
      expect(limited(5).push(frame(Text, 'ää', open), frame(Continue, 'ä')).heard).to.deep.equal([
        ['textFrame', 'ää', false],
        ['violation', 1009, TOO_BIG],
      ]);
    });

    it('is what a string holds for a text, if more is allowed', () => {
      const longest = constants.MAX_STRING_LENGTH;
      const limits = { maxIncomingFrameSize: 2 ** 32, maxIncomingMessageSize: 2 ** 32 };
      for (const [opcode, length, heard] of [
        [Text, longest, []],
        [Text, longest + 1, [['violation', 1009, TOO_BIG]]],
        [Binary, longest + 1, []],
      ] as const) {
        const whole = new Receiver(false, limits).push(frameStart(opcode, length));
        expect(whole.heard).to.deep.equal(heard);

        const rest = frameStart(Continue, length - 1);
        const fragments = new Receiver(false, limits).push(frame(opcode, 'a', open), rest);
        expect(fragments.heard.slice(1)).to.deep.equal(heard);
      }
    });

    it('begins anew with each message', () => {
      const receiver = limited(3);
      for (let i = 0; i < 5; i++) receiver.push(frame(Text, 'ab', open), frame(Continue, 'c'));

      expect(receiver.heard.filter(([name]) => name === 'textMessage')).to.have.lengthOf(5);
    });

    it('is read anew for each frame', () => {
      const limits = { ...GENEROUS, maxIncomingMessageSize: 2 };
      const receiver = new Receiver(false, limits);
      receiver.push(frame(Text, 'ab', open));
      limits.maxIncomingMessageSize = 3;
      receiver.push(frame(Continue, 'c', open));
      limits.maxIncomingMessageSize = 2;
      receiver.push(frame(Continue, ''));

      expect(receiver.heard.slice(2)).to.deep.equal([['violation', 1009, TOO_BIG]]);
    });

    it('does not count control frames', () => {
      expect(limited(0).push(frame(Ping, 'abc'), frame(Pong, 'abc')).heard).to.have.lengthOf(2);
    });

    it('of 0 lets empty messages through', () => {
      const receiver = limited(0).push(
        frame(Text),
        frame(Binary, '', open),
        frame(Continue),
        frame(Binary, 'a'),
      );
      expect(receiver.heard.map(([name]) => name)).to.deep.equal([
        'textFrame',
        'textMessage',
        'binaryFrame',
        'binaryFrame',
        'binaryMessage',
        'violation',
      ]);
    });
  });

  describe('stop()', () => {
    const streams: Record<string, Buffer[]> = {
      'a whole text': [frame(Text, 'a'), frame(Text, 'b')],
      'a whole binary': [frame(Binary, 'a'), frame(Binary, 'b')],
      'a fragmented text': [frame(Text, 'a', open), frame(Continue, 'b'), frame(Text, 'c')],
      'a fragmented binary': [frame(Binary, 'a', open), frame(Continue, 'b'), frame(Text, 'c')],
      'control frames': [frame(Ping), frame(Pong), frame(Ping)],
    };
    for (const [of, frames] of Object.entries(streams)) {
      it(`may come at any call for ${of}`, () => {
        const all = receive(...frames);
        for (let stopAt = 1; stopAt <= all.length; stopAt++) {
          const receiver = new Receiver(false);
          let calls = 0;
          receiver.messages.afterCall = () => {
            if (++calls === stopAt) receiver.stop();
          };
          receiver.push(Buffer.concat(frames), ...frames);

          expect(receiver.heard).to.deep.equal(all.slice(0, stopAt));
          expect(receiver.assembler.isInsideMessage).to.equal(false);
        }
      });
    }
  });

  describe('many fragments', () => {
    for (const opcode of [Text, Binary]) {
      const kind = opcode === Text ? 'text' : 'binary';

      it(`of 64 bytes cost their bytes and no more, as ${kind}`, function () {
        this.timeout(60_000);
        const { assembler, messages } = counting();
        const payload = Buffer.alloc(64, 0x61);
        const before = memoryInUse();
        assembler.frame(opcode, false, payload, 0, 64, true, false);
        for (let i = 0; i < 65_535; i++)
          assembler.frame(Continue, false, payload, 0, 64, true, false);

        // One Buffer object for each fragment would be another 8 MB at least.
        expect(memoryInUse() - before).to.be.below(2.5 * 4 * 1024 * 1024);

        assembler.frame(Continue, true, payload, 0, 64, true, false);
        expect(messages).to.deep.equal([65_537 * 64]);
      });

      it(`of no bytes cost nothing, as ${kind}`, function () {
        this.timeout(60_000);
        const { assembler, messages } = counting();
        const none = Buffer.alloc(0);
        const before = memoryInUse();
        assembler.frame(opcode, false, none, 0, 0, true, false);
        for (let i = 0; i < 1_000_000; i++)
          assembler.frame(Continue, false, none, 0, 0, true, false);

        expect(memoryInUse() - before).to.be.below(500_000);

        assembler.frame(Continue, true, none, 0, 0, true, false);
        expect(messages).to.deep.equal([0]);
      });
    }

    /** An assembler whose sink only keeps the lengths of the messages. */
    function counting(): { assembler: MessageAssembler; messages: number[] } {
      const messages: number[] = [];
      const ignore = (): void => {};
      const sink = {
        textFrame: ignore,
        textMessage: (message: string) => messages.push(message.length),
        binaryFrame: ignore,
        binaryMessage: (message: Buffer) => messages.push(message.length),
        compressedMessage: ignore,
        ping: ignore,
        pong: ignore,
        closeFrame: ignore,
        violation: ignore,
      };
      return { assembler: new MessageAssembler(sink, GENEROUS), messages };
    }
  });
});
