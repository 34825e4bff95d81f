import { expect } from 'chai';
import { PathPattern, pathOf, segmentsOf } from '../../lib/codec/path-pattern.ts';

function read(pattern: string): PathPattern {
  return PathPattern.read(pattern) as PathPattern;
}

describe('PathPattern.read()', () => {
  for (const pattern of ['/', '/chat', '/a/', '//', '/<a>', '/a/<b>/c/<d_1>', '/%3Ca%3E', '/*']) {
    it(`takes "${pattern}"`, () => {
      expect(PathPattern.read(pattern)).to.be.instanceOf(PathPattern);
    });
  }

  const NO_PARAMETER = 'is no parameter: that is a whole segment, such as <room>.';
  const faults: Record<string, string> = {
    '': 'The path "" does not begin with a slash.',
    chat: 'The path "chat" does not begin with a slash.',
    '<a>': 'The path "<a>" does not begin with a slash.',
    '/a<b>': `In the path "/a<b>", "a<b>" ${NO_PARAMETER}`,
    '/<a>b': `In the path "/<a>b", "<a>b" ${NO_PARAMETER}`,
    '/<a><b>': `In the path "/<a><b>", "<a><b>" ${NO_PARAMETER}`,
    '/<>': `In the path "/<>", "<>" ${NO_PARAMETER}`,
    '/<a': `In the path "/<a", "<a" ${NO_PARAMETER}`,
    '/<a b>': `In the path "/<a b>", "<a b>" ${NO_PARAMETER}`,
    '/<1>': `In the path "/<1>", "<1>" ${NO_PARAMETER}`,
    '/a?b': 'The path "/a?b" has a query, or a fragment, behind it.',
    '/a#b': 'The path "/a#b" has a query, or a fragment, behind it.',
    '/<a>/<a>': 'The path "/<a>/<a>" has two parameters <a>.',
  };
  for (const [pattern, fault] of Object.entries(faults)) {
    it(`does not take "${pattern}"`, () => {
      expect(PathPattern.read(pattern)).to.equal(fault);
    });
  }
});

describe('PathPattern', () => {
  const matches: [pattern: string, path: string, fits: boolean][] = [
    ['/chat', '/chat', true],
    ['/chat', '/Chat', false],
    ['/chat', '/%63hat', false],
    ['/chat', '/chat/', false],
    ['/chat/', '/chat/', true],
    ['/', '/', true],
    ['/', '', false],
    ['/', '*', false],
    ['/<a>', '/x', true],
    ['/<a>', '/', false],
    ['/<a>', '/x/', false],
    ['/<a>', '/x/y', false],
    ['/<a>', '/x%2Fy', true],
    ['/<a>', 'x', false],
    ['/a/<b>/c', '/a/x/c', true],
    ['/a/<b>/c', '/a//c', false],
    ['/a/<b>/c', '/a/x/d', false],
    ['/<a>/<b>', '/x/y', true],
  ];
  for (const [pattern, path, fits] of matches) {
    it(`${pattern} ${fits ? 'fits' : 'does not fit'} "${path}"`, () => {
      expect(read(pattern).fits(segmentsOf(path))).to.equal(fits);
    });
  }

  describe('parametersOf()', () => {
    function valueOf(segment: string): string | undefined {
      return read('/<a>').parametersOf(['', segment])?.get('a');
    }

    it('has all by their names', () => {
      const parameters = read('/<a>/b/<toString>').parametersOf(segmentsOf('/x/b/y'));

      expect([...parameters!]).to.deep.equal([
        ['a', 'x'],
        ['toString', 'y'],
      ]);
    });

    const values: Record<string, string> = {
      x: 'x',
      'a%20b': 'a b',
      'a+b': 'a+b',
      '%C3%A9': 'é',
      '%F0%9F%98%80': '\u{1f600}',
      '%2525': '%25',
      'a;b=c': 'a;b=c',
      '...': '...',
      '.a': '.a',
      '%3F%23': '?#',
    };
    for (const [segment, value] of Object.entries(values)) {
      it(`reads ${segment} as "${value}"`, () => {
        expect(valueOf(segment)).to.equal(value);
      });
    }

    const refused =
      '% %2 %zz a% %u0041 %FF %C3 %C3%28 %C0%AF %ED%A0%80 %F5%80%80%80 . .. %2e %2E%2e .%2e %2F a%2Fb ..%2f.. %5C ..%5c %00 a%00 %0A %0d %1b %7F %C2%85';
    for (const segment of refused.split(' ')) {
      it(`does not take ${segment}`, () => {
        expect(valueOf(segment)).to.equal(undefined);
      });
    }
  });

  const rows: [more: string, less: string][] = [
    ['/a/b', '/a/<x>'],
    ['/a/<x>', '/<x>/b'],
    ['/a/b', '/<x>/<y>'],
    ['/a/<x>/c', '/a/<x>/<y>'],
  ];
  for (const [more, less] of rows) {
    it(`finds ${more} more specific than ${less}`, () => {
      expect(read(more).isMoreSpecificThan(read(less))).to.equal(true);
      expect(read(less).isMoreSpecificThan(read(more))).to.equal(false);
    });
  }

  it('finds none of two with parameters in the same places more specific', () => {
    expect(read('/a/<x>').isMoreSpecificThan(read('/a/<y>'))).to.equal(false);
    expect(read('/a/b').isMoreSpecificThan(read('/a/b'))).to.equal(false);
  });
});

describe('pathOf()', () => {
  const targets: Record<string, string> = {
    '/a?b': '/a',
    '/a#b': '/a',
    '/a?/b#c': '/a',
    'http://h/a?b': '/a',
    'http://h': '/',
    'http://h?x': '/',
    '/x?to=http://h/a': '/x',
    '*': '*',
    '': '',
  };
  for (const [target, path] of Object.entries(targets)) {
    it(`of "${target}" is "${path}"`, () => {
      expect(pathOf(target)).to.equal(path);
    });
  }
});
