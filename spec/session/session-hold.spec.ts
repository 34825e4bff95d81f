import { expect } from 'chai';
import sinon from 'sinon';
import { CompressedCode, OpCode } from '../../lib/codec/opcode.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { closePayload, SessionRig, type Told } from '../support/session-rig.ts';
import { SlowCoder } from '../support/slow-coder.ts';

const { Text, Close, Pong } = OpCode;

for (const [side, isClient] of [
  ['client', true],
  ['server', false],
] as const) {
  describe(`Session of a ${side} that is held back`, () => {
    let clock: sinon.SinonFakeTimers;
    let rig: SessionRig;

    beforeEach(() => {
      clock = sinon.useFakeTimers();
      rig = new SessionRig(isClient);
      rig.session.start(Buffer.alloc(0));
    });

    afterEach(() => {
      clock.restore();
    });

    /** What was told, without the frames. */
    function told(): Told[] {
      return rig.told.filter(([name]) => name !== 'textFrame');
    }

    it('pauses the wire once, and resumes it when all have let go', () => {
      rig.session.holdBack();
      rig.session.holdBack();
      rig.session.letGo();
      expect(rig.wire.asked).to.deep.equal(['start', 'pause']);

      rig.session.letGo();
      expect(rig.wire.asked).to.deep.equal(['start', 'pause', 'resume']);
    });

    it('keeps the rest of a chunk back, in its order', () => {
      rig.events.during = (name) => {
        if (name === 'textMessage') rig.session.holdBack();
      };
      rig.session.receive(
        Buffer.concat([rig.frame(Text, 'a'), rig.frame(Text, 'b'), rig.frame(Text, 'c')]),
      );
      expect(told()).to.deep.equal([['textMessage', 'a']]);

      rig.session.letGo();
      expect(told()).to.deep.equal([
        ['textMessage', 'a'],
        ['textMessage', 'b'],
      ]);

      rig.session.letGo();
      expect(told().at(-1)).to.deep.equal(['textMessage', 'c']);
    });

    it('goes on in the frame in which it was held back', () => {
      const frame = rig.frame(Text, 'Hello');
      rig.session.receive(frame.subarray(0, -2));
      rig.session.holdBack();
      rig.session.receive(frame.subarray(-2));
      expect(rig.told).to.deep.equal([]);

      rig.session.letGo();
      expect(told()).to.deep.equal([['textMessage', 'Hello']]);
    });

    it('keeps what came behind the handshake back', () => {
      const fresh = new SessionRig(isClient);
      fresh.session.holdBack();
      fresh.session.start(fresh.frame(Text, 'early'));
      expect(fresh.told).to.deep.equal([]);

      fresh.session.letGo();
      expect(fresh.told.at(-1)).to.deep.equal(['textMessage', 'early']);
    });

    it('sends all the same', () => {
      rig.session.holdBack();
      rig.session.sendText('Hello');
      rig.turn();

      expect(rig.sent).to.deep.equal([[Text, 'Hello']]);
    });

    it('does not take the wait for a stall', () => {
      rig.session.receive(rig.frame(Text, 'Hello').subarray(0, -2));
      rig.session.holdBack();
      clock.tick(60_000);
      expect(told()).to.deep.equal([]);

      rig.session.letGo();
      clock.tick(30_000);
      expect(told()).to.deep.equal([['closing', 1001, 'Timeout when reading data from socket.']]);
    });

    it('tells of a Close frame behind the messages before it', () => {
      rig.session.holdBack();
      rig.receive(Text, 'a').receive(Close, closePayload(4000, 'why'));
      expect(rig.told).to.deep.equal([]);

      rig.session.letGo();
      expect(told()).to.deep.equal([
        ['textMessage', 'a'],
        ['closing', 4000, 'why'],
      ]);
    });

    it('tells how the stream has ended behind the messages before that', () => {
      rig.session.holdBack();
      rig.receive(Text, 'a');
      rig.session.ended();
      rig.session.gone();
      expect(rig.told).to.deep.equal([]);

      rig.session.letGo();
      expect(told()).to.deep.equal([
        ['textMessage', 'a'],
        ['lost', SocketError.NetworkError, 'Cut.'],
        ['closed'],
      ]);
    });

    it('is given up in spite of it', () => {
      rig.session.holdBack();
      rig.receive(Text, 'a');
      rig.session.abort();
      rig.session.letGo();

      expect(rig.told).to.deep.equal([]);
      expect(rig.wire.asked.at(-1)).to.equal('destroy');
    });

    it('does not wait longer than the close timeout for what nobody reads', () => {
      rig.session.holdBack();
      rig.session.close(1000, '');
      rig.receive(Close, closePayload(1000));
      clock.tick(10_000);

      expect(rig.told).to.deep.equal([['closed']]);
    });

    it('answers pings when it goes on', () => {
      rig.session.holdBack();
      rig.receive(OpCode.Ping, 'ping').turn();
      expect(rig.sent).to.deep.equal([]);

      rig.session.letGo();
      rig.turn();
      expect(rig.sent).to.deep.equal([[Pong, 'ping']]);
    });

    describe('with compression', () => {
      let coder: SlowCoder;

      beforeEach(() => {
        coder = new SlowCoder();
        rig = new SessionRig(isClient, coder);
        rig.session.start(Buffer.alloc(0));
        rig.session.receive(
          Buffer.concat([
            rig.frame(CompressedCode.Text, '~a long message', { reserved: 0x40 }),
            rig.frame(Text, 'b'),
          ]),
        );
      });

      it('does not go on before the message that is being inflated', () => {
        rig.session.holdBack();
        rig.session.letGo();
        expect(rig.told).to.deep.equal([]);

        coder.finishInflating();
        expect(told()).to.deep.equal([
          ['textMessage', 'a long message'],
          ['textMessage', 'b'],
        ]);
      });

      it('still delivers the message that is being inflated, and nothing behind it', () => {
        rig.session.holdBack();
        coder.finishInflating();
        expect(told()).to.deep.equal([['textMessage', 'a long message']]);

        rig.session.letGo();
        expect(told().at(-1)).to.deep.equal(['textMessage', 'b']);
      });
    });
  });
}
