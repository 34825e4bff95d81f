import { expect } from 'chai';
import fc from 'fast-check';
import { readNews } from '../../../examples/stockticker/news.ts';
import { writeReply, type Reply } from '../../../examples/stockticker/protocol.ts';

const quote = { symbol: 'AAPL', price: 187.2, time: 1000, change: -0.1 };

describe('readNews()', () => {
  it('reads what the server writes', () => {
    const replies: Reply[] = [
      { type: 'price', ...quote },
      { type: 'error', message: 'The symbol "NOPE" is unknown.' },
      { type: 'subscribed', symbols: ['AAPL'] },
      { type: 'symbols', symbols: ['AAPL'] },
      { type: 'pong', id: 1 },
    ];

    const news = replies.map((reply) => readNews(writeReply(reply)));

    expect(news).to.deep.equal([
      replies[0],
      replies[1],
      { type: 'subscribed' },
      { type: 'symbols' },
      { type: 'pong' },
    ]);
  });

  const others: Record<string, unknown> = {
    null: null,
    'a number': 1,
    'a list': [],
    'no type': {},
    'an unknown type': { type: 'sold' },
    'an inherited type': { type: 'constructor' },
    'a price without a symbol': { type: 'price', ...quote, symbol: undefined },
    'a price with a long symbol': { type: 'price', ...quote, symbol: 'A'.repeat(21) },
    'a symbol that a terminal would obey': { type: 'price', ...quote, symbol: '\u001b[2J' },
    'a price that is a text': { type: 'price', ...quote, price: '187.20' },
    'a price without a change': { type: 'price', ...quote, change: null },
  };
  for (const [what, value] of Object.entries(others)) {
    it(`takes ${what} for none`, () => {
      expect(readNews(JSON.stringify(value))).to.equal(undefined);
    });
  }

  it('takes what is no JSON for none', () => {
    expect(readNews('hello')).to.equal(undefined);
    expect(readNews('')).to.equal(undefined);
  });

  it('keeps control characters out of what is printed', () => {
    const text = JSON.stringify({ type: 'error', message: 'No\u001b[2J\n\u009b' });

    expect(readNews(text)).to.deep.equal({ type: 'error', message: 'No\ufffd[2J\ufffd\ufffd' });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        readNews(text);
      }),
    );
  });
});
