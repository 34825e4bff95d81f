import { expect } from 'chai';
import {
  CLIENT_HEAD_LIMITS,
  HeadReader,
  hasLineBreak,
  isFieldText,
  SERVER_HEAD_LIMITS,
  writeHead,
  type HeadFailure,
  type HeadLimits,
  type HeadResult,
  type WrittenHead,
} from '../../lib/codec/http-head.ts';

const small: HeadLimits = {
  maxFields: 3,
  maxFieldSize: 20,
  maxSize: 70,
  maxStartLine: 24,
  maxEmptyLines: 1,
};

/** What a fresh reader makes of `text`; no characters above U+00FF. */
function push(text: string, limits: HeadLimits = SERVER_HEAD_LIMITS): HeadResult | undefined {
  return new HeadReader(limits).push(Buffer.from(text, 'latin1'));
}

function headOf(result: HeadResult | undefined): WrittenHead | undefined {
  return result !== undefined && 'head' in result ? result.head : undefined;
}

function failureOf(result: HeadResult | undefined): Partial<HeadFailure> | undefined {
  if (result === undefined || !('failure' in result)) return undefined;
  return { failure: result.failure, part: result.part };
}

describe('HeadReader', () => {
  describe('push()', () => {
    it('takes a head apart', () => {
      const text = 'GET /a HTTP/1.1\r\nHost: h\r\nX-Own:v w \r\n\r\n';
      expect(headOf(push(text))).to.deep.equal({
        startLine: 'GET /a HTTP/1.1',
        fields: ['Host', 'h', 'X-Own', 'v w'],
        text,
      });
    });

    it('takes a head without fields', () => {
      const text = 'HTTP/1.1 404 Not Found\r\n\r\n';
      const head = headOf(push(text, CLIENT_HEAD_LIMITS));
      expect(head).to.deep.equal({ startLine: 'HTTP/1.1 404 Not Found', fields: [], text });
    });

    it('leaves an empty line before the head out of its text', () => {
      expect(headOf(push('\r\nx\r\n\r\nrest'))?.text).to.equal('x\r\n\r\n');
    });

    it('keeps repeated names, their case and their order', () => {
      const head = headOf(push('x\r\nA: 1\r\nb: 2\r\na: 3\r\n\r\n'));
      expect(head?.fields).to.deep.equal(['A', '1', 'b', '2', 'a', '3']);
    });

    it('keeps empty values, tabs, colons and bytes above 127', () => {
      const head = headOf(push('x\r\nA:\r\nB: \t \r\nC: a\tb:c \xe9\xff\xa0\r\n\r\n'));
      expect(head?.fields).to.deep.equal(['A', '', 'B', '', 'C', 'a\tb:c \xe9\xff\xa0']);
    });

    it('joins folded lines with one space', () => {
      const head = headOf(push('x\r\nA: one \r\n  two\r\n\t\r\n three\r\nB:\r\n four\r\n\r\n'));
      expect(head?.fields).to.deep.equal(['A', 'one two three', 'B', 'four']);
    });

    it('gives back what follows the head, without copying', () => {
      const chunk = Buffer.from('x\r\n\r\n\x81\x00after', 'latin1');
      const result = new HeadReader(SERVER_HEAD_LIMITS).push(chunk);

      expect(result).to.have.property('rest');
      const { rest } = result as { rest: Buffer };
      expect(rest.equals(chunk.subarray(5))).to.equal(true);
      expect(rest.buffer).to.equal(chunk.buffer);
    });

    it('gives back no more than the last chunk has behind the head', () => {
      const reader = new HeadReader(SERVER_HEAD_LIMITS);
      expect(reader.push(Buffer.from('x\r\nA: 1\r\n\r'))).to.equal(undefined);

      const result = reader.push(Buffer.from('\nrest'));

      expect(headOf(result)?.fields).to.deep.equal(['A', '1']);
      expect((result as { rest: Buffer }).rest.toString()).to.equal('rest');
    });

    it('is not disturbed when a chunk is overwritten after it was pushed', () => {
      const reader = new HeadReader(SERVER_HEAD_LIMITS);
      const chunk = Buffer.from('x\r\nA: 1');
      reader.push(chunk);
      chunk.fill(0);

      expect(headOf(reader.push(Buffer.from('\r\n\r\n')))?.fields).to.deep.equal(['A', '1']);
    });

    it('waits when nothing came', () => {
      expect(push('')).to.equal(undefined);
    });

    it('reads the next head after one', () => {
      const reader = new HeadReader(SERVER_HEAD_LIMITS);
      reader.push(Buffer.from('one\r\nA'));
      reader.push(Buffer.from(': 1\r\n\r\n'));

      const next = headOf(reader.push(Buffer.from('two\r\nB: 2\r\n\r\n')));
      const text = 'two\r\nB: 2\r\n\r\n';
      expect(next).to.deep.equal({ startLine: 'two', fields: ['B', '2'], text });
    });

    it('repeats a failure, whatever comes', () => {
      const reader = new HeadReader(SERVER_HEAD_LIMITS);
      const failure = reader.push(Buffer.from('\0'));

      expect(reader.push(Buffer.from('x\r\n\r\n'))).to.equal(failure);
      expect(reader.heldBytes).to.equal(0);
    });
  });

  describe('an empty line before the start line', () => {
    it('is skipped once by a server (RFC 9112 §2.2)', () => {
      expect(headOf(push('\r\nGET / HTTP/1.1\r\n\r\n'))?.startLine).to.equal('GET / HTTP/1.1');
      expect(failureOf(push('\r\n\r\nGET / HTTP/1.1\r\n\r\n'))).to.deep.equal({
        failure: 'malformed',
        part: 'startLine',
      });
    });

    it('is refused by a client, as in Qt', () => {
      const result = push('\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n', CLIENT_HEAD_LIMITS);
      expect(failureOf(result)).to.deep.equal({ failure: 'malformed', part: 'startLine' });
    });
  });

  describe('what is no head', () => {
    // The bar stands behind the byte that proves it.
    const malformed: Record<string, [text: string, part: HeadFailure['part']]> = {
      'a line feed alone after the start line': ['GET / HTTP/1.1\n|Host: h\r\n\r\n', 'startLine'],
      'a line feed alone at the start': ['\n|GET / HTTP/1.1\r\n\r\n', 'startLine'],
      'a line feed alone after a field': ['x\r\nA: 1\n|B: 2\r\n\r\n', 'fields'],
      'a line feed alone in a name': ['x\r\nA\n|: 1\r\n\r\n', 'fields'],
      'an empty line of a line feed alone': ['x\r\nA: 1\r\n\n|\r\n', 'fields'],
      'a carriage return alone': ['x\r\nA: 1\rB|: 2\r\n\r\n', 'fields'],
      'a carriage return alone in the start line': ['GET /\r |HTTP/1.1\r\n\r\n', 'startLine'],
      'two carriage returns': ['x\r\nA: 1\r\r|\n\r\n', 'fields'],
      'a NUL in a value': ['x\r\nA: 1\0|\r\n\r\n', 'fields'],
      'a NUL in the start line': ['V R\0|P\r\n\r\n', 'startLine'],
      'a NUL in a name': ['x\r\nA\0|: 1\r\n\r\n', 'fields'],
      'the start of a TLS connection': ['\x16|\x03\x01\x00\x05\x01', 'startLine'],
      'a DEL': ['x\r\nA: \x7f|\r\n\r\n', 'fields'],
      'an escape character': ['x\r\nA: \x1b|[0m\r\n\r\n', 'fields'],
      'a vertical tab': ['x\r\nA: \x0b|\r\n\r\n', 'fields'],
      'a line without a colon': ['x\r\nA |1\r\n\r\n', 'fields'],
      'a line of a name alone': ['x\r\nAbc\r|\n\r\n', 'fields'],
      'a line without a name': ['x\r\n:| 1\r\n\r\n', 'fields'],
      'white space before the colon': ['x\r\nA |: 1\r\n\r\n', 'fields'],
      'a tab before the colon': ['x\r\nA\t|: 1\r\n\r\n', 'fields'],
      'a name with a separator': ['x\r\nA(|b): 1\r\n\r\n', 'fields'],
      'a name beyond ASCII': ['x\r\n\xe9|: 1\r\n\r\n', 'fields'],
      'white space before the first field': ['x\r\n |A: 1\r\n\r\n', 'fields'],
      'a tab before the first field': ['x\r\n\t|A: 1\r\n\r\n', 'fields'],
      'white space instead of fields': ['x\r\n |\r\n', 'fields'],
    };
    for (const [name, [marked, part]] of Object.entries(malformed)) {
      const text = marked.replace('|', '');

      it(`is ${name}`, () => {
        expect(failureOf(push(text))).to.deep.equal({ failure: 'malformed', part });
      });

      it(`is ${name}, byte by byte: seen with the byte that proves it`, () => {
        const reader = new HeadReader(SERVER_HEAD_LIMITS);
        const proof = marked.indexOf('|') - 1;
        const bytes = Buffer.from(text, 'latin1');
        for (let i = 0; i < proof; i++) {
          expect(reader.push(bytes.subarray(i, i + 1)), `byte ${i}`).to.equal(undefined);
        }

        const seen = reader.push(bytes.subarray(proof, proof + 1));
        expect(seen).to.deep.equal(push(text));
      });
    }
  });

  describe('a start line', () => {
    const isGood = (line: string): boolean => line === 'good';

    function pushGood(text: string): HeadResult | undefined {
      return new HeadReader(SERVER_HEAD_LIMITS, isGood).push(Buffer.from(text));
    }

    it('that is wanted begins a head', () => {
      expect(headOf(pushGood('\r\ngood\r\n\r\n'))?.startLine).to.equal('good');
    });

    it('that is not wanted fails at its end, and is told', () => {
      expect(pushGood('bad\r')).to.equal(undefined);
      expect(pushGood('bad\r\n')).to.deep.equal({
        failure: 'malformed',
        part: 'startLine',
        reason: 'The start line is malformed.',
        startLine: 'bad',
      });
    });

    it('is judged before what follows it', () => {
      expect(failureOf(pushGood('bad\r\n\0'))).to.deep.equal({
        failure: 'malformed',
        part: 'startLine',
      });
    });
  });

  describe('the limits', () => {
    const fits: Record<string, string> = {
      'a start line of the allowed size with its end': `${'s'.repeat(22)}\r\n\r\n`,
      'a field of the allowed size': `x\r\nA:${'v'.repeat(18)}\r\n\r\n`,
      'a folded field of the allowed size': `x\r\nA:${'v'.repeat(8)}\r\n ${'v'.repeat(9)}\r\n\r\n`,
      'the allowed number of fields': 'x\r\nA:\r\nB:\r\nC:\r\n\r\n',
      'a head of the allowed size': `${'s'.repeat(20)}\r\n${`A:${'v'.repeat(12)}\r\n`.repeat(2)}B:${'v'.repeat(10)}\r\n\r\n`,
    };
    for (const [name, text] of Object.entries(fits)) {
      it(`let ${name} pass`, () => {
        expect(headOf(push(text, small))).to.have.property('startLine');
      });
    }

    const tooLarge: Record<string, [text: string, part: HeadFailure['part']]> = {
      'a start line that is a byte longer': [`${'s'.repeat(23)}\r\n\r\n`, 'startLine'],
      'a start line without an end': ['s'.repeat(23), 'startLine'],
      'a field that is a byte longer': [`x\r\nA:${'v'.repeat(19)}\r\n\r\n`, 'fields'],
      'a field without an end': [`x\r\nA:${'v'.repeat(19)}`, 'fields'],
      'a name without an end': [`x\r\n${'A'.repeat(21)}`, 'fields'],
      'a field that is too long with its folded line': [
        `x\r\nA:${'v'.repeat(8)}\r\n ${'v'.repeat(10)}`,
        'fields',
      ],
      'a field of endless empty folds': [`x\r\nA:${'\r\n '.repeat(19)}`, 'fields'],
      'one field more': ['x\r\nA:\r\nB:\r\nC:\r\nD:\r\n', 'fields'],
      'a head that is a byte larger': [
        `${'s'.repeat(20)}\r\n${`A:${'v'.repeat(12)}\r\n`.repeat(2)}B:${'v'.repeat(11)}\r\n\r\n`,
        'head',
      ],
      'a head of the allowed size without its end': [
        `${'s'.repeat(20)}\r\n${`A:${'v'.repeat(12)}\r\n`.repeat(3)}`,
        'head',
      ],
    };
    for (const [name, [text, part]] of Object.entries(tooLarge)) {
      it(`refuse ${name}`, () => {
        const atOnce = failureOf(push(text, small));
        expect(atOnce).to.deep.equal({ failure: 'tooLarge', part });

        const reader = new HeadReader(small);
        let dripped: HeadResult | undefined;
        for (const byte of Buffer.from(text)) dripped ??= reader.push(Buffer.of(byte));
        expect(failureOf(dripped)).to.deep.equal(atOnce);
      });
    }

    it('of a server are those of Qt', () => {
      expect(SERVER_HEAD_LIMITS).to.include({
        maxFields: 100,
        maxFieldSize: 8192,
        maxSize: 819_204,
        maxStartLine: 8192,
      });
    });

    it('of a client are those of Qt', () => {
      expect(CLIENT_HEAD_LIMITS).to.include({
        maxFields: 100,
        maxFieldSize: 102_400,
        maxSize: 819_204,
      });
    });
  });

  it('holds no more than the largest head, however large the chunks', () => {
    const reader = new HeadReader(small);
    reader.push(Buffer.from('x\r\nA: 1\r\n'));
    expect(reader.heldBytes).to.equal(9);

    reader.push(Buffer.alloc(10_000, 'a'));
    expect(reader.heldBytes).to.equal(0);
  });

  it('holds nothing back of a head that came whole', () => {
    const reader = new HeadReader(SERVER_HEAD_LIMITS);
    reader.push(Buffer.from('x\r\n\r\nrest'));
    expect(reader.heldBytes).to.equal(0);
  });

  it('reads the largest head byte by byte in linear time', () => {
    const reader = new HeadReader(CLIENT_HEAD_LIMITS);
    const field = Buffer.from(`A:${'v'.repeat(102_000)}\r\n`);
    const wire = Buffer.concat([Buffer.from('x\r\n'), ...Array<Buffer>(8).fill(field)]);
    let result: HeadResult | undefined;
    for (let i = 0; i < wire.length; i++) result ??= reader.push(wire.subarray(i, i + 1));
    result ??= reader.push(Buffer.from('\r\n'));

    expect(headOf(result)?.fields).to.have.lengthOf(16);
  });
});

