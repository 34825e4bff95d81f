import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import {
  Feed,
  RandomWalk,
  Recording,
  type PriceSource,
  type Step,
} from '../../../examples/stockticker/feed.ts';

const HEADER = 'time,symbol,price';

function steps(source: PriceSource, count: number): Step[] {
  return Array.from({ length: count }, () => source.next());
}

describe('Feed', () => {
  let clock: SinonFakeTimers;
  let played: string[];
  let feed: Feed;

  beforeEach(() => {
    clock = useFakeTimers();
    played = [];
    const csv = [
      HEADER,
      '2026-11-20T14:30:00.000Z,AAPL,10.00',
      '2026-11-20T14:30:00.500Z,MSFT,20.00',
      '2026-11-20T14:30:03.000Z,AAPL,11.00',
    ].join('\n');
    feed = new Feed(new Recording(csv), ({ symbol, price }) => played.push(`${symbol} ${price}`));
  });

  afterEach(() => {
    feed.stop();
    clock.restore();
  });

  it('plays nothing before it is started', () => {
    clock.tick(60_000);

    expect(played).to.deep.equal([]);
  });

  it('plays each step after its pause', () => {
    feed.start();

    clock.tick(999);
    expect(played).to.deep.equal([]);
    clock.tick(1);
    expect(played).to.deep.equal(['AAPL 10']);
    clock.tick(500);
    expect(played).to.deep.equal(['AAPL 10', 'MSFT 20']);
    clock.tick(2500);
    expect(played).to.deep.equal(['AAPL 10', 'MSFT 20', 'AAPL 11']);
  });

  it('begins anew after the last step', () => {
    feed.start();

    clock.tick(4000 + 1000);

    expect(played.slice(3)).to.deep.equal(['AAPL 10']);
  });

  it('plays nothing after it was stopped', () => {
    feed.start();
    clock.tick(1000);

    feed.stop();
    clock.tick(60_000);

    expect(played).to.deep.equal(['AAPL 10']);
    expect(clock.countTimers()).to.equal(0);
  });

  it('can be stopped by what it plays', () => {
    const stopping = new Feed(new RandomWalk(1, 100), (step) => {
      played.push(step.symbol);
      stopping.stop();
    });
    stopping.start();

    clock.tick(60_000);

    expect(played).to.have.lengthOf(1);
  });

  it('does not run twice as fast when it is started twice', () => {
    feed.start();
    feed.start();

    clock.tick(1500);

    expect(played).to.deep.equal(['AAPL 10', 'MSFT 20']);
  });

  it('runs on the timers it is given', () => {
    const pauses: number[] = [];
    const timers = {
      setTimeout: (_step: () => void, pause: number) => pauses.push(pause),
      clearTimeout: () => {},
    } as unknown as typeof globalThis;

    new Feed(new RandomWalk(1, 250), () => {}, timers).start();

    expect(pauses).to.deep.equal([250]);
    expect(clock.countTimers()).to.equal(0);
  });
});

describe('RandomWalk', () => {
  it('repeats itself for the same seed', () => {
    const walk = steps(new RandomWalk(7, 100), 500);

    expect(steps(new RandomWalk(7, 100), 500)).to.deep.equal(walk);
    expect(steps(new RandomWalk(8, 100), 500)).to.not.deep.equal(walk);
  });

  it('keeps prices positive, with two decimals', () => {
    for (const { price } of steps(new RandomWalk(3, 100), 20_000)) {
      expect(price).to.be.greaterThan(0);
      expect(price).to.equal(Number(price.toFixed(2)));
    }
  });

  it('moves every symbol, and none far in one step', () => {
    const walk = new RandomWalk(5, 100);
    const prices = new Map(walk.openings);

    for (const { symbol, price } of steps(walk, 5000)) {
      expect(Math.abs(price / prices.get(symbol)! - 1)).to.be.lessThan(0.005);
      prices.set(symbol, price);
    }

    for (const [symbol, price] of walk.openings) expect(prices.get(symbol)).to.not.equal(price);
  });
});

describe('Recording', () => {
  it('opens each symbol with its first price', () => {
    const csv = `${HEADER}\n2026-11-20T14:30:00Z,A,1.00\n2026-11-20T14:30:01Z,B,2.50\n2026-11-20T14:30:02Z,A,3.00\n`;

    expect([...new Recording(csv).openings]).to.deep.equal([
      ['A', 1],
      ['B', 2.5],
    ]);
  });

  it('shortens long gaps to ten seconds', () => {
    const csv = `${HEADER}\n2026-11-20T14:30:00Z,A,1.00\n2026-11-20T18:00:00Z,A,2.00`;

    expect(steps(new Recording(csv), 2)[1]?.pause).to.equal(10_000);
  });

  it('keeps a steady pace when it is given one', () => {
    const csv = `${HEADER}\r\n2026-11-20T14:30:00Z,A,1.00\r\n2026-11-20T18:00:00Z,A,2.00\r\n`;

    expect(steps(new Recording(csv, 40), 4).map(({ pause }) => pause)).to.deep.equal([
      40, 40, 40, 40,
    ]);
  });

  const faults: [name: string, csv: string, message: string][] = [
    ['an empty file', '', 'Line 1 is not "time,symbol,price".'],
    ['another header', 'symbol,price\n', 'Line 1 is not "time,symbol,price".'],
    ['a file without prices', `${HEADER}\n`, 'There are no prices.'],
    ['a time that is none', `${HEADER}\nnoon,A,1`, 'Line 2 does not start with a time.'],
    ['a bad symbol', `${HEADER}\n2026-11-20T14:30:00Z,__proto__,1`, 'Line 2 names no symbol.'],
    ['a missing price', `${HEADER}\n2026-11-20T14:30:00Z,A`, 'Line 2 has no price.'],
    ['a price of zero', `${HEADER}\n2026-11-20T14:30:00Z,A,0.00`, 'Line 2 has no price.'],
    ['a price without end', `${HEADER}\n2026-11-20T14:30:00Z,A,Infinity`, 'Line 2 has no price.'],
    [
      'a fourth column',
      `${HEADER}\n2026-11-20T14:30:00Z,A,1,2`,
      'Line 2 has more than three columns.',
    ],
    [
      'a step back in time',
      `${HEADER}\n2026-11-20T14:30:01Z,A,1\n2026-11-20T14:30:00Z,A,1`,
      'Line 3 goes back in time.',
    ],
  ];
  for (const [name, csv, message] of faults) {
    it(`refuses ${name}`, () => {
      expect(() => new Recording(csv)).to.throw(message);
    });
  }

  it('reads the recording that comes with the example', () => {
    const csv = readFileSync('examples/stockticker/recorded.csv', 'utf8');

    expect(new Recording(csv).openings.size).to.equal(20);
  });
});
