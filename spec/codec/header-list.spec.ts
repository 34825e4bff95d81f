import { expect } from 'chai';
import {
  hasToken,
  isToken,
  parseElement,
  parseParameter,
  splitList,
  trimWhiteSpace,
  unquote,
} from '../../lib/codec/header-list.ts';

describe('isToken()', () => {
  for (const text of ['websocket', 'X', "!#$%&'*+-.^_`|~09azAZ"]) {
    it(`is true for ${text}`, () => {
      expect(isToken(text)).to.equal(true);
    });
  }

  it('is false for every separator, control character and character beyond ASCII', () => {
    const others = '()<>@,;:\\"/[]?={} \t\0\r\n\x7f\u0080\u00ff\u0141'.split('');
    expect(others.filter((other) => isToken(`a${other}b`))).to.deep.equal([]);
  });

  it('is false for an empty text', () => {
    expect(isToken('')).to.equal(false);
  });
});

describe('trimWhiteSpace()', () => {
  const cases: Record<string, [text: string, trimmed: string]> = {
    'spaces and tabs': [' \t a b\t ', 'a b'],
    'nothing but white space': [' \t ', ''],
    'a no-break space, which is no white space of HTTP': ['\u00a0a\u00a0', '\u00a0a\u00a0'],
    'a line break, which must not go unseen': ['\r\na\n', '\r\na\n'],
  };
  for (const [name, [text, trimmed]] of Object.entries(cases)) {
    it(`handles ${name}`, () => {
      expect(trimWhiteSpace(text)).to.equal(trimmed);
    });
  }
});

describe('splitList()', () => {
  const cases: Record<string, [value: string, elements: string[]]> = {
    'one element': ['a', ['a']],
    'several elements': ['a, b ,c', ['a', 'b', 'c']],
    'empty elements (RFC 9110 §5.6.1.2)': [' , a ,, b ,', ['a', 'b']],
    'nothing at all': ['', []],
    'a comma in a quoted string': ['a="x, y", b', ['a="x, y"', 'b']],
    'an escaped quote in a quoted string': ['a="\\",", b', ['a="\\","', 'b']],
    'a quoted string that is never closed': ['a, "b, c', ['a', '"b, c']],
    'a backslash outside quotes': ['a\\, b', ['a\\', 'b']],
  };
  for (const [name, [value, elements]] of Object.entries(cases)) {
    it(`handles ${name}`, () => {
      expect(splitList(value)).to.deep.equal(elements);
    });
  }
});

describe('hasToken()', () => {
  it('finds a token in any list, in any case', () => {
    expect(hasToken(['close', 'keep-alive, Upgrade'], 'upgrade')).to.equal(true);
    expect(hasToken(['uPGRADE'], 'Upgrade')).to.equal(true);
  });

  it('does not take a part of an element for it', () => {
    expect(hasToken(['upgrades, no-upgrade', ''], 'upgrade')).to.equal(false);
  });
});

describe('parseElement()', () => {
  it('reads a name with parameters', () => {
    const text = 'permessage-deflate; client_max_window_bits; server_max_window_bits=10';
    expect(parseElement(text)).to.deep.equal({
      name: 'permessage-deflate',
      parameters: [
        { name: 'client_max_window_bits', value: undefined },
        { name: 'server_max_window_bits', value: '10' },
      ],
    });
  });

  it('keeps repeated parameters and names that objects have', () => {
    expect(parseElement('x;a=1;a=2;__proto__')?.parameters).to.deep.equal([
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
      { name: '__proto__', value: undefined },
    ]);
  });

  it('does not split a quoted value', () => {
    expect(parseElement('x; a="1;2"')?.parameters).to.deep.equal([{ name: 'a', value: '1;2' }]);
  });

  for (const text of ['', 'a b', '"a"', 'x;', 'x; =1', 'x; a=', 'x; a=b c', 'x; a="b', 'x; a b']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseElement(text)).to.equal(undefined);
    });
  }
});

describe('parseParameter()', () => {
  it('lets white space around the sign of equality pass', () => {
    expect(parseParameter('realm = "a b"')).to.deep.equal({ name: 'realm', value: 'a b' });
  });
});

describe('unquote()', () => {
  const cases: Record<string, string | undefined> = {
    '""': '',
    '"a b"': 'a b',
    '"a\\"b\\\\c\\d"': 'a"b\\cd',
    '"a': undefined,
    '"a\\"': undefined,
    '"a"b': undefined,
    a: undefined,
    '': undefined,
  };
  for (const [text, content] of Object.entries(cases)) {
    it(`makes ${content ?? 'nothing'} of ${text}`, () => {
      expect(unquote(text)).to.equal(content);
    });
  }
});

describe('the scanners of header lists', () => {
  // A million characters take milliseconds; a quadratic scan would take minutes.
  const hostile: Record<string, string> = {
    'white space': 'a' + ' '.repeat(1e6) + 'b',
    commas: ','.repeat(1e6),
    quotes: '"'.repeat(1e6),
    backslashes: '"' + '\\'.repeat(1e6),
    semicolons: ';'.repeat(1e6),
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`read a million ${name} in linear time`, () => {
      splitList(text);
      parseElement(text);
      parseElement(`x; a=${text}`);
      unquote(text);
    }).timeout(60_000);
  }
});
