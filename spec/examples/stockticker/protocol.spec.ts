import { expect } from 'chai';
import {
  BadRequest,
  MAX_SYMBOLS,
  parseRequest,
  writeReply,
} from '../../../examples/stockticker/protocol.ts';

const known = new Set(['AAPL', 'MSFT']);

describe('parseRequest', () => {
  const requests: [text: string, request: object][] = [
    ['{"type":"list"}', { type: 'list' }],
    ['{"type":"ping","id":12.5}', { type: 'ping', id: 12.5 }],
    ['{"type":"subscribe","symbols":["AAPL"]}', { type: 'subscribe', symbols: ['AAPL'] }],
    [
      '{"symbols":["MSFT","AAPL"],"type":"unsubscribe"}',
      { type: 'unsubscribe', symbols: ['MSFT', 'AAPL'] },
    ],
    ['{"type":"list","more":"is ignored"}', { type: 'list' }],
  ];
  for (const [text, request] of requests) {
    it(`reads ${text}`, () => {
      expect(parseRequest(text, known)).to.deep.equal(request);
    });
  }

  const tooMany = JSON.stringify({
    type: 'subscribe',
    symbols: Array.from({ length: MAX_SYMBOLS + 1 }, () => 'AAPL'),
  });
  const faults: [name: string, text: string, message: string][] = [
    ['no JSON', 'hello', 'The message is not JSON.'],
    ['an empty message', '', 'The message is not JSON.'],
    ['a number', '1', 'The message is not a JSON object.'],
    ['null', 'null', 'The message is not a JSON object.'],
    ['a list', '[{"type":"list"}]', 'The message is not a JSON object.'],
    ['no type', '{}', 'The message has no "type".'],
    ['an unknown type', '{"type":"buy"}', 'The type "buy" is unknown.'],
    ['an inherited name', '{"type":"constructor"}', 'The type "constructor" is unknown.'],
    ['a type that is no string', '{"type":{}}', 'The type of this message is unknown.'],
    ['no symbols', '{"type":"subscribe"}', '"symbols" must be a list with at least one symbol.'],
    [
      'an empty list of symbols',
      '{"type":"unsubscribe","symbols":[]}',
      '"symbols" must be a list with at least one symbol.',
    ],
    [
      'one symbol without a list',
      '{"type":"subscribe","symbols":"AAPL"}',
      '"symbols" must be a list with at least one symbol.',
    ],
    [
      'a symbol that is no string',
      '{"type":"subscribe","symbols":[1]}',
      'A symbol must be a string.',
    ],
    [
      'an unknown symbol',
      '{"type":"subscribe","symbols":["AAPL","NOPE"]}',
      'The symbol "NOPE" is unknown.',
    ],
    [
      'a symbol in the wrong case',
      '{"type":"subscribe","symbols":["aapl"]}',
      'The symbol "aapl" is unknown.',
    ],
    ['too many symbols', tooMany, 'No more than 100 symbols can be named at once.'],
    ['a ping without an id', '{"type":"ping"}', '"id" must be a number.'],
    ['a ping with a text for its id', '{"type":"ping","id":"1"}', '"id" must be a number.'],
  ];
  for (const [name, text, message] of faults) {
    it(`refuses ${name}`, () => {
      expect(() => parseRequest(text, known)).to.throw(BadRequest, message);
    });
  }

  it('repeats no more than twenty characters of what it refuses', () => {
    const text = JSON.stringify({ type: 'x'.repeat(10_000) });

    expect(() => parseRequest(text, known)).to.throw(`The type "${'x'.repeat(20)}" is unknown.`);
  });
});

describe('writeReply', () => {
  it('writes JSON', () => {
    const reply = { type: 'price', symbol: 'AAPL', price: 187.23, time: 5, change: -0.12 } as const;

    expect(writeReply(reply)).to.equal(
      '{"type":"price","symbol":"AAPL","price":187.23,"time":5,"change":-0.12}',
    );
  });
});
