import { expect } from 'chai';
import fc from 'fast-check';
import { readAsk, readRequest } from '../../lib/electron/bridge-request.ts';
import { QUrl } from '../../lib/network/qurl.ts';

const LIMITS = {
  maxIncomingFrameSize: 1,
  maxIncomingMessageSize: 2,
  closeTimeout: -1,
  incompleteMessageTimeout: 4,
};

const REQUEST = {
  version: 1,
  url: 'wss://server.example/feed?a=1',
  origin: '',
  subprotocols: ['chat'],
  headers: [['x-a', '1']],
  isCompressionWanted: false,
  limits: LIMITS,
};

describe('readRequest()', () => {
  it('gives what was asked for, and nothing beside it', () => {
    expect(readRequest({ ...REQUEST, more: 1, limits: { ...LIMITS, more: 1 } })).to.deep.equal(
      REQUEST,
    );
  });

  const wrong: Record<string, object> = {
    'no version': { version: undefined },
    'a newer version': { version: 2 },
    'a URL of another scheme': { url: 'http://server.example/' },
    'a URL of the file system': { url: 'ws+unix:/run/docker.sock:/' },
    'a URL without a host': { url: 'ws://' },
    'a URL that is none': { url: 'ws://a b/' },
    'a URL that is too long': { url: `ws://a/${'x'.repeat(8192)}` },
    'a URL that is no text': { url: ['ws://a/'] },
    'an origin that is no text': { origin: null },
    'an origin that is too long': { origin: 'x'.repeat(1025) },
    'a subprotocol that is no text': { subprotocols: [1] },
    'a subprotocol that is too long': { subprotocols: ['x'.repeat(129)] },
    'too many subprotocols': { subprotocols: Array.from({ length: 33 }, (_, i) => `p${i}`) },
    'a header without a value': { headers: [['x']] },
    'a header that is too long': { headers: [['x', 'x'.repeat(8193)]] },
    'too many headers': { headers: Array.from({ length: 101 }, () => ['x', 'y']) },
    'headers that are no list': { headers: { x: 'y' } },
    'no word on compression': { isCompressionWanted: 1 },
    'no limits': { limits: undefined },
    'a limit that is no size': { limits: { ...LIMITS, maxIncomingFrameSize: -1 } },
    'a limit with a fraction': { limits: { ...LIMITS, maxIncomingMessageSize: 1.5 } },
    'a timeout that is no number': { limits: { ...LIMITS, closeTimeout: NaN } },
  };
  for (const [what, part] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      expect(readRequest({ ...REQUEST, ...part })).to.be.a('string');
    });
  }

  const urls: Record<string, string> = {
    'WSS://Server.Example': 'wss://server.example/',
    'wss://server.example/public/../admin': 'wss://server.example/admin',
    'wss://server.example/public/%2e%2E/admin': 'wss://server.example/admin',
    'wss://server.example\\@other.example/': 'wss://server.example/@other.example/',
    'wss://server.example/#part': 'wss://server.example/',
  };
  for (const [url, plain] of Object.entries(urls)) {
    it(`takes ${url} as servers take it`, () => {
      expect(readRequest({ ...REQUEST, url })).to.deep.equal({ ...REQUEST, url: plain });
    });
  }

  it('gives no URL that QUrl would open elsewhere', () => {
    const part = fc.constantFrom(
      'a',
      '.',
      '..',
      '%2e',
      '/',
      '\\',
      '@',
      ':',
      '?',
      '#',
      '[',
      ' ',
      'é',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const read = readRequest({ ...REQUEST, url: `ws://b${parts.join('')}` });
        if (typeof read === 'string') return;
        const [judged, opened] = [new URL(read.url), new QUrl(read.url)];
        if (!opened.isValid()) return;
        expect(opened.host()).to.equal(judged.hostname);
        expect(opened.path(QUrl.FullyEncoded)).to.equal(judged.pathname);
      }),
    );
  });

  it('throws for nothing', () => {
    const field = fc.constantFrom(...Object.keys(REQUEST), ...Object.keys(LIMITS));
    fc.assert(
      fc.property(field, fc.anything(), fc.anything(), (name, value, whole) => {
        readRequest(whole);
        readRequest({ ...REQUEST, [name]: value });
        readRequest({ ...REQUEST, limits: { ...LIMITS, [name]: value } });
      }),
    );
  });
});

describe('readAsk()', () => {
  it('refuses a word on compression that is none', () => {
    expect(readAsk({ ask: 'text', text: '', compress: 1 }, 100)).to.equal(undefined);
  });

  it('keeps of bytes nothing that lies around them', () => {
    const bytes = new Uint8Array(1000).subarray(10, 11);
    const read = readAsk({ ask: 'binary', bytes }, 100);

    expect(read).to.have.nested.property('bytes.buffer.byteLength', 1);
  });

  it('throws for nothing, and lets nothing through that is too long', () => {
    const kind = fc.constantFrom('text', 'binary', 'ping', 'close', 'more', 'toString');
    const name = fc.constantFrom('text', 'bytes', 'compress', 'code', 'reason', 'cost');
    const value = fc.oneof(fc.anything(), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(kind, fc.dictionary(name, value), (ask, rest) => {
        const read = readAsk({ ask, ...rest }, 100);
        if (read?.ask === 'text') expect(read.text.length).to.be.at.most(100);
        if (read?.ask === 'binary') expect(read.bytes.length).to.be.at.most(100);
      }),
    );
  });
});
