import { expect } from 'chai';
import fc from 'fast-check';
import { HandshakeRequest, writeHandshakeRequest } from '../../lib/codec/handshake-request.ts';
import { HeadReader, SERVER_HEAD_LIMITS } from '../../lib/codec/http-head.ts';
import { isRefusal } from '../../lib/codec/refusal.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';

const NAMES = [
  'Host',
  'Upgrade',
  'Connection',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Origin',
  'Content-Length',
  'X',
];

describe('HandshakeRequest, for any parts', () => {
  it('never throws, and refuses with a status of HTTP', () => {
    const startLine = fc.tuple(
      fc.constantFrom('GET', 'POST', ''),
      fc.oneof(fc.webPath(), fc.string(), fc.webUrl(), fc.constant('/')),
      fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/x'),
    );
    const value = fc.oneof(
      fc.constantFrom('h', 'websocket', 'Upgrade', '13', 'a, b', '"', '0', 'h:1', '[::1]'),
      fc.string({ unit: 'binary' }),
    );
    const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 12 });
    fc.assert(
      fc.property(startLine, fields, ([method, target, version], pairs) => {
        const outcome = HandshakeRequest.fromParts(method, target, version, pairs.flat(), false);
        if (isRefusal(outcome)) expect(outcome.status).to.be.within(400, 505);
        else expect(outcome.written.url.isValid()).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('writeHandshakeRequest(), for any texts', () => {
  it('writes one request with the headers that went in, or a sentence', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, fc.array(fc.tuple(text, text)), (resource, origin, pairs) => {
        const bytes = writeHandshakeRequest({
          resourceName: `/${resource}`,
          host: 'h',
          key: 'AQIDBAUGBwgJCgsMDQ4PEA==',
          origin,
          subprotocols: [],
          headers: QHttpHeaders.fromListOfPairs(pairs),
        });
        if (typeof bytes === 'string') return;

        const result = new HeadReader(SERVER_HEAD_LIMITS).push(bytes);
        // A control character is refused by the reader; it splits no line.
        if (result === undefined) expect.fail('The request is not complete.');
        if ('failure' in result) return;
        expect(result.rest).to.have.lengthOf(0);
        expect(result.head.startLine).to.equal(`GET /${resource} HTTP/1.1`);
        expect(result.head.fields.filter((_, i) => i % 2 === 0).slice(0, 4)).to.deep.equal([
          'Host',
          'Upgrade',
          'Connection',
          'Sec-WebSocket-Key',
        ]);
      }),
    );
  });
});
