import { expect } from 'chai';
import type { HttpHead } from '../../lib/codec/http-head.ts';
import {
  bytesBeforeReuse,
  combinedValue,
  fieldValues,
  isInterim,
  isStatusLine,
  readStatusLine,
} from '../../lib/codec/http-response.ts';

function head(startLine: string, ...fields: string[]): HttpHead {
  return { startLine, fields };
}

describe('readStatusLine()', () => {
  const good: Record<string, [version: string, status: number, reason: string]> = {
    'HTTP/1.1 200 OK': ['1.1', 200, 'OK'],
    'HTTP/1.1 407 Proxy Authentication Required': ['1.1', 407, 'Proxy Authentication Required'],
    'HTTP/1.0 200 Connection established': ['1.0', 200, 'Connection established'],
    'HTTP/1.1 200 ': ['1.1', 200, ''],
    'HTTP/1.1 200': ['1.1', 200, ''],
  };
  for (const [line, [version, status, reason]] of Object.entries(good)) {
    it(`reads "${line}"`, () => {
      expect(readStatusLine(line)).to.deep.equal({ version, status, reason });
    });
  }

  const broken = [
    '',
    'hello?',
    'http/1.1 200 OK',
    ' HTTP/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/11 200 OK',
    'HTTP/1.1 OK',
  ];
  for (const line of broken) {
    it(`does not read "${line}"`, () => {
      expect(readStatusLine(line)).to.equal(undefined);
    });
  }
});

describe('isStatusLine()', () => {
  it('tells what can be read from what cannot', () => {
    expect(isStatusLine('HTTP/1.1 200')).to.equal(true);
    expect(isStatusLine('220 mail.example')).to.equal(false);
  });
});

describe('isInterim()', () => {
  for (const [line, expected] of Object.entries({
    'HTTP/1.1 100 Continue': true,
    'HTTP/1.1 101 Switching Protocols': false,
    'HTTP/1.1 103 Early Hints': true,
    'HTTP/1.1 199': true,
    'HTTP/1.1 200 OK': false,
    'HTTP/1.1 099': false,
    nothing: false,
  })) {
    it(`is ${expected} for "${line}"`, () => {
      expect(isInterim(head(line))).to.equal(expected);
    });
  }
});

describe('fieldValues()', () => {
  it('collects the values of a name in any case', () => {
    const response = head('', 'A', '1', 'b', 'a', 'a', '2');

    expect(fieldValues(response, 'a')).to.deep.equal(['1', '2']);
    expect(fieldValues(response, 'c')).to.deep.equal([]);
  });
});

describe('combinedValue()', () => {
  it('joins the values of a name', () => {
    const response = head('', 'A', '1', 'b', 'a', 'a', '2');

    expect(combinedValue(response, 'a')).to.equal('1, 2');
    expect(combinedValue(response, 'c')).to.equal('');
  });
});

describe('bytesBeforeReuse()', () => {
  const ok = 'HTTP/1.1 407 No';
  const reusable: Record<string, [response: HttpHead, length: number]> = {
    'a length': [head(ok, 'Content-Length', '12'), 12],
    'a length of 0': [head(ok, 'content-length', '0', 'Connection', 'keep-alive'), 0],
    'the same length twice': [head(ok, 'Content-Length', '5, 5', 'Content-Length', '5'), 5],
    'a value that only looks like close': [
      head(ok, 'Content-Length', '1', 'Connection', 'closer'),
      1,
    ],
  };
  for (const [what, [response, length]] of Object.entries(reusable)) {
    it(`is the length with ${what}`, () => {
      expect(bytesBeforeReuse(response)).to.equal(length);
    });
  }

  const lost: Record<string, HttpHead> = {
    'no length': head(ok),
    'a length that is none': head(ok, 'Content-Length', '-1'),
    'a length beyond all measure': head(ok, 'Content-Length', '9'.repeat(16)),
    'two lengths': head(ok, 'Content-Length', '5', 'Content-Length', '6'),
    chunks: head(ok, 'Transfer-Encoding', 'chunked', 'Content-Length', '5'),
    'Connection: close': head(ok, 'Content-Length', '5', 'Connection', 'x, Close'),
    'Proxy-Connection: close': head(ok, 'Content-Length', '5', 'Proxy-Connection', 'close'),
    'HTTP/1.0': head('HTTP/1.0 407 No', 'Content-Length', '5'),
    'no HTTP': head('hello?', 'Content-Length', '5'),
  };
  for (const [what, response] of Object.entries(lost)) {
    it(`is unknown with ${what}`, () => {
      expect(bytesBeforeReuse(response)).to.equal(undefined);
    });
  }
});
