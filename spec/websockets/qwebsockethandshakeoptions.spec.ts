import { expect } from 'chai';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';

function optionsWith(...protocols: string[]): QWebSocketHandshakeOptions {
  const options = new QWebSocketHandshakeOptions();
  options.setSubprotocols(protocols);
  return options;
}

describe('QWebSocketHandshakeOptions', () => {
  it('asks for nothing at first', () => {
    expect(new QWebSocketHandshakeOptions().subprotocols()).to.deep.equal([]);
  });

  describe('setSubprotocols()', () => {
    it('keeps the list as given', () => {
      const list = ['chat', 'foo\r\nbar', '', 'chat'];

      expect(optionsWith(...list).subprotocols()).to.deep.equal(list);
    });

    it('copies the list, going in and coming out', () => {
      const list = ['a'];
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(list);
      list.push('b');
      options.subprotocols().push('c');

      expect(options.subprotocols()).to.deep.equal(['a']);
    });
  });

  const copies: Record<
    string,
    (options: QWebSocketHandshakeOptions) => QWebSocketHandshakeOptions
  > = {
    'the constructor': (options) => new QWebSocketHandshakeOptions(options),
    'clone()': (options) => options.clone(),
  };
  for (const [what, copyOf] of Object.entries(copies)) {
    it(`is copied by ${what}`, () => {
      const options = optionsWith('a', 'b');
      const copy = copyOf(options);
      options.setSubprotocols([]);

      expect(copy.subprotocols()).to.deep.equal(['a', 'b']);
    });
  }

  describe('swap()', () => {
    it('exchanges the contents', () => {
      const [one, other] = [optionsWith('a'), optionsWith('b')];
      one.swap(other);

      expect([one.subprotocols(), other.subprotocols()]).to.deep.equal([['b'], ['a']]);
    });
  });

  describe('equals()', () => {
    const pairs: [one: string[], other: string[], equal: boolean][] = [
      [[], [], true],
      [['a', 'b'], ['a', 'b'], true],
      [['a', 'b'], ['b', 'a'], false],
      [['a'], ['a', 'b'], false],
      [['a'], ['A'], false],
    ];
    for (const [one, other, equal] of pairs) {
      it(`is ${equal} for [${one.join()}] and [${other.join()}]`, () => {
        expect(optionsWith(...one).equals(optionsWith(...other))).to.equal(equal);
        expect(optionsWith(...other).equals(optionsWith(...one))).to.equal(equal);
      });
    }
  });
});
