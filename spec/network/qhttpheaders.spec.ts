import { expect } from 'chai';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';

const pairs: [string, string][] = [
  ['x-a', '1'],
  ['x-b', '2'],
  ['x-a', '3'],
];

describe('QHttpHeaders', () => {
  let headers: QHttpHeaders;

  beforeEach(() => {
    headers = QHttpHeaders.fromListOfPairs(pairs);
  });

  describe('append()', () => {
    it('adds an entry at the end under its name in lower case', () => {
      const isStored = headers.append('X-B', '4');

      expect(isStored).to.equal(true);
      expect(headers.toListOfPairs()).to.deep.equal([...pairs, ['x-b', '4']]);
    });

    const values: Record<string, [given: string, stored: string]> = {
      'spaces and tabs around it': [' \t one two\t ', 'one two'],
      nothing: ['', ''],
      'white space only': [' \t', ''],
      'a tab inside': ['a\tb', 'a\tb'],
      'the upper half of Latin-1': ['\x80é\xff', '\x80é\xff'],
    };
    for (const [what, [given, stored]] of Object.entries(values)) {
      it(`takes a value of ${what}`, () => {
        expect(headers.append('x-c', given)).to.equal(true);
        expect(headers.value('x-c')).to.equal(stored);
      });
    }

    const refused: Record<string, [name: string, value: string]> = {
      'an empty name': ['', 'v'],
      'a name with a space': ['x a', 'v'],
      'a name with a colon': ['x:', 'v'],
      'a name with a line break': ['x\r\n', 'v'],
      'a name beyond ASCII': ['ü', 'v'],
      'CR LF in the value': ['x', 'a\r\nInjected: b'],
      'CR LF at the end of the value': ['x', 'a\r\n'],
      'CR in the value': ['x', 'a\rb'],
      'LF in the value': ['x', 'a\nb'],
      'NUL in the value': ['x', 'a\0b'],
      'another control character in the value': ['x', 'a\x1fb'],
      'DEL in the value': ['x', 'a\x7fb'],
      'a character whose low byte is a line feed': ['x', '\u010a'],
      'a character beyond Latin-1': ['x', '€'],
    };
    for (const [what, [name, value]] of Object.entries(refused)) {
      it(`refuses ${what}`, () => {
        expect(headers.append(name, value)).to.equal(false);
        expect(headers.toListOfPairs()).to.deep.equal(pairs);
      });
    }

    it('takes every character of a token as a name', () => {
      expect(headers.append("!#$%&'*+-.^_`|~09azAZ", '')).to.equal(true);
      expect(headers.nameAt(3)).to.equal("!#$%&'*+-.^_`|~09azaz");
    });

    it('trims a long run of white space in linear time', () => {
      const blanks = ' '.repeat(200_000);

      headers.append('x-c', `a${blanks}b${blanks}`);

      expect(headers.value('x-c')).to.have.lengthOf(200_002);
    });
  });

  describe('insert()', () => {
    for (const [index, place] of [
      [-1, 0],
      [0, 0],
      [1, 1],
      [3, 3],
      [9, 3],
    ] as const) {
      it(`puts an entry for index ${index} at ${place}`, () => {
        expect(headers.insert(index, 'New', 'n')).to.equal(true);
        expect(headers.toListOfPairs()).to.deep.equal(pairs.toSpliced(place, 0, ['new', 'n']));
      });
    }

    it('refuses what append() refuses', () => {
      expect(headers.insert(0, 'x', '\n')).to.equal(false);
      expect(headers.size()).to.equal(3);
    });
  });

  describe('replaceOrAppend()', () => {
    it('puts the value in the first place and removes the others', () => {
      expect(headers.replaceOrAppend('X-A', '9')).to.equal(true);
      expect(headers.toListOfPairs()).to.deep.equal([
        ['x-a', '9'],
        ['x-b', '2'],
      ]);
    });

    it('adds a name that is not there at the end', () => {
      expect(headers.replaceOrAppend('x-c', '9')).to.equal(true);
      expect(headers.toListOfPairs()).to.deep.equal([...pairs, ['x-c', '9']]);
    });

    it('changes nothing when it refuses the value', () => {
      expect(headers.replaceOrAppend('x-a', '\r')).to.equal(false);
      expect(headers.toListOfPairs()).to.deep.equal(pairs);
    });
  });

  describe('looking up', () => {
    it('finds a name in any case', () => {
      expect(headers.contains('X-a')).to.equal(true);
      expect(headers.value('X-A')).to.equal('1');
      expect(headers.values('X-A')).to.deep.equal(['1', '3']);
      expect(headers.combinedValue('X-A')).to.equal('1, 3');
    });

    it('takes no value for a name', () => {
      expect(headers.contains('1')).to.equal(false);
    });

    it('answers for a name that is not there', () => {
      expect(headers.contains('x-c')).to.equal(false);
      expect(headers.value('x-c')).to.equal('');
      expect(headers.value('x-c', 'default')).to.equal('default');
      expect(headers.values('x-c')).to.deep.equal([]);
      expect(headers.combinedValue('x-c')).to.equal('');
    });

    it('tells name and value by index', () => {
      expect([headers.nameAt(2), headers.valueAt(2)]).to.deep.equal(['x-a', '3']);
    });

    for (const index of [-1, 3]) {
      it(`gives nothing for index ${index}`, () => {
        expect([headers.nameAt(index), headers.valueAt(index)]).to.deep.equal(['', '']);
      });
    }
  });

  describe('removeAll()', () => {
    it('removes every entry of a name in any case', () => {
      headers.removeAll('X-A');

      expect(headers.toListOfPairs()).to.deep.equal([['x-b', '2']]);
    });

    it('leaves a list without that name as it is', () => {
      headers.removeAll('1');

      expect(headers.toListOfPairs()).to.deep.equal(pairs);
    });
  });

  describe('clear()', () => {
    it('leaves an empty list', () => {
      expect([headers.size(), headers.isEmpty()]).to.deep.equal([3, false]);

      headers.clear();

      expect([headers.size(), headers.isEmpty()]).to.deep.equal([0, true]);
    });
  });

  describe('fromListOfPairs()', () => {
    it('leaves out what cannot be a field', () => {
      const some = QHttpHeaders.fromListOfPairs([
        ['a b', '1'],
        ['c', '2'],
      ]);

      expect(some.toListOfPairs()).to.deep.equal([['c', '2']]);
    });
  });

  it('is iterable', () => {
    expect([...headers]).to.deep.equal(pairs);
  });

  describe('clone()', () => {
    it('makes a copy that goes its own way', () => {
      const copy = headers.clone();
      headers.clear();

      expect(copy.toListOfPairs()).to.deep.equal(pairs);
    });
  });

  describe('equals()', () => {
    it('is true for the same entries in the same order', () => {
      expect(headers.equals(headers.clone())).to.equal(true);
    });

    const others: Record<string, [string, string][]> = {
      'a missing entry': pairs.slice(1),
      'one entry more': [...pairs, ['x-c', '']],
      'another order': [pairs[1]!, pairs[0]!, pairs[2]!],
      'another value': pairs.map(([name]) => [name, '0']),
    };
    for (const [what, other] of Object.entries(others)) {
      it(`is false for ${what}`, () => {
        expect(headers.equals(QHttpHeaders.fromListOfPairs(other))).to.equal(false);
      });
    }
  });
});
