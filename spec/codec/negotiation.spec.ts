import { expect } from 'chai';
import {
  chooseSubprotocol,
  isSubprotocolName,
  requestedSubprotocols,
} from '../../lib/codec/negotiation.ts';

describe('isSubprotocolName()', () => {
  const cases: Record<string, boolean> = {
    chat: true,
    'v1.chat+json': true,
    '': false,
    'a b': false,
    'a,b': false,
    'a/b': false,
    'a\r\nb': false,
    é: false,
  };
  for (const [name, isName] of Object.entries(cases)) {
    it(`is ${isName} for ${JSON.stringify(name)}`, () => {
      expect(isSubprotocolName(name)).to.equal(isName);
    });
  }
});

describe('chooseSubprotocol()', () => {
  const cases: Record<string, [offered: string[], supported: string[], chosen: string]> = {
    'the first of the client that the server has': [['a', 'b', 'c'], ['c', 'b'], 'b'],
    'none when they share none': [['a'], ['b'], ''],
    'none when none is offered': [[], ['b'], ''],
    'none when none is supported': [['a'], [], ''],
    'names in their own case': [['Chat', 'chat'], ['chat'], 'chat'],
    'none of the names that objects have': [['__proto__', 'constructor'], ['b'], ''],
  };
  for (const [name, [offered, supported, chosen]] of Object.entries(cases)) {
    it(`takes ${name}`, () => {
      expect(chooseSubprotocol(offered, supported)).to.equal(chosen);
    });
  }
});

describe('requestedSubprotocols()', () => {
  const cases: Record<
    string,
    [options: string[], raw: string[], names: string[], ignored: string[]]
  > = {
    'the options alone': [['b', 'a'], [], ['b', 'a'], []],
    'a raw header alone': [[], ['a, b'], ['a', 'b'], []],
    'the options before the raw header': [
      ['opt'],
      ['raw, opt', 'more'],
      ['opt', 'raw', 'more'],
      [],
    ],
    'a name once that the raw header repeats': [[], ['a, a', 'a'], ['a'], []],
    'no invalid names': [['a\r\nb', 'b'], ['c d, e'], ['b', 'e'], ['a\r\nb', 'c d']],
    'each name once, and no empty one (RFC 6455 §4.1)': [
      ['a', '', 'b', 'a'],
      [' , c, b'],
      ['a', 'b', 'c'],
      [''],
    ],
  };
  for (const [name, [options, raw, names, ignored]] of Object.entries(cases)) {
    it(`asks for ${name}`, () => {
      expect(requestedSubprotocols(options, raw)).to.deep.equal({ names, ignored });
    });
  }

  it('leaves the list of the options alone', () => {
    const options = ['a'];
    requestedSubprotocols(options, ['b']);
    expect(options).to.deep.equal(['a']);
  });
});
