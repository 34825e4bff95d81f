import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import { closePayload, SessionRig } from '../support/session-rig.ts';
import type { Metered } from '../support/recording-meter.ts';
import { coders, deflated } from '../support/test-coder.ts';

const { Text, Binary, Continue, Ping, Pong, Close } = OpCode;

// Nine UTF-16 code units, twelve bytes of UTF-8.
const UMLAUTS = 'Grüße, Öl';
const SIZE = 12;

describe('the meter of a Session', () => {
  let rig: SessionRig;

  beforeEach(() => {
    rig = new SessionRig(false);
  });

  afterEach(() => {
    restore();
    rig.session.abort();
  });

  function counted(): Metered[] {
    return rig.wire.counted.told;
  }

  it('counts the bytes that come, also behind a Close frame', () => {
    const text = rig.frame(Text, 'Hello');
    const close = rig.frame(Close, closePayload(1000));
    rig.session.receive(text);
    rig.session.receive(close);
    rig.session.receive(text);

    expect(rig.wire.counted.bytes).to.equal(2 * text.length + close.length);
  });

  it('counts messages with their size in UTF-8', () => {
    rig.receive(Text, UMLAUTS).receive(Binary, Buffer.alloc(300));
    rig.session.sendText(UMLAUTS);
    rig.session.sendBinary(Buffer.alloc(70_000));

    expect(counted()).to.deep.equal([
      ['messageReceived', true, SIZE],
      ['messageReceived', false, 300],
      ['messageSent', true, SIZE],
      ['messageSent', false, 70_000],
    ]);
  });

  it('counts a message of several frames once, with all of its size', () => {
    const bytes = Buffer.from(UMLAUTS);
    rig.receive(Text, bytes.subarray(0, 3), { isFinal: false });
    expect(counted()).to.deep.equal([]);
    rig.receive(Continue, bytes.subarray(3));
    rig.receive(Binary, Buffer.alloc(2), { isFinal: false }).receive(Continue, Buffer.alloc(3));
    rig.settings.outgoingFrameSize = 4;
    rig.session.sendText('a text of 22 characters');

    expect(counted()).to.deep.equal([
      ['messageReceived', true, SIZE],
      ['messageReceived', false, 5],
      ['messageSent', true, 23],
    ]);
  });

  it('counts compressed messages with their size before and after that', async () => {
    const { client, server } = coders();
    rig = new SessionRig(false, server);
    const text = 'ü'.repeat(500);
    const payload = await deflated(client, Buffer.from(text));
    rig.receive(Text, payload, { reserved: 0x40 });
    rig.session.sendText(text);
    rig.session.sendBinary(Buffer.alloc(900));
    rig.session.sendShared(new SharedMessage(true, Buffer.from(text)));

    expect(payload.length).to.be.below(100);
    expect(counted()).to.deep.equal([
      ['messageReceived', true, 1000],
      ['messageSent', true, 1000],
      ['messageSent', false, 900],
      ['messageSent', true, 1000],
    ]);
  });

  it('counts shared messages', () => {
    rig.session.sendShared(new SharedMessage(false, Buffer.alloc(9)));
    expect(counted()).to.deep.equal([['messageSent', false, 9]]);
  });

  it('does not count what may not be sent', () => {
    rig.settings.backlogLimit = 10;
    rig.wire.isStuck = true;
    rig.session.sendText('more than ten bytes');
    rig.session.sendText('too much');
    rig.session.sendBinary(Buffer.alloc(1));
    rig.session.sendShared(new SharedMessage(true, Buffer.alloc(1)));
    rig.session.sendPing(Buffer.alloc(1));

    expect(counted()).to.deep.equal([['messageSent', true, 19]]);
  });

  it('counts pings and pongs, those that are owed when they are sent', () => {
    rig.receive(Ping, 'abc').receive(Pong, 'four');
    rig.session.sendPing(Buffer.alloc(200));
    expect(counted()).to.deep.equal([
      ['ping', false, 3],
      ['pong', true, 3],
      ['pong', false, 4],
      ['ping', true, 125],
    ]);

    counted().length = 0;
    rig.wire.isStuck = true;
    rig.session.sendBinary(Buffer.alloc(70_000));
    rig.turn().receive(Ping, 'one').receive(Ping, 'three');
    rig.wire.take();
    rig.session.drained();
    expect(counted().slice(1)).to.deep.equal([
      ['ping', false, 3],
      ['ping', false, 5],
      ['pong', true, 5],
    ]);
  });

  const endings: Record<string, [act: (rig: SessionRig) => void, told: Metered[]]> = {
    'the peer closes': [
      ({ session }) => {
        rig.receive(Close, closePayload(4711, 'Bye'));
        session.gone();
      },
      [['closing', true, 4711, 'Bye'], ['ended']],
    ],
    'the peer closes without a code': [
      ({ session }) => {
        rig.receive(Close);
        session.gone();
      },
      [['closing', true, 1005, ''], ['ended']],
    ],
    'we close': [
      ({ session }) => {
        session.close(1001, 'Later');
        rig.receive(Close, closePayload(1001));
        session.gone();
      },
      [['closing', false, 1001, 'Later'], ['ended']],
    ],
    'we close, and the peer only ends the stream': [
      ({ session }) => {
        session.close(1000, '');
        session.ended();
        session.gone();
      },
      [['closing', false, 1000, ''], ['ended']],
    ],
    'the peer breaks the protocol': [
      ({ session }) => {
        session.receive(Buffer.of(0xff, 0x80, 0, 0, 0, 0));
        session.gone();
      },
      [['closing', false, 1002, 'Rsv field is non-zero'], ['ended']],
    ],
    'the stream breaks': [
      ({ session }) => session.gone(),
      [['lost', true, SocketError.NetworkError], ['ended']],
    ],
    'we give up': [({ session }) => session.abort(), [['ended']]],
    'the peer does not read': [
      ({ session, settings, wire }) => {
        settings.backlogLimit = 1;
        settings.backlogPolicy = BacklogPolicy.Disconnect;
        wire.isStuck = true;
        session.sendText('Hello');
        session.sendText('Hello');
        session.gone();
      },
      [['messageSent', true, 5], ['lost', false, SocketError.SocketResourceError], ['ended']],
    ],
  };
  for (const [what, [act, told]] of Object.entries(endings)) {
    it(`learns who has ended it, and how, when ${what}`, () => {
      act(rig);
      rig.session.abort();
      expect(counted()).to.deep.equal(told);
    });
  }

  it('learns that we have closed when the peer does not answer', () => {
    const clock = useFakeTimers();
    rig.session.close(1000, '');
    clock.tick(rig.settings.closeTimeout * 13);

    expect(counted()).to.deep.equal([['closing', false, 1000, ''], ['ended']]);
  });

  it('is asked for once, and not before there is something to count', () => {
    let asked = 0;
    rig.wire.meter = () => {
      asked++;
      return rig.wire.counted;
    };
    rig.session.start(Buffer.alloc(0));
    expect(asked).to.equal(0);
    rig.receive(Text, 'a').receive(Text, 'b');
    rig.session.abort();
    expect(asked).to.equal(1);
  });
});
