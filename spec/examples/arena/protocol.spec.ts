import { expect } from 'chai';
import {
  readServerMessage,
  readSteer,
  writeSnapshot,
  writeSteer,
  writeWelcome,
} from '../../../examples/arena/protocol.ts';
import { hex } from '../../support/hex.ts';

describe("the arena's protocol", () => {
  it('writes steering in three bytes', () => {
    expect(writeSteer({ x: 1, y: -0.5 })).to.deep.equal(new Uint8Array(hex('01 7f c1')));
  });

  it('steers no further than full speed', () => {
    expect(writeSteer({ x: 5, y: -5 })).to.deep.equal(new Uint8Array(hex('01 7f 81')));
  });

  it('reads steering', () => {
    expect(readSteer(hex('01 7f 81'))).to.deep.equal({ x: 1, y: -1 });
    expect(readSteer(hex('01 00 00'))).to.deep.equal({ x: 0, y: 0 });
  });

  const noSteering: Record<string, string> = {
    nothing: '',
    'too little': '01 00',
    'too much': '01 00 00 00',
    'another type': '02 00 00',
    "the server's type": '10 00 00',
    'less than full speed to the left': '01 80 00',
    'less than full speed upwards': '01 00 80',
  };
  for (const [what, bytes] of Object.entries(noSteering)) {
    it(`takes ${what} for no steering`, () => {
      expect(readSteer(hex(bytes))).to.equal(undefined);
    });
  }

  it('writes a welcome in seven bytes', () => {
    const welcome = { player: 3, width: 1600, height: 900, interval: 50 };

    const bytes = writeWelcome(welcome);

    expect(bytes).to.deep.equal(new Uint8Array(hex('10 03 06 40 03 84 32')));
    expect(readServerMessage(bytes)).to.deep.equal({ type: 'welcome', ...welcome });
  });

  it('writes places in 32nds of a unit', () => {
    const bytes = writeSnapshot({
      tick: 258,
      players: [{ id: 7, x: 100.5, y: 2, score: 9 }],
      gems: [{ x: 1, y: 1599.96875 }],
    });

    expect(bytes).to.deep.equal(
      new Uint8Array(hex('11 00 00 01 02 01 01  07 0c 90 00 40 00 09  00 20 c7 ff')),
    );
    expect(readServerMessage(bytes)).to.deep.equal({
      type: 'snapshot',
      tick: 258,
      players: [{ id: 7, x: 100.5, y: 2, score: 9 }],
      gems: [{ x: 1, y: 1599.96875 }],
    });
  });

  const noServerMessages: Record<string, string> = {
    nothing: '',
    steering: '01 00 00',
    'half a welcome': '10 03 06',
    'a welcome and more': '10 03 06 40 03 84 32 00',
    'a snapshot without its players': '11 00 00 01 02 01 00',
    'a snapshot that says less than it has': '11 00 00 01 02 00 00 00',
  };
  for (const [what, bytes] of Object.entries(noServerMessages)) {
    it(`takes ${what} for no message of a server`, () => {
      expect(readServerMessage(hex(bytes))).to.equal(undefined);
    });
  }
});
