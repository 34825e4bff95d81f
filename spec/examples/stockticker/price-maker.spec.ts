import { expect } from 'chai';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import type { PriceSource } from '../../../examples/stockticker/feed.ts';
import { PriceMaker } from '../../../examples/stockticker/price-maker.ts';
import type { Quote } from '../../../examples/stockticker/protocol.ts';

describe('PriceMaker', () => {
  let clock: SinonFakeTimers;
  let quotes: Quote[];
  let maker: PriceMaker;

  beforeEach(() => {
    clock = useFakeTimers({ now: 1000 });
    quotes = [];
    const prices = [10.1, 10.1, 9.7][Symbol.iterator]();
    const source: PriceSource = {
      openings: new Map([
        ['AAPL', 10],
        ['MSFT', 20],
      ]),
      next: () => ({ symbol: 'AAPL', price: prices.next().value ?? 9.7, pause: 100 }),
    };
    maker = new PriceMaker(source, (quote) => quotes.push(quote));
    maker.start();
  });

  afterEach(() => {
    maker.stop();
    clock.restore();
  });

  it('begins with all prices', () => {
    expect(quotes).to.deep.equal([
      { symbol: 'AAPL', price: 10, time: 1000, change: 0 },
      { symbol: 'MSFT', price: 20, time: 1000, change: 0 },
    ]);
  });

  it('tells each change, counted from the first price', () => {
    quotes.length = 0;

    clock.tick(300);

    expect(quotes).to.deep.equal([
      { symbol: 'AAPL', price: 10.1, time: 1100, change: 0.1 },
      { symbol: 'AAPL', price: 9.7, time: 1300, change: -0.3 },
    ]);
  });

  it('says nothing while the price stays the same, nor after its end', () => {
    clock.tick(300);
    quotes.length = 0;
    clock.tick(1000);
    expect(quotes).to.deep.equal([]);

    maker.stop();
    expect(clock.countTimers()).to.equal(0);
  });
});
