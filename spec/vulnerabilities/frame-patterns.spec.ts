import { expect } from 'chai';
import { FrameReader } from '../../lib/codec/frame-reader.ts';
import { frameStart } from '../support/frames.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { SessionRig } from '../support/session-rig.ts';

// Qt's largest, the largest of 32 bits with and without a sign, of a double, and of the wire.
const LENGTHS = [
  2n ** 31n - 2n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
];
const QT_LIMIT = 2 ** 31 - 2;

describe('Frames of any pattern', function () {
  this.timeout(60_000);

  // CVE-2020-13935 (Tomcat), CVE-2024-52532 (libsoup), CVE-2025-5399 (curl): some never came to an end.
  for (const isServer of [false, true]) {
    const side = isServer ? 'server' : 'client';

    it(`come to an end on a ${side}, whatever their first two bytes and what follows`, () => {
      for (const rest of [0x00, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.alloc(20, rest);
        for (let start = 0; start <= 0xffff; start++) {
          const sink = new RecordingSink();
          const reader = new FrameReader(sink, isServer, { maxIncomingFrameSize: QT_LIMIT });
          bytes.fill(rest).writeUInt16BE(start);
          reader.push(bytes);
          reader.push(bytes);

          // Each frame takes two bytes at least, and each failure is the only one.
          if (sink.frames.length > 20 || sink.violations.length > 1) {
            expect.fail(`${start.toString(16)} and ${rest.toString(16)} are read again and again.`);
          }
        }
      }
    });

    it(`are not added up to less than they are, on a ${side}`, () => {
      for (const length of LENGTHS) {
        const told: number[] = [];
        const limits = { maxIncomingFrameSize: QT_LIMIT, maxIncomingMessageSize: QT_LIMIT };
        const rig = new SessionRig(!isServer);
        Object.assign(rig.settings, limits);
        const key = isServer ? 1 : undefined;

        rig.receive(2, 'abc', { isFinal: false });
        // CVE-2020-27813 (gorilla/websocket): the sum was negative, and below the limit.
        rig.session.receive(frameStart(0, length, { isFinal: false, key }));

        told.push(
          ...rig.told.filter(([name]) => name === 'closing').map(([, code]) => Number(code)),
        );
        expect(told, String(length)).to.deep.equal([1009]);
        expect(rig.session.isAwaiting(), String(length)).to.equal(false);
        rig.session.abort();
      }
    });

    // coder/websocket 7c87cb5: Pongs that nobody had asked for blocked the connection.
    it(`let what comes behind them through when they are pongs without a ping, on a ${side}`, () => {
      const rig = new SessionRig(!isServer);
      const pongs = Buffer.concat(Array.from({ length: 1000 }, () => rig.frame(10, 'unasked')));

      for (let i = 0; i < 100; i++) rig.session.receive(Buffer.from(pongs));
      rig.receive(1, 'Hello').turn();

      expect(rig.told).to.have.lengthOf(100_002);
      expect(rig.told.at(-1)).to.deep.equal(['textMessage', 'Hello']);
      expect(rig.wire.pieces).to.deep.equal([]);
    });
  }

  // CVE-2026-0716 (libsoup): without a limit, a length was believed that had not come.
  it('are whole before they are told, with the largest limit', () => {
    for (const length of [200, 70_000, QT_LIMIT]) {
      const sink = new RecordingSink();
      const limits = { maxIncomingFrameSize: QT_LIMIT, maxIncomingMessageSize: QT_LIMIT };
      const reader = new FrameReader(sink, false, limits);
      reader.push(frameStart(2, length));
      reader.push(Buffer.alloc(199));

      expect(sink.frames, String(length)).to.deep.equal([]);
      expect(sink.violations).to.deep.equal([]);
      expect(reader.isInsideFrame).to.equal(true);
    }
  });
});
