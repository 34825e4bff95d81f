import { expect } from 'chai';
import { constants } from 'node:buffer';
import sinon from 'sinon';
import { CompressedCode, OpCode } from '../../lib/codec/opcode.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { SessionEvents } from '../../lib/session/wire.ts';
import { hex } from '../support/hex.ts';
import { closePayload, SessionRig, type Told } from '../support/session-rig.ts';
import { SlowCoder } from '../support/slow-coder.ts';

const { Continue, Text, Binary, Close, Ping, Pong } = OpCode;
const { Text: CompressedText, Binary: CompressedBinary } = CompressedCode;
const compressed = { reserved: 0x40 };
const RSV = [1002, 'Rsv field is non-zero'] as const;

for (const [side, isClient] of [
  ['client', true],
  ['server', false],
] as const) {
  describe(`Session of a ${side} with compression`, () => {
    let clock: sinon.SinonFakeTimers;
    let coder: SlowCoder;
    let rig: SessionRig;

    beforeEach(() => {
      clock = sinon.useFakeTimers();
      coder = new SlowCoder();
      rig = new SessionRig(isClient, coder);
    });

    afterEach(() => {
      clock.restore();
    });

    /** What was told, without the frames. */
    function messages(): Told[] {
      return rig.told.filter(([name]) => name !== 'textFrame' && name !== 'binaryFrame');
    }

    describe('pulse()', () => {
      it('takes what is being inflated for a sign of life, since nothing is read meanwhile', () => {
        rig.session.receive(rig.frame(Text, '~a long message', compressed));
        const { heard } = rig.session.pulse();

        expect(rig.session.pulse().heard).not.to.equal(heard);
        coder.finishInflating();
        expect(rig.session.pulse().heard).to.equal(rig.session.pulse().heard);
      });

      it('does not take our own work for one', () => {
        const { heard } = rig.session.pulse();
        rig.session.sendText('a long message');
        coder.finishDeflating();
        rig.turn();

        expect(rig.session.pulse().heard).to.equal(heard);
      });
    });

    describe('sending', () => {
      it('compresses what is long enough and sets RSV1', () => {
        expect(rig.session.sendText('four')).to.equal(4);
        expect(rig.session.sendBinary(hex('01 02 03 04'))).to.equal(4);
        expect(rig.session.sendText('abc')).to.equal(3);
        rig.turn();

        expect(rig.sent).to.deep.equal([
          [CompressedText, '~four'],
          [CompressedBinary, '~\x01\x02\x03\x04'],
          [Text, 'abc'],
        ]);
      });

      it('counts the bytes of text, and returns them', () => {
        expect(rig.session.sendText('üü')).to.equal(4);
        rig.turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([CompressedText]);
      });

      it('does as it is told for one message', () => {
        rig.session.sendText('four', false);
        rig.session.sendText('a', true);
        rig.session.sendBinary(hex('01 02 03 04'), false);
        rig.session.sendBinary(hex('01'), true);
        rig.turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([
          Text,
          CompressedText,
          Binary,
          CompressedBinary,
        ]);
      });

      it('sends what does not become smaller as it is', () => {
        sinon.stub(coder, 'deflate').callsFake((data) => data);
        rig.session.sendText('a long message');
        rig.turn();

        expect(rig.sent).to.deep.equal([[Text, 'a long message']]);
      });

      it('splits what was compressed, RSV1 on the first frame alone', () => {
        rig.settings.outgoingFrameSize = 3;
        rig.session.sendText('üabc');
        rig.turn();

        expect(rig.wire.frames.map(({ opcode, isFinal }) => [opcode, isFinal])).to.deep.equal([
          [CompressedText, false],
          [Continue, true],
        ]);
      });

      it('keeps the order when a message takes time', () => {
        rig.session.sendText('a');
        rig.session.sendText('a long message');
        rig.session.sendText('b');
        rig.session.sendBinary(hex('63'));
        rig.session.sendText('another long one');
        rig.session.sendText('four');
        rig.turn();
        expect(rig.sent).to.deep.equal([[Text, 'a']]);

        coder.finishDeflating();
        coder.finishDeflating();
        rig.turn();
        expect(rig.sent).to.deep.equal([
          [Text, 'a'],
          [CompressedText, '~a long message'],
          [Text, 'b'],
          [Binary, 'c'],
          [CompressedText, '~another long one'],
          [CompressedText, '~four'],
        ]);
      });

      it('sends the bytes that were given, whatever becomes of them meanwhile', () => {
        const first = Buffer.from('a long message');
        const second = Buffer.from('b');
        rig.session.sendBinary(first);
        rig.session.sendBinary(second);
        first.fill(0);
        second.fill(0);
        coder.finishDeflating();
        rig.turn();

        expect(rig.sent.map(([, payload]) => payload)).to.deep.equal(['~a long message', 'b']);
      });

      it('lets pings and pongs overtake', () => {
        rig.session.sendText('a long message');
        rig.session.sendPing(hex('01'));
        rig.receive(Ping, '2').turn();

        expect(rig.sent).to.deep.equal([
          [Ping, '\x01'],
          [Pong, '2'],
        ]);
      });

      it('counts what waits', () => {
        rig.session.sendText('a long message');
        rig.session.sendText('abc');
        expect(rig.session.bytesToWrite()).to.equal(17);

        coder.finishDeflating();
        const header = isClient ? 6 : 2;
        expect(rig.session.bytesToWrite()).to.equal(15 + 3 + 2 * header);
      });

      it('asks for a flush when a message is ready', () => {
        rig.session.sendText('a long message');
        expect(rig.wire.flushes).to.equal(0);

        coder.finishDeflating();
        expect(rig.wire.flushes).to.equal(1);
      });
    });

    describe('closing while a message takes time', () => {
      it('sends the Close frame behind it', () => {
        rig.session.sendText('a long message');
        rig.session.sendText('b');
        rig.session.close(1000, '');
        expect(rig.session.sendText('c')).to.equal(0);
        rig.turn();
        expect(rig.sent).to.deep.equal([]);

        coder.finishDeflating();
        rig.turn();
        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([CompressedText, Text, Close]);
        expect(rig.wire.asked).to.deep.equal([]);
      });

      it('answers a Close frame behind it', () => {
        rig.session.sendText('a long message');
        rig.receive(Close, closePayload(1000, 'bye')).turn();
        expect(rig.told).to.deep.equal([['closing', 1000, 'bye']]);
        expect(rig.wire.asked).to.deep.equal([]);

        coder.finishDeflating();
        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal(
          isClient ? [] : [CompressedText, Close],
        );
        rig.turn();
        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([CompressedText, Close]);
        expect(rig.wire.asked).to.deep.equal(isClient ? [] : ['end']);
      });

      it('tells the peer behind it what it did wrong, and ends', () => {
        rig.session.sendText('a long message');
        rig.receive(3).turn();
        expect(rig.told).to.deep.equal([['closing', 1002, 'Used reserved opcode']]);
        expect(rig.wire.asked).to.deep.equal([]);

        coder.finishDeflating();
        rig.turn();
        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([CompressedText, Close]);
        expect(rig.wire.asked).to.deep.equal(['end']);
      });

      it('sends one Close frame when both sides close', () => {
        rig.session.sendText('a long message');
        rig.session.close(1000, '');
        rig.receive(Close, closePayload(1000)).turn();
        coder.finishDeflating();
        rig.turn();

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([CompressedText, Close]);
      });

      it('sends what is left when the peer has ended its side', () => {
        rig.session.sendText('a long message');
        rig.session.ended();
        expect(rig.wire.asked).to.deep.equal([]);

        coder.finishDeflating();
        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([CompressedText]);
        expect(rig.wire.asked).to.deep.equal(['end']);
      });

      it('counts work as progress, but not for ever', () => {
        rig.session.sendText('a long message');
        rig.session.close(1000, '');
        clock.tick(2 * rig.settings.closeTimeout);
        expect(rig.session.isGone).to.equal(false);

        clock.tick(20 * rig.settings.closeTimeout);
        expect(rig.session.isGone).to.equal(true);
        expect(coder.isStopped).to.equal(true);
      });

      it('drops everything on abort', () => {
        rig.session.sendText('a long message');
        rig.session.sendText('b');
        rig.session.abort();

        expect(coder.isStopped).to.equal(true);
        expect(rig.session.bytesToWrite()).to.equal(0);
        expect(rig.wire.bytes).to.have.lengthOf(0);
      });
    });

    describe('receiving', () => {
      it('delivers a compressed message as one frame', () => {
        rig.receive(Text, '~text', compressed).receive(Binary, '~\x01', compressed);

        expect(rig.told).to.deep.equal([
          ['textFrame', 'text', true],
          ['textMessage', 'text'],
          ['binaryFrame', '01', true],
          ['binaryMessage', '01'],
        ]);
      });

      it('delivers one that comes in fragments as one frame', () => {
        rig
          .receive(Text, '~', { ...compressed, isFinal: false })
          .receive(Ping, 'x')
          .receive(Continue, 'te', { isFinal: false })
          .receive(Continue, '')
          .turn();

        expect(rig.told).to.deep.equal([
          ['textFrame', 'te', true],
          ['textMessage', 'te'],
        ]);
        expect(rig.sent).to.deep.equal([[Pong, 'x']]);
      });

      it('takes messages without compression as well', () => {
        rig.receive(Text, 'a').receive(Text, '~b', compressed).receive(Text, 'c');

        expect(messages().map(([, text]) => text)).to.deep.equal(['a', 'b', 'c']);
      });

      it('passes the limit of the message on', () => {
        rig.settings.maxIncomingMessageSize = 77;
        rig.receive(Text, '~a', compressed);

        expect(coder.limits).to.deep.equal([77]);
      });

      it('lets no text become longer than a string, if more is allowed', () => {
        rig.settings.maxIncomingMessageSize = 2 ** 31 - 2;
        rig.receive(Text, '~a', compressed).receive(Binary, '~a', compressed);

        expect(coder.limits).to.deep.equal([constants.MAX_STRING_LENGTH, 2 ** 31 - 2]);
      });

      it('closes with 1007 for text that is no UTF-8 once it is inflated', () => {
        rig.receive(Text, hex('7e ff'), compressed);

        expect(rig.told).to.deep.equal([['closing', 1007, 'Invalid UTF-8 code encountered.']]);
      });

      it('takes text only as a whole, cut anywhere', () => {
        rig
          .receive(Text, hex('7e c3'), { ...compressed, isFinal: false })
          .receive(Continue, hex('bc'));

        expect(messages()).to.deep.equal([['textMessage', 'ü']]);
      });

      it('closes with the code of what cannot be inflated', () => {
        rig.receive(Binary, 'x', compressed).receive(Text, 'a').turn();

        expect(rig.told).to.deep.equal([['closing', 1007, 'Not compressed.']]);
        expect(rig.sent).to.deep.equal([
          [Close, closePayload(1007, 'Not compressed.').toString('latin1')],
        ]);
      });

      for (const [name, limit] of [
        ['frame', 'maxIncomingFrameSize'],
        ['message', 'maxIncomingMessageSize'],
      ] as const) {
        it(`counts compressed bytes for the limit of a ${name}`, () => {
          rig.settings[limit] = 3;
          rig.receive(Text, '~abc', compressed);

          expect(rig.told.map(([what, code]) => [what, code])).to.deep.equal([['closing', 1009]]);
          expect(coder.limits).to.deep.equal([]);
        });
      }

      const wrong: Record<string, [opcode: number, reserved: number]> = {
        'RSV2 on text': [Text, 0x20],
        'RSV3 on text': [Text, 0x10],
        'RSV1 and RSV2': [Text, 0x60],
        'RSV1 on a Ping': [Ping, 0x40],
        'RSV1 on a Pong': [Pong, 0x40],
        'RSV1 on a Close': [Close, 0x40],
        'RSV1 on a continuation': [Continue, 0x40],
        'RSV1 on a reserved opcode': [3, 0x40],
      };
      for (const [name, [opcode, reserved]] of Object.entries(wrong)) {
        it(`closes with 1002 for ${name}`, () => {
          rig
            .receive(Text, '~', { ...compressed, isFinal: false })
            .receive(opcode, '', { reserved });

          expect(rig.told).to.deep.equal([['closing', ...RSV]]);
        });
      }

      it('closes with 1002 for RSV1 when no compression was agreed on', () => {
        rig = new SessionRig(isClient);
        rig.receive(Text, '~', compressed);

        expect(rig.told).to.deep.equal([['closing', ...RSV]]);
      });
    });

    describe('receiving a message that takes time', () => {
      const long = '~a long message';

      it('lets the peer wait, and keeps the order', () => {
        const { session } = rig;
        session.start(Buffer.alloc(0));
        session.receive(
          Buffer.concat([
            rig.frame(Text, 'a'),
            rig.frame(Text, long, compressed),
            rig.frame(Text, 'b'),
            rig.frame(Ping, 'c'),
            rig.frame(Text, 'de').subarray(0, -1),
          ]),
        );
        expect(messages()).to.deep.equal([['textMessage', 'a']]);
        expect(rig.wire.asked).to.deep.equal(['start', 'pause']);

        coder.finishInflating();
        rig.turn();
        expect(messages().map(([, text]) => text)).to.deep.equal(['a', 'a long message', 'b']);
        expect(rig.sent).to.deep.equal([[Pong, 'c']]);
        expect(rig.wire.asked).to.deep.equal(['start', 'pause', 'resume']);

        session.receive(rig.frame(Text, 'de').subarray(-1));
        expect(messages().at(-1)).to.deep.equal(['textMessage', 'de']);
      });

      it('waits for each of several', () => {
        rig.session.receive(
          Buffer.concat([
            rig.frame(Text, long, compressed),
            rig.frame(Text, `${long}2`, compressed),
            rig.frame(Text, 'b'),
          ]),
        );
        coder.finishInflating();
        expect(messages()).to.have.lengthOf(1);
        expect(rig.wire.asked).to.deep.equal(['pause', 'pause']);

        coder.finishInflating();
        expect(messages().map(([, text]) => text)).to.deep.equal([
          'a long message',
          'a long message2',
          'b',
        ]);
        expect(rig.wire.asked).to.deep.equal(['pause', 'pause', 'resume']);
      });

      it('keeps what the wire delivers all the same', () => {
        rig.receive(Text, long, compressed).receive(Text, 'b').receive(Text, 'c');
        coder.finishInflating();

        expect(messages().map(([, text]) => text)).to.deep.equal(['a long message', 'b', 'c']);
      });

      it('leaves the wire paused that begins with it', () => {
        rig.session.start(rig.frame(Text, long, compressed));

        expect(rig.wire.asked).to.deep.equal(['pause', 'start', 'pause']);
      });

      it('handles the Close frame behind it when it is delivered', () => {
        rig.receive(Text, long, compressed).receive(Close, closePayload(1000)).turn();
        expect(rig.told).to.deep.equal([]);

        coder.finishInflating();
        expect(messages()).to.deep.equal([
          ['textMessage', 'a long message'],
          ['closing', 1000, ''],
        ]);
      });

      it('delivers it before it tells that the stream has ended', () => {
        rig.receive(Text, long, compressed);
        rig.session.ended();
        expect(rig.told).to.deep.equal([]);

        coder.finishInflating();
        expect(messages()).to.deep.equal([
          ['textMessage', 'a long message'],
          ['lost', SocketError.NetworkError, 'Cut.'],
        ]);
      });

      it('delivers it before it tells that the stream is gone', () => {
        rig.receive(Text, long, compressed);
        rig.session.gone();
        coder.finishInflating();

        expect(messages().map(([name]) => name)).to.deep.equal(['textMessage', 'lost', 'closed']);
        expect(rig.session.isGone).to.equal(true);
      });

      it('still delivers it after close()', () => {
        rig.receive(Text, long, compressed);
        rig.session.close(1000, '');
        coder.finishInflating();

        expect(messages()).to.deep.equal([['textMessage', 'a long message']]);
      });

      it('does not deliver it after abort()', () => {
        rig.receive(Text, long, compressed);
        rig.session.abort();

        expect(coder.isStopped).to.equal(true);
        expect(rig.told).to.deep.equal([]);
      });

      it('does not wait for it when the peer was cut off because it does not read', () => {
        rig.settings.backlogLimit = 10;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        rig.wire.isStuck = true;
        rig.receive(Text, long, compressed);
        rig.session.sendText('more than ten bytes', false);
        rig.session.sendText('b');
        rig.session.gone();

        expect(rig.told.map(([name]) => name)).to.deep.equal(['lost', 'closed']);
        expect(coder.isStopped).to.equal(true);
      });

      it('closes when it cannot be inflated, and forgets what came behind it', () => {
        rig.receive(Text, long, compressed).receive(Text, 'b');
        coder.finishInflating({ code: 1009, reason: 'Too big.' });
        rig.turn();

        expect(rig.told).to.deep.equal([['closing', 1009, 'Too big.']]);
        // What still comes is read and forgotten, lest the stream be reset.
        expect(rig.wire.asked).to.deep.equal(['pause', 'end', 'resume']);
      });

      it('does not take it for a peer that is silent', () => {
        rig.session.receive(
          Buffer.concat([rig.frame(Text, long, compressed), rig.frame(Text, 'abc').subarray(0, 3)]),
        );
        clock.tick(2 * rig.settings.incompleteMessageTimeout);
        expect(rig.told).to.deep.equal([]);

        coder.finishInflating();
        clock.tick(2 * rig.settings.incompleteMessageTimeout);
        expect(messages().map(([name]) => name)).to.deep.equal([
          'textMessage',
          'closing',
          'closed',
        ]);
      });

      const slots: Record<string, [run: (own: SessionRig) => void, told: (keyof SessionEvents)[]]> =
        {
          'abort()': [(own) => own.session.abort(), ['textFrame']],
          'close()': [
            (own) => own.session.close(1000, ''),
            ['textFrame', 'textMessage', 'textFrame', 'textMessage'],
          ],
          'sendText()': [
            (own) => void own.session.sendText('an answer that is long'),
            ['textFrame', 'textMessage', 'textFrame', 'textMessage'],
          ],
        };
      for (const [name, [run, told]] of Object.entries(slots)) {
        it(`lets a slot of its frame call ${name}`, () => {
          rig.receive(Text, long, compressed).receive(Text, 'b');
          let isFirst = true;
          rig.events.during = (what) => {
            if (what === 'textFrame' && isFirst) {
              isFirst = false;
              run(rig);
            }
          };
          coder.finishInflating();

          expect(rig.told.map(([what]) => what)).to.deep.equal(told);
        });
      }
    });
  });
}
