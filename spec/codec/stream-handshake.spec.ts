import { expect } from 'chai';
import { HandshakeRequest } from '../../lib/codec/handshake-request.ts';
import { readStreamResponse } from '../../lib/codec/handshake-response.ts';
import { refuse, type Refusal } from '../../lib/codec/refusal.ts';
import {
  readStreamRequest,
  streamResponse,
  streamVersionRefusal,
  writeStreamRefusal,
  writeStreamRequest,
} from '../../lib/codec/stream-handshake.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';

const ASKED = {
  resourceName: '/chat?room=1',
  host: 'host.example:8443',
  origin: '',
  subprotocols: [],
  headers: undefined,
};

const NOW = new Date('2026-01-02T03:04:05Z');

/** The fields of a good request, with others in place of some; undefined leaves one out. */
function fields(changes: Record<string, string | undefined> = {}): string[] {
  const all = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'https',
    ':path': '/chat?room=1',
    ':authority': 'host.example:8443',
    'sec-websocket-version': '13',
    ...changes,
  };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}

describe('writeStreamRequest()', () => {
  it('asks for the protocol, without a key and an upgrade', () => {
    const written = writeStreamRequest(
      { ...ASKED, origin: 'https://a.example', subprotocols: ['a', 'b'], extensions: 'x' },
      true,
    );

    expect(written).to.deep.equal([
      ':method',
      'CONNECT',
      ':protocol',
      'websocket',
      ':scheme',
      'https',
      ':authority',
      'host.example:8443',
      ':path',
      '/chat?room=1',
      'origin',
      'https://a.example',
      'sec-websocket-version',
      '13',
      'sec-websocket-extensions',
      'x',
      'sec-websocket-protocol',
      'a, b',
    ]);
  });

  it('says http without TLS', () => {
    expect(writeStreamRequest(ASKED, false)).to.include('http');
  });

  it('leaves out what HTTP/2 does not have, and takes Host for the authority', () => {
    const headers = new QHttpHeaders();
    for (const name of ['Keep-Alive', 'Proxy-Connection', 'TE', 'HTTP2-Settings']) {
      headers.append(name, 'x');
    }
    headers.append('Host', 'other.example');
    headers.append('X-Token', 'abc');

    const written = writeStreamRequest({ ...ASKED, headers }, true);

    expect(written).to.deep.equal([
      ':method',
      'CONNECT',
      ':protocol',
      'websocket',
      ':scheme',
      'https',
      ':authority',
      'other.example',
      ':path',
      '/chat?room=1',
      'sec-websocket-version',
      '13',
      'x-token',
      'abc',
    ]);
  });

  it('refuses what writeHandshakeRequest() refuses', () => {
    expect(writeStreamRequest({ ...ASKED, origin: 'http://a\r\nx: y' }, true)).to.equal(
      'The origin contains newlines. Possible attack detected.',
    );
  });
});

describe('readStreamRequest()', () => {
  it('reads what a client has asked for', () => {
    const request = readStreamRequest(
      fields({ origin: 'https://a.example', 'sec-websocket-protocol': 'a, b' }),
      true,
    ) as HandshakeRequest;

    expect(request.written.url.toString()).to.equal('wss://host.example:8443/chat?room=1');
    expect(request.written.headers.value('sec-websocket-version')).to.equal('13');
    expect(request.subprotocols).to.deep.equal(['a', 'b']);
    expect([request.host, request.origin, request.version]).to.deep.equal([
      'host.example',
      'https://a.example',
      13,
    ]);
  });

  it('takes a Host beside the authority that says the same', () => {
    const request = readStreamRequest(fields({ host: 'HOST.example:8443' }), true);

    expect(request).to.be.an.instanceOf(HandshakeRequest);
  });

  it('makes one header of cookies that came in several, as HTTP/1.1 has them', () => {
    const cookies = ['cookie', 'theme=dark', 'x-a', 'b', 'cookie', 'session=1', 'cookie', 'c=d'];

    const { written } = readStreamRequest([...fields(), ...cookies], true) as HandshakeRequest;

    expect(written.headers.values('cookie')).to.deep.equal(['theme=dark; session=1; c=d']);
    expect(written.headers.value('x-a')).to.equal('b');
  });

  it('counts those as one', () => {
    const many = Array.from({ length: 150 }, (_, i) => ['cookie', `c${i}=`]).flat();

    const request = readStreamRequest([...fields(), ...many], true);

    expect(request).to.be.an.instanceOf(HandshakeRequest);
  });

  const wrong: Record<string, [changes: Record<string, string | undefined>, status: number]> = {
    'another method': [{ ':method': 'GET', ':protocol': undefined }, 405],
    HEAD: [{ ':method': 'HEAD', ':protocol': undefined }, 405],
    'the CONNECT of a proxy': [{ ':protocol': undefined, ':path': undefined }, 405],
    'another protocol': [{ ':protocol': 'connect-udp' }, 501],
    'no path': [{ ':path': '' }, 400],
    'a path without a slash': [{ ':path': 'chat' }, 400],
    'a path with white space': [{ ':path': '/a b' }, 400],
    'no authority': [{ ':authority': '' }, 400],
    'an authority with user information': [{ ':authority': 'user@host.example' }, 400],
    'a Host that is another one': [{ host: 'other.example' }, 400],
    'no version': [{ 'sec-websocket-version': undefined }, 400],
    'a body': [{ 'content-length': '5' }, 400],
    'a subprotocol that is none': [{ 'sec-websocket-protocol': 'a b' }, 400],
    'a control character in a header': [{ 'x-a': 'a\u0001b' }, 400],
  };
  for (const [what, [changes, status]] of Object.entries(wrong)) {
    it(`refuses ${what} with ${status}`, () => {
      expect((readStreamRequest(fields(changes), true) as Refusal).status).to.equal(status);
    });
  }

  it('refuses more than a hundred headers', () => {
    const many = Array.from({ length: 101 }, (_, i) => [`x-${i}`, '']).flat();

    expect((readStreamRequest([...fields(), ...many], true) as Refusal).status).to.equal(431);
  });
});

