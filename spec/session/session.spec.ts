import { expect } from 'chai';
import sinon from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { SessionEvents } from '../../lib/session/wire.ts';
import { frame, frameStart } from '../support/frames.ts';
import { hex } from '../support/hex.ts';
import { closePayload, RIG_KEY, SessionRig } from '../support/session-rig.ts';

const { Continue, Text, Binary, Close, Ping, Pong } = OpCode;
const open = { isFinal: false };
const LOST = ['lost', SocketError.NetworkError, 'Cut.'] as const;

for (const [side, isClient] of [
  ['client', true],
  ['server', false],
] as const) {
  describe(`Session of a ${side}`, () => {
    let clock: sinon.SinonFakeTimers;
    let rig: SessionRig;

    beforeEach(() => {
      clock = sinon.useFakeTimers();
      rig = new SessionRig(isClient);
    });

    afterEach(() => {
      clock.restore();
    });

    describe('sending', () => {
      it('keeps the order of everything', () => {
        const { session } = rig;
        session.sendText('one');
        session.sendBinary(hex('02'));
        session.sendPing(hex('03'));
        session.sendText('four'.repeat(10_000));
        session.sendText('five');
        rig.turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([Text, Binary, Ping, Text, Text]);
        expect(rig.sent.map(([, payload]) => payload.slice(0, 4))).to.deep.equal([
          'one',
          '\x02',
          '\x03',
          'four',
          'five',
        ]);
      });

      it('masks what a client sends, with a new key for each frame', () => {
        let key = 0;
        rig.settings.maskGenerator = { nextMask: () => ++key };
        rig.settings.outgoingFrameSize = 1;
        rig.session.sendText('abc');
        rig.session.sendPing(hex('00'));
        rig.session.close(1000, '');

        expect(rig.wire.frames.map((one) => one.key)).to.deep.equal(
          isClient ? [1, 2, 3, 4, 5] : Array.from({ length: 5 }, () => undefined),
        );
      });

      it('writes nothing before the turn is over, and asks for that once', () => {
        rig.session.sendText('a');
        rig.session.sendBinary(hex('00'));
        rig.session.sendPing(hex('00'));
        expect(rig.wire.pieces).to.deep.equal([]);
        expect(rig.wire.flushes).to.equal(1);

        rig.turn();
        expect(rig.wire.pieces).to.have.lengthOf(1);

        rig.session.sendText('b');
        expect(rig.wire.flushes).to.equal(2);
      });

      const kinds: Record<string, (own: SessionRig) => void> = {
        text: (own) => void own.session.sendText('a'),
        'text in several frames': (own) => {
          own.settings.outgoingFrameSize = 1;
          own.session.sendText('ab');
        },
        bytes: (own) => void own.session.sendBinary(hex('00')),
        'a ping': (own) => own.session.sendPing(hex('00')),
        'the answer to a ping': (own) => void own.receive(Ping),
      };
      for (const [what, send] of Object.entries(kinds)) {
        it(`asks for a flush for ${what}`, () => {
          send(rig);

          expect(rig.wire.flushes).to.equal(1);
        });
      }

      it('cuts long text that is ASCII where the frame size says', () => {
        rig.settings.outgoingFrameSize = 100_000;
        const text = 'Hello world! '.repeat(20_000);

        expect(rig.session.sendText(text)).to.equal(text.length);

        rig.turn();
        const frames = rig.wire.frames;
        expect(
          frames.map(({ opcode, isFinal, payload }) => [opcode, isFinal, payload.length]),
        ).to.deep.equal([
          [Text, false, 100_000],
          [Continue, false, 100_000],
          [Continue, true, 60_000],
        ]);
        expect(frames.map(({ payload }) => String(payload)).join('') === text).to.equal(true);
      });

      it('returns the bytes of the message', () => {
        expect(rig.session.sendText('Grüße')).to.equal(7);
        expect(rig.session.sendText('a\ud800')).to.equal(4);
        expect(rig.session.sendText('')).to.equal(0);
        expect(rig.session.sendBinary(new Uint8Array(70_000))).to.equal(70_000);
        rig.settings.outgoingFrameSize = 2;
        expect(rig.session.sendText('Grüße')).to.equal(7);
        expect(rig.session.sendBinary(new Uint8Array(7))).to.equal(7);
      });

      const splits: Record<string, [frameSize: number, size: number, sizes: number[]]> = {
        'an empty message': [3, 0, [0]],
        'a message of the frame size': [3, 3, [3]],
        'one byte more': [3, 4, [3, 1]],
        'a multiple of the frame size': [3, 9, [3, 3, 3]],
        'single bytes': [1, 3, [1, 1, 1]],
        'large frames': [70_000, 150_000, [70_000, 70_000, 10_000]],
        'frames of no limit': [0, 150_000, [150_000]],
      };
      for (const [of, [frameSize, size, sizes]] of Object.entries(splits)) {
        it(`splits into frames: ${of}`, () => {
          rig.settings.outgoingFrameSize = frameSize;
          const expected = sizes.map((length, i) => [
            i === 0 ? Text : Continue,
            i === sizes.length - 1,
            length,
          ]);

          rig.session.sendText('x'.repeat(size));
          rig.turn();
          expect(
            rig.wire.frames.map(({ opcode, isFinal, payload }) => [
              opcode,
              isFinal,
              payload.length,
            ]),
          ).to.deep.equal(expected);

          rig.wire.pieces.length = 0;
          rig.session.sendBinary(new Uint8Array(size));
          rig.turn();
          expect(rig.wire.frames.map(({ payload }) => payload.length)).to.deep.equal(sizes);
          expect(rig.wire.frames[0]!.opcode).to.equal(Binary);
        });
      }

      it('splits text between two characters', () => {
        rig.settings.outgoingFrameSize = 4;
        rig.session.sendText('ä€😀a');
        rig.turn();

        const { frames } = rig.wire;
        expect(frames.map(({ payload }) => payload.toString())).to.deep.equal([
          'ä',
          '€',
          '😀',
          'a',
        ]);
      });

      it('splits text anywhere when a frame cannot hold every character', () => {
        rig.settings.outgoingFrameSize = 3;
        rig.session.sendText('ä€😀');
        rig.turn();

        const { frames } = rig.wire;
        expect(frames.map(({ payload }) => payload.length)).to.deep.equal([3, 3, 3]);
        expect(Buffer.concat(frames.map(({ payload }) => payload)).toString()).to.equal('ä€😀');
      });

      it('copies what it sends', () => {
        const data = new Uint8Array(100_000).fill(1);
        rig.session.sendBinary(data);
        data.fill(0);
        rig.turn();

        expect(rig.wire.frames[0]!.payload.every((byte) => byte === 1)).to.equal(true);
      });

      it('cuts a ping to 125 bytes', () => {
        rig.session.sendPing(Buffer.alloc(126, 'x'));
        rig.turn();

        expect(rig.sent).to.deep.equal([[Ping, 'x'.repeat(125)]]);
      });

      it('counts what the system has not taken', () => {
        const header = isClient ? 6 : 2;
        rig.wire.isStuck = true;
        expect(rig.session.bytesToWrite()).to.equal(0);
        rig.session.sendText('abc');
        expect(rig.session.bytesToWrite()).to.equal(header + 3);
        rig.turn();
        rig.session.sendText('d');
        expect(rig.session.bytesToWrite()).to.equal(2 * header + 4);
        rig.wire.take(5);
        expect(rig.session.bytesToWrite()).to.equal(2 * header - 1);
      });

      it('says with flush() whether something waited', () => {
        expect(rig.session.flush()).to.equal(false);
        rig.session.sendText('');
        expect(rig.session.flush()).to.equal(true);
        expect(rig.session.flush()).to.equal(false);
      });
    });

    describe('pulse()', () => {
      it('changes with every byte of the peer, whole frames or not', () => {
        const bytes = rig.frame(Ping, 'abc');
        const heard = new Set([rig.session.pulse().heard]);
        for (const byte of bytes) {
          rig.session.receive(Buffer.of(byte));
          heard.add(rig.session.pulse().heard);
        }

        expect(heard.size).to.equal(bytes.length + 1);
      });

      it('changes while we hold the peer back, and when we let go: what it has sent is not read', () => {
        const { heard } = rig.session.pulse();
        rig.session.holdBack();
        const held = rig.session.pulse().heard;
        rig.session.letGo();
        const free = rig.session.pulse().heard;

        expect(new Set([heard, held, free]).size).to.equal(3);
        expect(rig.session.pulse().heard).to.equal(free);
      });

      it('does not change with what we do, but tells what the system has taken', () => {
        const { heard, taken } = rig.session.pulse();
        rig.session.sendText('abc');
        rig.turn();

        expect(rig.session.pulse()).to.deep.equal({ heard, taken: taken + (isClient ? 9 : 5) });
      });
    });

    describe('receiving', () => {
      it('tells frames, messages and pongs', () => {
        rig.receive(Text, 'a', open).receive(Pong, 'p').receive(Continue, 'b');
        rig.receive(Binary, hex('00ff'));

        expect(rig.told).to.deep.equal([
          ['textFrame', 'a', false],
          ['pong', '70'],
          ['textFrame', 'b', true],
          ['textMessage', 'ab'],
          ['binaryFrame', '00ff', true],
          ['binaryMessage', '00ff'],
        ]);
      });

      it('begins with what came behind the handshake', () => {
        rig.session.start(
          Buffer.concat([rig.frame(Text, 'a'), rig.frame(Text, 'b').subarray(0, 2)]),
        );
        expect(rig.wire.asked).to.deep.equal(['start']);
        rig.session.receive(rig.frame(Text, 'b').subarray(2));

        expect(rig.told.filter(([name]) => name === 'textMessage')).to.deep.equal([
          ['textMessage', 'a'],
          ['textMessage', 'b'],
        ]);
      });

      it('begins with a single byte of a frame', () => {
        const bytes = rig.frame(Text, 'a');
        rig.session.start(bytes.subarray(0, 1));
        rig.session.receive(bytes.subarray(1));

        expect(rig.told.at(-1)).to.deep.equal(['textMessage', 'a']);
      });

      it('does not begin to read when a slot gives up meanwhile', () => {
        rig.events.during = () => rig.session.abort();
        rig.session.start(rig.frame(Text, 'a'));

        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });

      it('begins with nothing', () => {
        rig.session.start(Buffer.alloc(0));

        expect(rig.wire.asked).to.deep.equal(['start']);
        expect(rig.told).to.deep.equal([]);
      });
    });

    describe('a ping of the peer', () => {
      it('is answered with its payload', () => {
        rig.receive(Ping, 'abc').receive(Ping).turn();

        expect(rig.sent).to.deep.equal([
          [Pong, 'abc'],
          [Pong, ''],
        ]);
        expect(rig.told).to.deep.equal([]);
      });

      it('is answered inside of a message', () => {
        rig.receive(Text, 'a', open).receive(Ping, 'x').turn();

        expect(rig.sent).to.deep.equal([[Pong, 'x']]);
      });

      it('is answered behind what was sent before', () => {
        rig.session.sendText('first');
        rig.receive(Ping).turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([Text, Pong]);
      });

      it('is not answered behind our own Close', () => {
        rig.session.close(1000, '');
        rig.receive(Ping).turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([Close]);
      });

      it('by the million costs a bounded backlog when the peer does not read', () => {
        rig.wire.isStuck = true;
        for (let i = 0; i < 100_000; i++) rig.receive(Ping, `${i}`.padStart(100)).turn();

        expect(rig.session.bytesToWrite()).to.be.below(80_000);
        expect(rig.session.bytesToWrite()).to.be.above(60_000);
      });

      it('is answered late, and only the newest, when the peer did not read', () => {
        rig.wire.isStuck = true;
        rig.session.sendBinary(new Uint8Array(64 * 1024));
        rig.turn();
        for (let i = 0; i < 10; i++) rig.receive(Ping, `${i}`).turn();
        expect(rig.sent).to.have.lengthOf(1);

        rig.wire.take();
        rig.session.drained();
        rig.turn();

        expect(rig.sent.slice(1)).to.deep.equal([[Pong, '9']]);
        rig.session.drained();
        rig.turn();
        expect(rig.sent).to.have.lengthOf(2);
      });

      it('that waits for its answer is forgotten when we close', () => {
        rig.wire.isStuck = true;
        rig.session.sendBinary(new Uint8Array(64 * 1024));
        rig.turn();
        rig.receive(Ping, 'late');
        rig.session.close(1000, '');
        rig.wire.take();
        rig.session.drained();
        rig.turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([Binary, Close]);
      });
    });

    describe('close()', () => {
      it('sends a Close frame at once, behind what waits', () => {
        rig.session.sendText('last');
        rig.session.close(1001, 'Bye.');

        expect(rig.sent).to.deep.equal([
          [Text, 'last'],
          [Close, closePayload(1001, 'Bye.').toString('latin1')],
        ]);
        expect(rig.wire.asked).to.deep.equal([]);
        expect(rig.told).to.deep.equal([]);
      });

      it('is done once', () => {
        rig.session.close(1001, 'one');
        rig.session.close(1002, 'two');

        expect(rig.sent).to.have.lengthOf(1);
      });

      it('ends all sending', () => {
        rig.session.close(1000, '');
        expect(rig.session.sendText('a')).to.equal(0);
        expect(rig.session.sendBinary(hex('00'))).to.equal(0);
        rig.session.sendPing(hex('00'));
        rig.turn();

        expect(rig.sent).to.have.lengthOf(1);
      });

      it('lets messages through that were on their way', () => {
        rig.session.close(1000, '');
        rig.receive(Text, 'a', open).receive(Pong).receive(Continue, 'b');

        expect(rig.told.map(([name]) => name)).to.deep.equal([
          'textFrame',
          'pong',
          'textFrame',
          'textMessage',
        ]);
      });

      it("is over when the peer's Close and its end of the stream have come", () => {
        rig.session.close(1000, '');
        rig.receive(Close, closePayload(1000));
        // The server ends TCP first (RFC 6455 §7.1.1).
        expect(rig.wire.asked).to.deep.equal(isClient ? [] : ['end']);
        expect(rig.told).to.deep.equal([]);

        rig.session.ended();
        expect(rig.wire.asked.at(-1)).to.equal('end');
        rig.session.gone();

        expect(rig.told).to.deep.equal([['closed']]);
        expect(rig.sent).to.have.lengthOf(1);
        expect(clock.countTimers()).to.equal(0);
      });

      it("crosses the peer's own Close, which is not answered", () => {
        rig.session.close(1000, 'mine');
        rig.receive(Close, closePayload(4000, 'theirs')).turn();

        expect(rig.sent).to.deep.equal([[Close, closePayload(1000, 'mine').toString('latin1')]]);
        expect(rig.told).to.deep.equal([]);
      });

      it('is over when the peer ends the stream without a word', () => {
        rig.session.close(1000, '');
        rig.session.ended();
        rig.session.gone();

        expect(rig.wire.asked).to.deep.equal(['end']);
        expect(rig.told).to.deep.equal([['closed']]);
      });

      it('is over when the stream is gone', () => {
        rig.session.close(1000, '');
        rig.session.gone();

        expect(rig.told).to.deep.equal([['closed']]);
        expect(clock.countTimers()).to.equal(0);
      });

      it('discards what comes behind the Close of the peer', () => {
        rig.session.close(1000, '');
        rig.receive(Close, closePayload(1000)).receive(Text, 'a');
        rig.session.receive(hex('ffffffff'));

        expect(rig.told).to.deep.equal([]);
      });

      it('answers a violation by ending, without a second Close', () => {
        rig.session.close(1000, '');
        rig.receive(3).turn();

        expect(rig.sent).to.have.lengthOf(1);
        expect(rig.wire.asked).to.deep.equal(['end']);
        expect(rig.told).to.deep.equal([]);
        rig.session.gone();
        expect(rig.told).to.deep.equal([['closed']]);
      });
    });

    describe('a Close of the peer', () => {
      it('is answered at once, behind what waits, and told', () => {
        rig.session.sendText('last');
        rig.receive(Close, closePayload(4001, 'Bye.'));

        expect(rig.sent).to.deep.equal([
          [Text, 'last'],
          [Close, closePayload(4001, 'Bye.').toString('latin1')],
        ]);
        expect(rig.told).to.deep.equal([['closing', 4001, 'Bye.']]);
        expect(rig.wire.asked).to.deep.equal(isClient ? [] : ['end']);
      });

      it('without a code is answered without one', () => {
        rig.receive(Close);

        expect(rig.sent).to.deep.equal([[Close, '']]);
        expect(rig.told).to.deep.equal([['closing', 1005, '']]);
      });

      it('is followed by the end of the stream', () => {
        rig.receive(Close, closePayload(1000));
        rig.session.ended();
        rig.session.gone();

        expect(rig.told).to.deep.equal([['closing', 1000, ''], ['closed']]);
        expect(rig.wire.asked.at(-1)).to.equal('end');
        expect(clock.countTimers()).to.equal(0);
      });

      it('ends all sending', () => {
        rig.receive(Close, closePayload(1000));
        rig.session.close(1001, '');
        rig.session.sendPing(hex('00'));

        expect(rig.session.sendText('a')).to.equal(0);
        expect(rig.session.sendBinary(hex('00'))).to.equal(0);
        rig.turn();
        expect(rig.sent).to.have.lengthOf(1);
      });

      it('ends all reading', () => {
        rig.session.receive(
          Buffer.concat([rig.frame(Close), rig.frame(Text, 'a'), rig.frame(Close)]),
        );
        rig.receive(Text, 'b').receive(3);

        expect(rig.told).to.deep.equal([['closing', 1005, '']]);
        expect(rig.sent).to.have.lengthOf(1);
      });

      it('inside of a message is no violation', () => {
        rig.receive(Text, 'a', open).receive(Close, closePayload(1000));

        expect(rig.told.at(-1)).to.deep.equal(['closing', 1000, '']);
      });
    });

    describe('a violation', () => {
      const violations: Record<string, [bytes: (own: SessionRig) => Buffer, code: number]> = {
        'a reserved bit': [(own) => own.frame(Text, '', { reserved: 0x40 }), 1002],
        'a reserved opcode': [(own) => own.frame(3), 1002],
        'a wrong mask': [
          (own) => frame(Text, '', { key: own.isClient ? RIG_KEY : undefined }),
          1002,
        ],
        'a continuation of nothing': [(own) => own.frame(Continue), 1002],
        'bad UTF-8': [(own) => own.frame(Text, hex('ff')), 1007],
        'a frame over the limit': [
          (own) => frameStart(Binary, 1_000_001, { key: own.isClient ? undefined : RIG_KEY }),
          1009,
        ],
        'a Close of one byte': [(own) => own.frame(Close, hex('03')), 1002],
        'a Close with bad UTF-8': [(own) => own.frame(Close, hex('03e8ff')), 1007],
      };
      for (const [of, [bytes, code]] of Object.entries(violations)) {
        it(`closes with ${code}: ${of}`, () => {
          rig.session.sendText('last');
          rig.session.receive(bytes(rig));

          const [last, close, ...rest] = rig.wire.frames;
          expect(last!.payload.toString()).to.equal('last');
          expect(close!.opcode).to.equal(Close);
          expect(close!.payload.readUInt16BE(0)).to.equal(code);
          expect(rest).to.deep.equal([]);
          expect(rig.wire.asked).to.deep.equal(['end']);
          expect(rig.told).to.deep.equal([
            ['closing', code, close!.payload.subarray(2).toString()],
          ]);

          rig.receive(Text, 'a').receive(Close).receive(3);
          rig.session.ended();
          rig.session.gone();
          expect(rig.told.slice(1)).to.deep.equal([['closed']]);
          expect(rig.wire.frames).to.have.lengthOf(2);
        });
      }

      it('ends all sending', () => {
        rig.receive(3);

        expect(rig.session.sendText('a')).to.equal(0);
        rig.session.close(1000, '');
        rig.turn();
        expect(rig.sent).to.have.lengthOf(1);
      });
    });

    describe('the loss of the stream', () => {
      it('by its end is told first, and ours is ended', () => {
        rig.session.sendText('waits');
        rig.session.ended();

        expect(rig.told).to.deep.equal([LOST]);
        expect(rig.sent).to.deep.equal([[Text, 'waits']]);
        expect(rig.wire.asked).to.deep.equal(['end']);
        rig.session.gone();
        expect(rig.told).to.deep.equal([LOST, ['closed']]);
      });

      it('without its end is told first', () => {
        rig.session.sendText('waits');
        rig.session.gone();

        expect(rig.told).to.deep.equal([LOST, ['closed']]);
        expect(rig.session.bytesToWrite()).to.equal(0);
        expect(rig.session.isGone).to.equal(true);
      });

      it('is told once', () => {
        rig.session.ended();
        rig.session.ended();
        rig.session.gone();
        rig.session.gone();
        rig.session.ended();

        expect(rig.told).to.deep.equal([LOST, ['closed']]);
      });

      it('ends everything', () => {
        rig.receive(Text, 'a', open);
        rig.session.gone();
        rig.session.close(1000, '');
        rig.session.sendPing(hex('00'));
        rig.receive(Continue, 'b');

        expect(rig.session.sendText('a')).to.equal(0);
        expect(rig.told.at(-1)).to.deep.equal(['closed']);
        expect(rig.wire.pieces).to.deep.equal([]);
        expect(clock.countTimers()).to.equal(0);
      });

      for (const how of ['ended', 'gone'] as const) {
        it(`tells nothing more when that is answered by abort(), after ${how}()`, () => {
          rig.events.during = (name) => {
            if (name === 'lost') rig.session.abort();
          };
          rig.session[how]();
          rig.session.gone();

          expect(rig.told).to.deep.equal([LOST]);
          expect(clock.countTimers()).to.equal(0);
        });
      }
    });

    describe('abort()', () => {
      it('destroys the stream and drops what waits', () => {
        rig.session.sendText('waits');
        rig.session.abort();
        rig.turn();

        expect(rig.wire.asked).to.deep.equal(['destroy']);
        expect(rig.wire.pieces).to.deep.equal([]);
        expect(rig.session.isGone).to.equal(true);
      });

      it('leaves what the system was given as it is until the stream is gone', () => {
        const slab = new Slab();
        const [aborted, other] = [0, 1].map(() => new SessionRig(isClient, undefined, slab));
        aborted!.wire.isStuck = true;
        aborted!.session.sendText('one that the system still reads');
        aborted!.turn().session.abort();

        other!.session.sendText('what others send then');
        other!.turn().wire.take();
        other!.session.drained();

        // The wire of a spec throws when what it was given has changed.
        expect(aborted!.wire.frames).to.have.lengthOf(1);
        const block = slab.provide(1);
        expect(block.isFree).to.equal(false);
        aborted!.session.gone();
        expect(block.isFree).to.equal(true);
      });

      it('tells nothing, then and later', () => {
        rig.session.abort();
        rig.receive(Text, 'a').receive(Close);
        rig.session.ended();
        rig.session.gone();
        rig.session.drained();
        rig.session.close(1000, '');
        rig.session.abort();
        clock.tick(1_000_000);

        expect(rig.told).to.deep.equal([]);
        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });

      const states: Record<string, (own: SessionRig) => void> = {
        'while it closes': (own) => own.session.close(1000, ''),
        'while the peer closes': (own) => own.receive(Close),
        'after a violation': (own) => own.receive(3),
        'after the end of the stream': (own) => own.session.ended(),
        'inside a message': (own) => own.receive(Text, '', open),
        'inside a frame': (own) => own.session.receive(own.frame(Text, 'a').subarray(0, 2)),
      };
      for (const [when, arrange] of Object.entries(states)) {
        it(`leaves no timer ${when}`, () => {
          arrange(rig);
          rig.session.abort();

          expect(clock.countTimers()).to.equal(0);
          expect(rig.wire.asked.at(-1)).to.equal('destroy');
        });
      }
    });

    describe('the close timeout', () => {
      const begins: Record<string, (own: SessionRig) => void> = {
        'our Close': (own) => own.session.close(1000, ''),
        "the peer's Close": (own) => own.receive(Close),
        'a violation': (own) => own.receive(3),
        'the end of the stream': (own) => own.session.ended(),
      };
      for (const [what, begin] of Object.entries(begins)) {
        it(`gives the stream up after ${what}`, () => {
          begin(rig);
          const before = rig.told.length;
          clock.tick(4999);
          expect(rig.wire.asked).to.not.include('destroy');
          clock.tick(1);

          expect(rig.wire.asked.at(-1)).to.equal('destroy');
          expect(rig.told.slice(before)).to.deep.equal([['closed']]);
          expect(clock.countTimers()).to.equal(0);
        });

        it(`may be none after ${what}`, () => {
          rig.settings.closeTimeout = -1;
          begin(rig);
          clock.tick(10_000_000);

          expect(rig.wire.asked).to.not.include('destroy');
          expect(clock.countTimers()).to.equal(0);
        });
      }

      it('waits on while the peer still sends', () => {
        rig.session.close(1000, '');
        for (let i = 0; i < 5; i++) {
          clock.tick(4000);
          rig.receive(Text, 'a');
        }
        expect(rig.wire.asked).to.deep.equal([]);

        clock.tick(10_000);
        expect(rig.wire.asked).to.deep.equal(['destroy']);
        expect(rig.told.at(-1)).to.deep.equal(['closed']);
      });

      it('waits on while the system still takes bytes', () => {
        rig.wire.isStuck = true;
        rig.session.sendBinary(new Uint8Array(100));
        rig.session.close(1000, '');
        for (let i = 0; i < 5; i++) {
          clock.tick(4000);
          rig.wire.take(1);
        }
        expect(rig.wire.asked).to.deep.equal([]);

        clock.tick(10_000);
        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });

      it('does not count what is discarded behind a Close', () => {
        rig.receive(Close);
        for (let i = 0; i < 4; i++) {
          clock.tick(1500);
          rig.receive(Text, 'a');
        }

        expect(rig.wire.asked.at(-1)).to.equal('destroy');
      });

      it('lets a peer that drips bytes live twelve times as long, and no longer', () => {
        rig.session.close(1000, '');
        for (let second = 0; second < 59; second++) {
          clock.tick(1000);
          rig.receive(Ping);
        }
        expect(rig.wire.asked).to.deep.equal([]);
        clock.tick(1000);

        expect(rig.wire.asked).to.deep.equal(['destroy']);
        expect(rig.told).to.deep.equal([['closed']]);
      });

      it('of 0 gives up in the next turn', () => {
        rig.settings.closeTimeout = 0;
        rig.session.close(1000, '');
        expect(rig.wire.asked).to.deep.equal([]);
        clock.tick(0);

        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });

      it('begins anew when the peer has answered', () => {
        rig.session.close(1000, '');
        clock.tick(4000);
        rig.receive(Close);
        clock.tick(4000);
        expect(rig.wire.asked).to.not.include('destroy');

        clock.tick(1000);
        expect(rig.wire.asked).to.include('destroy');
      });

      it('is read when closing begins', () => {
        rig.settings.closeTimeout = 10;
        rig.session.close(1000, '');
        clock.tick(10);

        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });
    });

    describe('the backlog limit', () => {
      const UNREAD = ['lost', SocketError.SocketResourceError] as const;

      /** The peer reads nothing, and `size` bytes of payload wait. */
      function stuckWith(size: number): void {
        rig.wire.isStuck = true;
        rig.session.sendBinary(Buffer.alloc(size));
        rig.turn();
      }

      it('is none by default', () => {
        stuckWith(10_000_000);

        expect(rig.session.sendText('a')).to.equal(1);
      });

      it('refuses messages and pings of ours as long as more waits', () => {
        rig.settings.backlogLimit = 1000;
        stuckWith(1000);
        const waiting = rig.session.bytesToWrite();

        expect(rig.session.sendText('a')).to.equal(0);
        expect(rig.session.sendBinary(hex('01'))).to.equal(0);
        rig.session.sendPing(hex('02'));

        expect(rig.session.bytesToWrite()).to.equal(waiting);
        expect(rig.turn().told).to.deep.equal([]);
      });

      it('lets exactly its bytes wait, and the message that comes then', () => {
        rig.settings.backlogLimit = 100 + (isClient ? 6 : 2);
        stuckWith(100);

        expect(rig.session.sendText('b'.repeat(5000))).to.equal(5000);
        expect(rig.session.sendText('c')).to.equal(0);
      });

      it('lets messages through again when the system has taken enough', () => {
        rig.settings.backlogLimit = 1000;
        stuckWith(2000);
        expect(rig.session.sendText('a')).to.equal(0);

        rig.wire.take();

        expect(rig.session.sendText('a')).to.equal(1);
      });

      it('does not take for stuck what has not been written in this turn', () => {
        rig.settings.backlogLimit = 1000;
        rig.session.sendBinary(Buffer.alloc(2000));

        expect(rig.session.sendText('a')).to.equal(1);
      });

      it('is read anew for each message', () => {
        stuckWith(2000);
        rig.settings.backlogLimit = 1000;
        expect(rig.session.sendText('a')).to.equal(0);

        rig.settings.backlogLimit = -1;

        expect(rig.session.sendText('a')).to.equal(1);
      });

      it('still lets the peer be answered and the connection be closed', () => {
        rig.settings.backlogLimit = 0;
        stuckWith(100);

        rig.receive(Ping, 'p');
        rig.session.close(1000, '');

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([Binary, Pong, Close]);
      });

      it('gives the connection up with that policy, and tells so when the stream is gone', () => {
        rig.settings.backlogLimit = 1000;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        stuckWith(2000);
        const waiting = rig.session.bytesToWrite();

        expect(rig.session.sendText('a')).to.equal(0);
        expect(rig.wire.asked).to.deep.equal(['destroy']);
        expect(rig.told).to.deep.equal([]);

        rig.session.gone();
        const words = `The peer does not read: ${waiting} bytes wait to be sent.`;
        expect(rig.told).to.deep.equal([[...UNREAD, words], ['closed']]);
      });

      it('gives it up for a ping as well', () => {
        rig.settings.backlogLimit = 0;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        stuckWith(100);

        rig.session.sendPing(hex(''));

        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });

      it('neither sends nor receives anything once it is given up', () => {
        rig.settings.backlogLimit = 1000;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        stuckWith(2000);
        rig.session.sendText('a');
        const { length } = rig.wire.bytes;
        rig.settings.backlogLimit = -1;

        rig.receive(Text, 'b');
        rig.receive(Ping, 'c');
        rig.session.close(1000, '');
        expect(rig.session.sendText('d')).to.equal(0);
        rig.turn();

        expect(rig.wire.bytes).to.have.lengthOf(length);
        expect(rig.told).to.deep.equal([]);
        rig.session.gone();
        expect(rig.told.map(([name]) => name)).to.deep.equal(['lost', 'closed']);
      });

      it('tells so once, also when the peer has ended meanwhile', () => {
        rig.settings.backlogLimit = 0;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        stuckWith(100);
        rig.session.sendText('a');

        rig.session.ended();
        rig.session.gone();

        expect(rig.told.map(([name]) => name)).to.deep.equal(['lost', 'closed']);
      });

      it('tells nothing when it is aborted before that', () => {
        rig.settings.backlogLimit = 0;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        stuckWith(100);
        rig.session.sendText('a');

        rig.session.abort();
        rig.session.gone();

        expect(rig.told).to.deep.equal([]);
        expect(clock.countTimers()).to.equal(0);
      });
    });

    describe('the incomplete-message timeout', () => {
      const TIMEOUT = ['closing', 1001, 'Timeout when reading data from socket.'];

      /** Receives `bytes` and then nothing for the timeout; what is told in that time. */
      function stall(own: SessionRig, ...chunks: readonly Buffer[]): unknown[] {
        for (const chunk of chunks) own.session.receive(chunk);
        const before = own.told.length;
        clock.tick(29_999);
        expect(own.told).to.have.lengthOf(before);
        clock.tick(1);
        return own.told.slice(before);
      }

      it('fails the connection with 1001', () => {
        expect(stall(rig, rig.frame(Text, 'a').subarray(0, 2))).to.deep.equal([TIMEOUT]);

        expect(rig.sent).to.deep.equal([
          [Close, closePayload(1001, 'Timeout when reading data from socket.').toString('latin1')],
        ]);
        expect(rig.wire.asked).to.deep.equal(['end']);
      });

      it('comes with a single byte', () => {
        expect(stall(rig, hex('81'))).to.deep.equal([TIMEOUT]);
      });

      it('comes between the frames of a message, and inside of one behind', () => {
        expect(stall(rig, rig.frame(Text, '', open))).to.deep.equal([TIMEOUT]);

        const other = new SessionRig(isClient);
        expect(stall(other, other.frame(Text, 'a', open), hex('80'))).to.deep.equal([TIMEOUT]);
      });

      it('comes with any part of a length', () => {
        for (const opcode of [Text, Binary, Continue]) {
          for (const [short, length] of [
            [126, hex('01')],
            [127, hex('00 00 00 00 00 01 00')],
          ] as const) {
            for (let given = 0; given <= length.length; given++) {
              const own = new SessionRig(isClient);
              if (opcode === Continue) own.receive(Text, 'a', open);
              const start = Buffer.of(0x80 | opcode, isClient ? short : 0x80 | short);
              const label = `opcode ${opcode}, ${given} bytes of ${short}`;
              expect(stall(own, start, length.subarray(0, given)), label).to.deep.equal([TIMEOUT]);
            }
          }
        }
      });

      it('comes with any part of a payload', () => {
        const rows = [
          [125, 0],
          [64, 32],
          [256, 32],
          [128_000, 32],
        ] as const;
        for (const opcode of [Text, Binary, Continue, Close, Ping, Pong]) {
          for (const [announced, given] of rows) {
            if (opcode >= Close && announced !== 64) continue;
            const own = new SessionRig(isClient);
            if (opcode === Continue) own.receive(Text, 'a', open);
            const whole = own.frame(opcode, Buffer.alloc(announced));
            const part = whole.subarray(0, whole.length - announced + given);
            const label = `opcode ${opcode}, ${given} of ${announced}`;
            expect(stall(own, part), label).to.deep.equal([TIMEOUT]);
          }
        }
      });

      it('comes with any part of a frame', () => {
        const whole = rig.frame(Text, 'Hello worl');
        for (let given = 1; given < whole.length; given++) {
          const own = new SessionRig(isClient);
          // The reader unmasks in place.
          const part = Buffer.from(whole.subarray(0, given));
          expect(stall(own, part), `${given} bytes`).to.deep.equal([TIMEOUT]);
        }
      });

      it('does not come while nothing is awaited', () => {
        rig.receive(Text, 'a').receive(Binary, 'b', open).receive(Continue);
        clock.tick(1_000_000);

        expect(rig.told.filter(([name]) => name === 'closing')).to.deep.equal([]);
        expect(clock.countTimers()).to.equal(0);
      });

      it('begins anew with every byte', () => {
        const whole = rig.frame(Text, 'Hello');
        for (const byte of whole) {
          rig.session.receive(Buffer.of(byte));
          clock.tick(29_000);
        }

        expect(rig.told.at(-1)).to.deep.equal(['textMessage', 'Hello']);
      });

      it('comes every time, also behind pauses that ended well', () => {
        for (let i = 0; i < 3; i++) {
          const whole = rig.frame(Text, 'Hello');
          rig.session.receive(whole.subarray(0, 3));
          clock.tick(20_000);
          rig.session.receive(whole.subarray(3));
          clock.tick(100_000);
        }

        expect(stall(rig, rig.frame(Text, 'a').subarray(0, 2))).to.deep.equal([TIMEOUT]);
      });

      it('may be none', () => {
        rig.settings.incompleteMessageTimeout = -1;
        rig.receive(Text, '', open);
        clock.tick(10_000_000);

        expect(rig.told).to.have.lengthOf(1);
        expect(clock.countTimers()).to.equal(0);
      });

      it('ends the waiting for the Close of the peer, without a second one of ours', () => {
        rig.settings.closeTimeout = -1;
        rig.session.close(1000, '');
        rig.receive(Text, '', open);
        clock.tick(30_000);

        expect(rig.sent).to.have.lengthOf(1);
        expect(rig.wire.asked).to.deep.equal(['end']);
      });
    });

    describe('a slot', () => {
      const events: Record<string, [act: (own: SessionRig) => void, tells: keyof SessionEvents]> = {
        textFrame: [(own) => own.receive(Text, 'a', open), 'textFrame'],
        'the last textFrame': [(own) => own.receive(Text, 'a'), 'textFrame'],
        textMessage: [(own) => own.receive(Text, 'a'), 'textMessage'],
        binaryFrame: [(own) => own.receive(Binary, 'a', open), 'binaryFrame'],
        'the last binaryFrame': [(own) => own.receive(Binary, 'a'), 'binaryFrame'],
        binaryMessage: [(own) => own.receive(Binary, 'a'), 'binaryMessage'],
        pong: [(own) => own.receive(Pong, 'a'), 'pong'],
        'closing by the peer': [(own) => own.receive(Close), 'closing'],
        'closing for a violation': [(own) => own.receive(3), 'closing'],
        'lost by the end': [(own) => own.session.ended(), 'lost'],
        'lost without the end': [(own) => own.session.gone(), 'lost'],
        closed: [
          (own) => {
            own.session.close(1000, '');
            own.session.gone();
          },
          'closed',
        ],
      };
      for (const [what, [act, tells]] of Object.entries(events)) {
        it(`may abort during ${what}`, () => {
          rig.events.during = (name) => {
            if (name === tells) rig.session.abort();
          };
          act(rig);
          rig.receive(Text, 'more').receive(Close);
          rig.session.ended();
          rig.session.gone();
          clock.tick(1_000_000);

          expect(rig.told.at(-1)![0]).to.equal(tells);
          expect(rig.session.isGone).to.equal(true);
        });

        it(`may close during ${what}`, () => {
          rig.events.during = (name) => {
            if (name === tells) rig.session.close(4000, 'enough');
          };
          act(rig);
          rig.session.ended();
          rig.session.gone();

          const closes = rig.sent.filter(([opcode]) => opcode === Close);
          expect(closes.length).to.equal(tells === 'lost' ? 0 : 1);
          expect(rig.told.filter(([name]) => name === 'closed')).to.have.lengthOf(1);
          expect(rig.told.at(-1)).to.deep.equal(['closed']);
        });

        it(`may send during ${what}`, () => {
          const returned: number[] = [];
          rig.events.during = (name) => {
            if (name === tells) returned.push(rig.session.sendText('answer'));
          };
          act(rig);
          rig.turn();

          const isOver = ['closing', 'lost', 'closed'].includes(tells);
          expect(returned).to.deep.equal([isOver ? 0 : 6]);
          const last = rig.sent.at(-1);
          if (isOver) expect(last?.[1]).to.not.equal('answer');
          else expect(last).to.deep.equal([Text, 'answer']);
        });
      }

      it('that closes while frames come gets the rest, as if it had closed a moment later', () => {
        let closed = false;
        rig.events.during = (name) => {
          if (name === 'textMessage' && !closed) {
            closed = true;
            rig.session.close(1000, '');
          }
        };
        rig.session.receive(Buffer.concat([rig.frame(Text, 'a'), rig.frame(Text, 'b')]));

        expect(rig.told.filter(([name]) => name === 'textMessage')).to.have.lengthOf(2);
      });
    });
  });
}
