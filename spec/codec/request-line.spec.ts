import { expect } from 'chai';
import { checkRequestLine, isRequestLine, readRequestLine } from '../../lib/codec/request-line.ts';

describe('readRequestLine()', () => {
  it('gives the target', () => {
    expect(readRequestLine('GET /chat?x=1 HTTP/1.1')).to.deep.equal({ target: '/chat?x=1' });
  });

  it('tells what to answer to another method', () => {
    expect(readRequestLine('POST / HTTP/1.1')).to.deep.equal({
      status: 405,
      reason: 'Method Not Allowed',
      detail: 'Only GET opens a WebSocket.',
      headers: ['Allow', 'GET'],
    });
  });

  it('has an answer without a body for HEAD (RFC 9110 §9.3.2)', () => {
    expect(readRequestLine('HEAD / HTTP/1.1')).to.include({ status: 405, isHeadOnly: true });
  });

  it('asks for HTTP/1.1 (RFC 6455 §4.2.1)', () => {
    expect(readRequestLine('GET / HTTP/1.0')).to.include({ status: 505 });
  });
});

describe('isRequestLine()', () => {
  it('tells what can be read from what cannot', () => {
    expect(isRequestLine('GET / HTTP/1.1')).to.equal(true);
    expect(isRequestLine('GET / HTTP/1.0')).to.equal(false);
    expect(isRequestLine('EHLO there')).to.equal(false);
  });
});

describe('checkRequestLine()', () => {
  it('finds nothing wrong with a good one', () => {
    expect(checkRequestLine('GET', '/', 'HTTP/1.1')).to.equal(undefined);
  });

  for (const target of ['', '/a b', '/a\tb', '/a\r\nX: y', '/\xe9', '/#x']) {
    it(`refuses the target ${JSON.stringify(target)}`, () => {
      expect(checkRequestLine('GET', target, 'HTTP/1.1')).to.include({ status: 400 });
    });
  }
});