describe('streamResponse()', () => {
  it('has a status for the 101, and names in lower case', () => {
    expect(streamResponse(['Sec-WebSocket-Protocol', 'a', 'Server', 'S'])).to.deep.equal([
      ':status',
      '200',
      'sec-websocket-protocol',
      'a',
      'server',
      'S',
    ]);
  });
});

describe('writeStreamRefusal()', () => {
  it('has the detail for a body', () => {
    const refusal = refuse(404, 'Not Found', 'Nothing here.', ['Upgrade', 'websocket', 'X', 'y']);

    const { fields: written, body } = writeStreamRefusal(refusal, 'S', NOW);

    expect(written).to.deep.equal([
      ':status',
      '404',
      'x',
      'y',
      'server',
      'S',
      'date',
      'Fri, 02 Jan 2026 03:04:05 GMT',
      'content-type',
      'text/plain; charset=utf-8',
      'content-length',
      '14',
    ]);
    expect(String(body)).to.equal('Nothing here.\n');
  });

  it('only counts the body for HEAD', () => {
    const refusal = { ...refuse(404, 'Not Found', 'Nothing here.'), isHeadOnly: true };

    const { fields: written, body } = writeStreamRefusal(refusal, '', NOW);

    expect(written).to.include('14');
    expect(body).to.have.lengthOf(0);
  });

  it('says nothing more where Qt does not', () => {
    const { fields: written, body } = writeStreamRefusal(refuse(403, 'Forbidden', ''), 'S', NOW);

    expect(written).to.deep.equal([':status', '403']);
    expect(body).to.have.lengthOf(0);
  });

  it('names the version that is spoken, with a status that asks for no upgrade', () => {
    const { fields: written } = writeStreamRefusal(streamVersionRefusal(), '', NOW);

    expect(written.slice(0, 4)).to.deep.equal([':status', '400', 'sec-websocket-version', '13']);
  });
});

describe('readStreamResponse()', () => {
  it('takes a 200 without a key', () => {
    const head = { startLine: 'HTTP/2.0 200 OK', fields: ['sec-websocket-protocol', 'a'] };

    expect(readStreamResponse(head, { subprotocols: ['a'] })).to.deep.equal({ subprotocol: 'a' });
  });

  const refusals: Record<string, [head: string, fields: string[], failure: RegExp]> = {
    'a 101': ['HTTP/2.0 101 Switching Protocols', [], /Unhandled http status code: 101/],
    'a 403': ['HTTP/2.0 403 Forbidden', [], /Unhandled http status code: 403 \(Forbidden\)/],
    'a subprotocol that was not asked for': [
      'HTTP/2.0 200 OK',
      ['sec-websocket-protocol', 'b'],
      /chosen protocol b which has not been requested/,
    ],
    'an extension that was not asked for': [
      'HTTP/2.0 200 OK',
      ['sec-websocket-extensions', 'x'],
      /chosen extension x which has not been requested/,
    ],
    'a version that we do not have': [
      'HTTP/2.0 400 Bad Request',
      ['sec-websocket-version', '14'],
      /requests a version that we don't support: 14/,
    ],
  };
  for (const [what, [startLine, list, failure]] of Object.entries(refusals)) {
    it(`refuses ${what}`, () => {
      const verdict = readStreamResponse({ startLine, fields: list }, { subprotocols: ['a'] });

      expect((verdict as { failure: string }).failure).to.match(failure);
    });
  }
});