describe('writeHead()', () => {
  it('writes the start line, the fields and an empty line', () => {
    const bytes = writeHead('GET / HTTP/1.1', ['Host', 'h', 'X-Own', '']);
    expect(bytes.toString('latin1')).to.equal('GET / HTTP/1.1\r\nHost: h\r\nX-Own: \r\n\r\n');
  });

  it('writes Latin-1, and question marks for what it does not have', () => {
    const bytes = writeHead('x', ['A', '\u00e9\u20ac']);
    expect(bytes.equals(Buffer.from('x\r\nA: \xe9?\r\n\r\n', 'latin1'))).to.equal(true);
  });

  it('makes no line break of a character whose low byte is one', () => {
    const bytes = writeHead('x', ['A', '1\u010d\u010aB: 2']);
    expect(bytes.toString('latin1')).to.equal('x\r\nA: 1??B: 2\r\n\r\n');
  });
});

describe('hasLineBreak()', () => {
  for (const [name, text] of Object.entries({ CR: 'a\rb', LF: 'a\n', NUL: '\0' })) {
    it(`finds ${name}`, () => {
      expect(hasLineBreak(text)).to.equal(true);
    });
  }

  it('finds none in a value with tabs and Latin-1', () => {
    expect(hasLineBreak('a\tb \u00e9')).to.equal(false);
  });
});

describe('isFieldText()', () => {
  for (const text of ['\0', 'a\rb', 'a\n', '\x1b', '\x7f', '\b']) {
    it(`is false for ${JSON.stringify(text)}`, () => {
      expect(isFieldText(text)).to.equal(false);
    });
  }

  it('is true for tabs, Latin-1 and what is beyond', () => {
    expect(isFieldText('')).to.equal(true);
    expect(isFieldText('a\tb \u00e9\u0080\u010a')).to.equal(true);
  });
});
