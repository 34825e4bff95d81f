import { expect } from 'chai';
import { acceptDeflateOffer, readDeflateAnswer } from '../../lib/codec/deflate-parameters.ts';
import { HandshakeRequest } from '../../lib/codec/handshake-request.ts';
import { readHandshakeResponse } from '../../lib/codec/handshake-response.ts';
import { HttpAuthentication } from '../../lib/codec/http-authentication.ts';
import { HeadReader, SERVER_HEAD_LIMITS } from '../../lib/codec/http-head.ts';
import { chooseSubprotocol } from '../../lib/codec/negotiation.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { SAMPLE_ACCEPT, SAMPLE_KEY, upgradeRequest } from '../support/raw-client.ts';

/** The names that every object has, with some in other cases. */
const NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Array.prototype),
  ...Object.getOwnPropertyNames(Map.prototype).filter((name) => name !== 'size'),
  'prototype',
  '__PROTO__',
];

const ANY_DEFLATE = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

// GHSA-5v72-xg48-5rpm (ws): such a name was looked up in an object, found, and called or indexed.
describe('Names that every object has', () => {
  it('are nothing but names in a request', () => {
    for (const name of NAMES) {
      const request = read(
        `${name}: a value`,
        `Sec-WebSocket-Protocol: ${name}, chat`,
        `Sec-WebSocket-Extensions: ${name}, a; ${name}, b; ${name}=${name}`,
      );

      expect(request.written.headers.values(name), name).to.deep.equal(['a value']);
      expect(request.subprotocols, name).to.deep.equal([name, 'chat']);
      expect(request.extensions, name).to.have.lengthOf(3);
      expect(chooseSubprotocol(request.subprotocols, ['chat']), name).to.equal('chat');
    }
  });

  it('do not become names of fields that nobody has sent', () => {
    const { headers } = read().written;
    const unsent = NAMES.filter((name) => headers.contains(name) || headers.value(name) !== '');

    expect(unsent).to.deep.equal([]);
    expect(new QHttpHeaders().contains('constructor')).to.equal(false);
  });

  it('are no extension that a server knows', () => {
    for (const name of NAMES) {
      expect(acceptDeflateOffer([name, `${name}; ${name}=1`], ANY_DEFLATE), name).to.equal(
        undefined,
      );
    }
  });

  it('are no parameters that a server or a client knows', () => {
    for (const name of NAMES) {
      const offers = [`permessage-deflate; ${name}`, `permessage-deflate; ${name}=10`];

      expect(acceptDeflateOffer(offers, ANY_DEFLATE), name).to.equal(undefined);
      for (const offer of offers) {
        expect(readDeflateAnswer(offer, ANY_DEFLATE), name).to.be.a('string');
      }
    }
  });

  it('are no extension and no subprotocol that a client has asked for', () => {
    for (const name of NAMES) {
      for (const field of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol']) {
        const fields = ['Upgrade', 'websocket', 'Connection', 'Upgrade'];
        fields.push('Sec-WebSocket-Accept', SAMPLE_ACCEPT, field, name);
        const head = { startLine: 'HTTP/1.1 101 Switching Protocols', fields };
        const verdict = readHandshakeResponse(head, { key: SAMPLE_KEY, subprotocols: ['chat'] });

        expect(verdict, `${field}: ${name}`).to.have.property('failure');
      }
    }
  });

  it('mean nothing in a challenge', () => {
    for (const name of NAMES) {
      const authentication = new HttpAuthentication({ user: 'u', password: 'p' });
      const challenges = [
        `${name} realm="r"`,
        `Digest realm="r", nonce="n", algorithm=${name}`,
        `Digest realm="r", nonce="n", qop=${name}`,
        `Digest ${name}="n"`,
        `Basic ${name}="x", realm="r"`,
      ];

      // Basic is the only one that can be answered.
      authentication.challenged(challenges, () => {});
      const answer = authentication.authorization({ method: 'GET', uri: '/' });
      expect(answer, name).to.equal(`Basic ${Buffer.from('u:p').toString('base64')}`);
    }
  });

  it('leave no trace', () => {
    expect({}).to.not.have.any.keys('a value', 'polluted');
    expect(Object.getOwnPropertyNames(Object.prototype)).to.have.lengthOf(12);
  });
});

/** A request with further lines, as a server reads it. */
function read(...lines: string[]): HandshakeRequest {
  const [start, end] = [upgradeRequest().slice(0, -2), '\r\n'];
  const head = [start, ...lines.map((line) => line + end), end].join('');
  const result = new HeadReader(SERVER_HEAD_LIMITS).push(Buffer.from(head));
  if (result === undefined || 'failure' in result) throw new Error('It is no head.');
  const request = HandshakeRequest.read(result.head, false);
  if (!(request instanceof HandshakeRequest)) throw new Error(request.detail);
  return request;
}
