import { expect } from 'chai';
import {
  HandshakeRequest,
  reservedHeaders,
  versionRefusal,
  writeHandshakeRequest,
  type ClientHandshake,
} from '../../lib/codec/handshake-request.ts';
import { headRefusal } from '../../lib/codec/handshake-response.ts';
import { HeadReader, SERVER_HEAD_LIMITS } from '../../lib/codec/http-head.ts';
import { isRefusal, type Refusal } from '../../lib/codec/refusal.ts';
import { isRequestLine } from '../../lib/codec/request-line.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';

type Outcome = HandshakeRequest | Refusal | undefined;

/** What a server makes of `text`; `undefined` while it waits for more. */
function read(text: string, isSecure = false): Outcome {
  const result = new HeadReader(SERVER_HEAD_LIMITS, isRequestLine).push(
    Buffer.from(text, 'latin1'),
  );
  if (result === undefined) return undefined;
  if ('failure' in result) return headRefusal(result);
  return HandshakeRequest.read(result.head, isSecure);
}

const good: readonly string[] = [
  'Host: h',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==',
  'Sec-WebSocket-Version: 13',
];

/** A good request with other `lines` in place of the lines of the same names; a bare name leaves its line out. */
function request(lines: string[] = [], startLine = 'GET / HTTP/1.1'): string {
  const replaced = new Set(lines.map(nameOf));
  const fields = [
    ...good.filter((line) => !replaced.has(nameOf(line))),
    ...lines.filter((line) => line.includes(':')),
  ];
  return [startLine, ...fields, '', ''].join('\r\n');
}

function nameOf(line: string): string {
  return line.split(':')[0]!.toLowerCase();
}

function accepted(outcome: Outcome): HandshakeRequest {
  expect(outcome, JSON.stringify(outcome)).to.be.an.instanceOf(HandshakeRequest);
  return outcome as HandshakeRequest;
}

function statusOf(outcome: Outcome): number | undefined {
  return outcome !== undefined && isRefusal(outcome) ? outcome.status : undefined;
}

describe('HandshakeRequest', () => {
  describe('read()', () => {
    it('reads the example of RFC 6455 §1.2', () => {
      const example =
        'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n' +
        'Sec-WebSocket-Version: 13\r\n\r\n';
      const outcome = accepted(read(example));

      expect(outcome).to.include({
        key: 'dGhlIHNhbXBsZSBub25jZQ==',
        origin: 'http://example.com',
        host: 'server.example.com',
      });
      expect(outcome.written.url.toEncoded()).to.equal('ws://server.example.com/chat');
      expect(outcome.version).to.equal(13);
      expect(outcome.subprotocols).to.deep.equal(['chat', 'superchat']);
      expect(outcome.extensions).to.deep.equal([]);
      expect(outcome.written.headers.nameAt(5)).to.equal('sec-websocket-protocol');
      expect(outcome.written.headers.size()).to.equal(7);
    });

    it('gives secure servers a wss URL', () => {
      expect(accepted(read(request(), true)).written.url.toEncoded()).to.equal('wss://h/');
    });

    it('has an empty origin when the client sends none', () => {
      expect(accepted(read(request())).origin).to.equal('');
    });
  });

  // The rows of Qt's tst_handshakerequest, with a key of 16 bytes.
  describe('read() with the requests of Qt’s test', () => {
    const qt = [
      'Host: foo.com',
      'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
    ];

    /** The good request of that test with another line in place of the one of its name. */
    function withLine(line: string): string {
      const others = qt.filter((other) => nameOf(other) !== nameOf(line));
      return request([...others, line], 'GET . HTTP/1.1');
    }

    const refused: Record<string, [text: string, status: number | undefined]> = {
      'garbage on two lines': ['foofoofoo\r\nfoofoo\r\n\r\n', 400],
      'garbage on one line': ['foofoofoofoofoo\r\n\r\n', 400],
      'three words': ['VERB RESOURCE PROTOCOL\r\n\r\n', 400],
      'three letters': ['V R P\r\n\r\n', 400],
      'a NUL between the parts': ['V R\0P\r\n\r\n', 400],
      'a version without a number': ['V R HTTP/invalid\r\n\r\n', 400],
      'a header without a value or a line end': ['GET . HTTP/1.1\r\nHost: ', undefined],
      'ten NULs': ['\0'.repeat(10), 400],
      'a Host of two bytes 0xFF without a line end': [
        'GET . HTTP/1.1\r\nHost: \xff\xff',
        undefined,
      ],
      'a Host of two bytes 0xFF': [withLine('Host: \xff\xff'), 400],
      'a version of two bytes 0xFF': [withLine('Sec-WebSocket-Version: \xff\xff'), 400],
      'a key of nine characters': [withLine('Sec-WebSocket-Key: AVDFBDDFF'), 400],
      'another verb': [request(qt, 'XXX . HTTP/1.1'), 405],
      'a letter in the HTTP version': [request(qt, 'GET . HTTP/a.1'), 400],
      'another Connection': [withLine('Connection: xxxxxxx'), 426],
      'another Upgrade': [withLine('Upgrade: wabsocket'), 426],
      'a list in Upgrade': [withLine('Upgrade: websocket,ftp'), 426],
      'white space before the first header': [`GET . HTTP/1.1\r\n ${qt.join('\r\n')}\r\n\r\n`, 400],
      'a header line without a colon': [`GET . HTTP/1.1\r\n${qt.join('\r\n')}\r\nx\r\n\r\n`, 400],
    };
    for (const [name, [text, status]] of Object.entries(refused)) {
      it(status === undefined ? `waits after ${name}` : `answers ${name} with ${status}`, () => {
        expect(statusOf(read(text))).to.equal(status);
        if (status === undefined) expect(read(text)).to.equal(undefined);
      });
    }

    it('finds Upgrade among the values of Connection', () => {
      const text = withLine('Connection: Upgrade,keepalive').replace(' . ', ' /test ');
      const outcome = accepted(read(text));

      expect(outcome.written.headers.size()).to.equal(5);
      expect(outcome.key).to.equal('AQIDBAUGBwgJCgsMDQ4PEC==');
      expect(outcome.written.url.toEncoded()).to.equal('ws://foo.com/test');
      expect(outcome.host).to.equal('foo.com');
      expect(outcome.written.url.path()).to.have.lengthOf(5);
      expect(outcome.version).to.equal(13);
      for (const name of ['host', 'sec-websocket-version', 'sec-websocket-key', 'upgrade']) {
        expect(outcome.written.headers.contains(name), name).to.equal(true);
      }
      expect(outcome.written.headers.contains('connection')).to.equal(true);
    });

    it('refuses several versions', () => {
      const text = withLine('Sec-WebSocket-Version: 4, 5, 6, 7, 8, 13');
      expect(statusOf(read(text))).to.equal(400);
    });

    it('drops white space around values and joins folded lines', () => {
      const text =
        'GET . HTTP/1.1\r\nHost:foo.com\r\nSec-WebSocket-Version:13\r\n' +
        'Sec-WebSocket-Key: \r\n\tAQIDBAUGBwgJCgsMDQ4PEC== \r\nUpgrade:websocket \r\nConnection:Upgrade,\r\n keepalive\r\n\r\n';
      const outcome = accepted(read(text));

      expect(outcome.key).to.equal('AQIDBAUGBwgJCgsMDQ4PEC==');
      expect(outcome.written.headers.value('connection')).to.equal('Upgrade, keepalive');
      expect(outcome.version).to.equal(13);
    });

    const sized: Record<string, [lines: string[], status: number | undefined]> = {
      'a line of 8192 bytes without a colon': [['f'.repeat(8192)], 400],
      'a header of 8193 bytes': [[`foo: ${'b'.repeat(8188)}`], 431],
      'a header of 8192 bytes': [[`foo: ${'b'.repeat(8187)}`], undefined],
      '101 headers': [Array<string>(96).fill('foo: bar'), 431],
      '100 headers': [Array<string>(95).fill('foo: bar'), undefined],
    };
    for (const [name, [more, status]] of Object.entries(sized)) {
      it(status === undefined ? `takes ${name}` : `answers ${name} with ${status}`, () => {
        const outcome = read(['GET . HTTP/1.1', ...qt, ...more, '', ''].join('\r\n'));
        if (status === undefined) accepted(outcome);
        else expect(statusOf(outcome)).to.equal(status);
      });
    }

    const hosts: Record<string, [host: string, port: number] | undefined> = {
      'localhost:1234': ['localhost', 1234],
      '10.0.0.1:1234': ['10.0.0.1', 1234],
      '127.0.0.1:1111': ['127.0.0.1', 1111],
      '10.0.0.1': ['10.0.0.1', 8080],
      '[56:56:56:56:56:56:56:56]:1234': ['56:56:56:56:56:56:56:56', 1234],
      '[::ffff:129.144.52.38]:1111': ['::ffff:129.144.52.38', 1111],
      '[56:56:56:56:56:56:56:56]': ['56:56:56:56:56:56:56:56', 8080],
      '56:56:56:56:56:56:56:56]:1234': undefined,
      'foo.com:1234': ['foo.com', 1234],
      'bar.net:1111': ['bar.net', 1111],
      'foo.com': ['foo.com', 8080],
      'localhost:1111': ['localhost', 1111],
      localhost: ['localhost', 8080],
      '[v7.1234]:1234': ['v7.1234', 1234],
      'abc:def@foo.com': undefined,
      ':def@foo.com': undefined,
      'abc:@foo.com': undefined,
      '@foo.com': undefined,
      'foo.com/': undefined,
    };
    for (const [text, expected] of Object.entries(hosts)) {
      it(expected === undefined ? `refuses the host ${text}` : `reads the host ${text}`, () => {
        const outcome = read(request([`Host: ${text}`]));
        if (expected === undefined) {
          expect(statusOf(outcome)).to.equal(400);
          return;
        }
        const [host, port] = expected;
        expect(accepted(outcome).host).to.equal(host);
        expect(accepted(outcome).written.url.host()).to.equal(host);
        expect(accepted(outcome).written.url.port(8080)).to.equal(port);
      });
    }
  });

  describe('the request line', () => {
    const refused: Record<string, number> = {
      'POST / HTTP/1.1': 405,
      'HEAD / HTTP/1.1': 405,
      'get / HTTP/1.1': 405,
      'GET / HTTP/1.0': 505,
      'GET / HTTP/0.9': 505,
      'G(T / HTTP/1.1': 400,
      'GET  / HTTP/1.1': 400,
      'GET /  HTTP/1.1': 400,
      'GET / HTTP/1.1 ': 400,
      ' GET / HTTP/1.1': 400,
      'GET /a b HTTP/1.1': 400,
      'GET\t/ HTTP/1.1': 400,
      'GET /': 400,
      'GET / http/1.1': 400,
      'GET / HTTP/1': 400,
      'GET / HTTP/1.1.1': 400,
      'GET / HTTP/1,1': 400,
      'GET / HTTP/10.1': 400,
      'GET / HTTP/1.:': 400,
      'GET / SIP/11.1': 400,
      'GET /\xe9 HTTP/1.1': 400,
      'GET /#x HTTP/1.1': 400,
      'GET /\tHTTP/1.1': 400,
      'GET / HTTP/1.1\t': 400,
      'GET / HTTP/+1.1': 400,
    };
    for (const [line, status] of Object.entries(refused)) {
      it(`is answered with ${status} when it is ${JSON.stringify(line)}`, () => {
        expect(statusOf(read(request([], line)))).to.equal(status);
      });
    }

    it('names GET in Allow when it has another method', () => {
      const outcome = read(request([], 'POST / HTTP/1.1')) as Refusal;
      expect(outcome.headers).to.deep.equal(['Allow', 'GET']);
    });

    for (const version of ['1.1', '1.2', '1.9', '2.0', '3.0']) {
      it(`may have version ${version}`, () => {
        accepted(read(request([], `GET / HTTP/${version}`)));
      });
    }

    it('may come after an empty line', () => {
      accepted(read(`\r\n${request()}`));
    });
  });

  describe('the target', () => {
    const urls: Record<string, string> = {
      '/': 'ws://h/',
      '/a%20b/c?x=1&y=%C3%BC': 'ws://h/a%20b/c?x=1&y=%C3%BC',
      '//other/x': 'ws://h//other/x',
      '/../x': 'ws://h/../x',
      '/a://b': 'ws://h/a://b',
      '*': 'ws://h/*',
      '.': 'ws://h/.',
      'http://other.example/abs?x=1': 'http://other.example/abs?x=1',
      'ws://other.example:81': 'ws://other.example:81',
      'HTTPS://other.example': 'https://other.example',
    };
    for (const [target, url] of Object.entries(urls)) {
      it(`${target} makes the URL ${url}`, () => {
        const outcome = accepted(read(request([], `GET ${target} HTTP/1.1`)));
        expect(outcome.written.url.toEncoded()).to.equal(url);
        expect(outcome.host).to.equal('h');
      });
    }

    const wrong = ['http://', 'http:///x', 'http://a:b@h/', 'http://h:99999/', '://x'];
    for (const target of [...wrong, 'ftp://h/', 'file://h/', 'httpx://h/']) {
      it(`${target} is refused`, () => {
        expect(statusOf(read(request([], `GET ${target} HTTP/1.1`)))).to.equal(400);
      });
    }
  });

  describe('the Host header', () => {
    it('is in lower case', () => {
      expect(accepted(read(request(['Host: WS.Example:1234']))).host).to.equal('ws.example');
      expect(accepted(read(request(['Host: WS.Example:1234']))).written.url.toEncoded()).to.equal(
        'ws://ws.example:1234/',
      );
    });

    const refused: Record<string, string[]> = {
      missing: ['Host'],
      empty: ['Host:'],
      'there twice': ['Host: h', 'Host: h'],
      'only a port': ['Host: :80'],
      'with a port out of range': ['Host: h:65536'],
      'with a query': ['Host: h?x'],
      'with a fragment': ['Host: h#x'],
      'with a backslash': ['Host: h\\x'],
      'with a space': ['Host: h x'],
      'a list': ['Host: a, b'],
      'a list without white space': ['Host: a,b'],
      'with user and password': ['Host: u:p@h'],
      'with a path': ['Host: h/'],
      'with a port that is no number': ['Host: h:http'],
      'with a port with a sign': ['Host: h:+80'],
      'with two ports': ['Host: h:80:80'],
      'with white space before the port': ['Host: h: 80'],
      'a name with a tab': ['Host: h\tx'],
      'an open bracket': ['Host: [::1'],
      'no IPv6 address': ['Host: [::g]'],
      'an IPv6 address without brackets': ['Host: ::1'],
      'an IPv6 address with something behind it': ['Host: [::1]x:80'],
      'a name with an escaped line break': ['Host: h%0d%0a'],
      'a name with an escaped slash': ['Host: h%2fx'],
      'bytes beyond ASCII': ['Host: h\xe9'],
      'an empty label': ['Host: a..b'],
    };
    for (const [name, lines] of Object.entries(refused)) {
      it(`is refused when it is ${name}`, () => {
        expect(statusOf(read(request(lines)))).to.equal(400);
      });
    }

    it('is needed with an absolute target as well', () => {
      expect(statusOf(read(request(['Host'], 'GET http://h/ HTTP/1.1')))).to.equal(400);
    });
  });

  describe('the upgrade', () => {
    const accepting: Record<string, string[]> = {
      'Upgrade in another case': ['Upgrade: WebSocket'],
      'Connection in another case': ['Connection: uPGRADE'],
      'Connection as a list': ['Connection: keep-alive, Upgrade'],
      'two Connection headers': ['Connection: keep-alive', 'Connection: Upgrade'],
    };
    for (const [name, lines] of Object.entries(accepting)) {
      it(`may have ${name}`, () => {
        accepted(read(request(lines)));
      });
    }

    const refused: Record<string, string[]> = {
      'no Upgrade': ['Upgrade'],
      'another Upgrade': ['Upgrade: h2c'],
      'a list in Upgrade': ['Upgrade: foo, websocket'],
      'two Upgrade headers': ['Upgrade: websocket', 'Upgrade: websocket'],
      'no Connection': ['Connection'],
      'another Connection': ['Connection: close'],
      'a Connection that only contains the word': ['Connection: no-upgrade'],
    };
    for (const [name, lines] of Object.entries(refused)) {
      it(`is asked for when there is ${name}`, () => {
        const outcome = read(request(lines)) as Refusal;
        expect(outcome.status).to.equal(426);
        expect(outcome.headers).to.deep.equal([
          'Upgrade',
          'websocket',
          'Sec-WebSocket-Version',
          '13',
        ]);
        expect(outcome.kind).to.equal(undefined);
      });
    }

    it('is asked for when a page is requested', () => {
      const outcome = read(
        'GET /index.html HTTP/1.1\r\nHost: h\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n',
      );
      expect(statusOf(outcome)).to.equal(426);
    });
  });

  describe('the key', () => {
    for (const [name, lines] of Object.entries({
      missing: ['Sec-WebSocket-Key'],
      empty: ['Sec-WebSocket-Key:'],
      'there twice': [good[3]!, good[3]!],
      'there twice, once empty': [good[3]!, 'Sec-WebSocket-Key:'],
      '15 bytes': ['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4P'],
      '17 bytes': ['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEBE='],
      'without its padding': ['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA'],
      'with less padding': ['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA='],
      'of the alphabet for URLs': ['Sec-WebSocket-Key: -_IDBAUGBwgJCgsMDQ4PEA=='],
      'of no base64': ['Sec-WebSocket-Key: AQIDBAUGBwg$CgsMDQ4PEA=='],
      'with something behind it': ['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA== x'],
      'with white space in it': ['Sec-WebSocket-Key: AQIDBAUGBwg JCgsMDQ4PEA=='],
    })) {
      it(`is refused when it is ${name}`, () => {
        expect(statusOf(read(request(lines)))).to.equal(400);
      });
    }

    it('may have any bits behind its 16 bytes, as the key in RFC 6455 §4.1 has', () => {
      const outcome = read(request(['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==']));
      expect(accepted(outcome).key).to.equal('AQIDBAUGBwgJCgsMDQ4PEC==');
    });
  });

  describe('the version', () => {
    for (const [text, version] of Object.entries({
      '13': 13,
      ' \t13\t ': 13,
      '8': 8,
      '0': 0,
      '4294967295': 4294967295,
    })) {
      it(`may be ${JSON.stringify(text)}`, () => {
        const lines = [`Sec-WebSocket-Version:${text}`];
        expect(accepted(read(request(lines))).version).to.equal(version);
      });
    }

    const numbers = ['+13', '-13', '013', '13.0', '0x0d', '1 3', '1\t3', '13;', '"13"'];
    const lists = [',', ',13,', '13, 8', '13, 13', '8, 13', '13, x'];
    for (const value of ['', ...numbers, ...lists, '4294967296', '9'.repeat(400)]) {
      it(`is refused when it is ${JSON.stringify(value.slice(0, 12))}`, () => {
        const outcome = read(request([`Sec-WebSocket-Version: ${value}`])) as Refusal;
        expect(outcome).to.include({ status: 400 });
        expect(outcome.headers).to.deep.equal(['Sec-WebSocket-Version', '13']);
      });
    }

    it('is refused when it is missing', () => {
      expect(statusOf(read(request(['Sec-WebSocket-Version'])))).to.equal(400);
    });

    it('is refused when it is there twice (RFC 6455 §11.3.5)', () => {
      const line = 'Sec-WebSocket-Version: 13';
      expect(statusOf(read(request([line, line])))).to.equal(400);
    });
  });

  describe('further headers', () => {
    it('list the subprotocols of all headers', () => {
      const lines = [
        'Sec-WebSocket-Protocol:  a ,,\tb\t, c',
        'Sec-WebSocket-Protocol:',
        'Sec-WebSocket-Protocol: d, __proto__',
      ];
      expect(accepted(read(request(lines))).subprotocols).to.deep.equal([
        'a',
        'b',
        'c',
        'd',
        '__proto__',
      ]);
    });

    it('may be unknown, and are kept (RFC 6455 §4.2.1)', () => {
      const lines = ['X-Unknown: a', 'Cookie: b=c', 'X-Unknown: d'];
      const { headers } = accepted(read(request(lines))).written;

      expect(headers.values('x-unknown')).to.deep.equal(['a', 'd']);
      expect(headers.values('cookie')).to.deep.equal(['b=c']);
    });

    it('list the extensions as they are written', () => {
      const lines = ['Sec-WebSocket-Extensions: a; b="12", c', 'Sec-WebSocket-Extensions: d'];
      expect(accepted(read(request(lines))).extensions).to.deep.equal(['a; b="12"', 'c', 'd']);
    });

    for (const length of ['0', '00']) {
      it(`may declare a body of ${length} bytes`, () => {
        accepted(read(request([`Content-Length: ${length}`])));
      });
    }

    const names = Array.from({ length: 257 }, (_, i) => `n${i}`).join();
    const refused: Record<string, string[]> = {
      'a body': ['Content-Length: 5'],
      'a length that is no number': ['Content-Length: +0'],
      'a length that is a list': ['Content-Length: 0, 0'],
      'an empty length': ['Content-Length:'],
      'a length in hexadecimal': ['Content-Length: 0x0'],
      'two lengths': ['Content-Length: 0', 'Content-Length: 0'],
      'two different lengths': ['Content-Length: 0', 'Content-Length: 5'],
      'a chunked body': ['Transfer-Encoding: chunked'],
      'a chunked body of no bytes': ['Content-Length: 0', 'Transfer-Encoding: chunked'],
      'a transfer coding that changes nothing': ['Transfer-Encoding: identity'],
      'a subprotocol with white space in it': ['Sec-WebSocket-Protocol: a, b c'],
      'a subprotocol with a separator in it': ['Sec-WebSocket-Protocol: a/b'],
      'an extension that is no token': ['Sec-WebSocket-Extensions: a, b/c'],
      'an extension with white space in it': ['Sec-WebSocket-Extensions: a b'],
      'an extension with a parameter without a name': ['Sec-WebSocket-Extensions: a; =1'],
      'an extension with an empty parameter': ['Sec-WebSocket-Extensions: a;'],
      'an extension with a value that is no token in quotes': [
        'Sec-WebSocket-Extensions: a; b="1,2"',
      ],
      'an extension with quotes that do not end': ['Sec-WebSocket-Extensions: a; b="1'],
      'a subprotocol in quotes': ['Sec-WebSocket-Protocol: "a, b"'],
      'two origins': ['Origin: http://a', 'Origin: http://b'],
      'too many subprotocols': [`Sec-WebSocket-Protocol: ${names}`],
      'too many extensions': [`Sec-WebSocket-Extensions: ${names}`],
    };
    for (const [name, lines] of Object.entries(refused)) {
      it(`are refused with ${name}`, () => {
        expect(statusOf(read(request(lines)))).to.equal(400);
      });
    }
  });

  describe('fromParts()', () => {
    const fields = good.flatMap((line) => line.split(': ', 2));

    it('reads what node:http has parsed', () => {
      const outcome = HandshakeRequest.fromParts('GET', '/x?y', 'HTTP/1.1', fields, true);
      expect(accepted(outcome).written.url.toEncoded()).to.equal('wss://h/x?y');
    });

    it('refuses a header that HTTP does not allow', () => {
      const wrong = [...fields, 'X-A', 'one\r\nX-B: two'];
      const outcome = HandshakeRequest.fromParts('GET', '/', 'HTTP/1.1', wrong, false);
      expect(statusOf(outcome)).to.equal(400);
    });

    it('refuses more fields than a server reads itself: node:http hides some', () => {
      const most = [...fields, ...Array<string>(2 * 95).fill('x')];
      accepted(HandshakeRequest.fromParts('GET', '/', 'HTTP/1.1', most, false));

      const outcome = HandshakeRequest.fromParts('GET', '/', 'HTTP/1.1', [...most, 'X', ''], false);
      expect(statusOf(outcome)).to.equal(431);
    });
  });
});

describe('versionRefusal()', () => {
  it('names the version that is supported (RFC 6455 §4.4)', () => {
    expect(versionRefusal()).to.include({ status: 426, kind: 'version' });
    expect(versionRefusal().headers).to.include.members(['Sec-WebSocket-Version', '13']);
  });
});

describe('writeHandshakeRequest()', () => {
  const plain: ClientHandshake = {
    resourceName: '/chat?x=1',
    host: 'server.example.com',
    key: 'dGhlIHNhbXBsZSBub25jZQ==',
    origin: '',
    subprotocols: [],
    headers: undefined,
  };

  function write(changes: Partial<ClientHandshake>, pairs?: [string, string][]): string {
    const headers = pairs && QHttpHeaders.fromListOfPairs(pairs);
    return writeHandshakeRequest({ ...plain, headers, ...changes }).toString('latin1');
  }

  /** The lines after those that every request has. */
  function further(pairs: [string, string][], changes: Partial<ClientHandshake> = {}): string[] {
    return write(changes, pairs).split('\r\n').slice(5, -2);
  }

  it('writes the headers in Qt’s order', () => {
    const text = write(
      {
        origin: 'http://example.com',
        subprotocols: ['chat', 'superchat'],
        authorization: 'Basic x',
      },
      [['User-Agent', 'oracle/1']],
    );
    expect(text).to.equal(
      'GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Origin: http://example.com\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Protocol: chat, superchat\r\nuser-agent: oracle/1\r\n' +
        'Authorization: Basic x\r\n\r\n',
    );
  });

  it('writes no Origin and no Sec-WebSocket-Protocol without a value', () => {
    expect(write({})).to.equal(
      'GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Version: 13\r\n\r\n',
    );
  });

  it('offers extensions, before the subprotocols', () => {
    const extensions = 'permessage-deflate; client_max_window_bits';
    const lines = write({ extensions, subprotocols: ['chat'] }).split('\r\n');
    expect(lines.slice(6, 8)).to.deep.equal([
      `Sec-WebSocket-Extensions: ${extensions}`,
      'Sec-WebSocket-Protocol: chat',
    ]);
  });

  it('is read by a server as it was meant', () => {
    const text = write({ origin: 'http://o', subprotocols: ['a', 'b'] }, [['X-Own', 'v']]);
    const outcome = accepted(read(text));

    expect(outcome.written.url.toEncoded()).to.equal('ws://server.example.com/chat?x=1');
    expect(outcome.origin).to.equal('http://o');
    expect(outcome.subprotocols).to.deep.equal(['a', 'b']);
    expect(outcome.written.headers.value('x-own')).to.equal('v');
  });

  it('keeps the order of the request’s own headers, repeated names included', () => {
    const pairs: [string, string][] = [
      ['X-Zulu', '1'],
      ['Cookie', 'a=b; c=d'],
      ['X-Alpha', ''],
      ['X-Zulu', '2'],
    ];
    expect(further(pairs)).to.deep.equal([
      'Sec-WebSocket-Version: 13',
      'x-zulu: 1',
      'cookie: a=b; c=d',
      'x-alpha: ',
      'x-zulu: 2',
    ]);
  });

  it('puts Host and Origin of the request in place of ours and leaves reserved headers out', () => {
    const text = write({ origin: 'http://mine' }, [
      ['Host', 'other.example'],
      ['Upgrade', 'h2c'],
      ['Connection', 'close'],
      ['Sec-WebSocket-Key', 'AQIDBAUGBwgJCgsMDQ4PEA=='],
      ['Sec-WebSocket-Version', '8'],
      ['Origin', 'http://theirs'],
      ['Sec-WebSocket-Extensions', 'x-own'],
      ['Sec-WebSocket-Accept', 'x'],
      ['Sec-WebSocket-Protocol', 'merged'],
    ]);
    expect(text).to.equal(
      'GET /chat?x=1 HTTP/1.1\r\nHost: other.example\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Origin: http://theirs\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
  });

  it('leaves an Origin of the request where it is when there is none to replace', () => {
    const pairs: [string, string][] = [
      ['X-A', '1'],
      ['Origin', 'http://theirs'],
      ['Origin', 'http://twice'],
    ];
    expect(further(pairs)).to.deep.equal([
      'Sec-WebSocket-Version: 13',
      'x-a: 1',
      'origin: http://theirs',
    ]);
  });

  it('has one Authorization header', () => {
    const pairs: [string, string][] = [['Authorization', 'Bearer own']];
    expect(further(pairs)).to.include('authorization: Bearer own');
    expect(further(pairs, { authorization: 'Basic x' })).to.deep.equal([
      'Sec-WebSocket-Version: 13',
      'Authorization: Basic x',
    ]);
  });

  it('writes question marks for characters that would become line breaks', () => {
    expect(write({ origin: 'http://a\u010d\u010aX: y' })).to.include('Origin: http://a??X: y\r\n');
  });

  const refused: Record<string, [changes: Partial<ClientHandshake>, sentence: string]> = {
    'a line break in the resource name': [
      { resourceName: '/\r\nX: y' },
      'The resource name contains newlines. Possible attack detected.',
    ],
    'a line break in the host': [
      { host: 'h\nX: y' },
      'The hostname contains newlines. Possible attack detected.',
    ],
    'a line break in the origin': [
      { origin: 'o\rX: y' },
      'The origin contains newlines. Possible attack detected.',
    ],
    'a NUL in the origin': [
      { origin: 'o\0' },
      'The origin contains newlines. Possible attack detected.',
    ],
    'a line break in a subprotocol': [
      { subprotocols: ['a', 'b\r\nX: y'] },
      'A header contains newlines. Possible attack detected.',
    ],
    'a line break in the authorization': [
      { authorization: 'Basic x\r\nX: y' },
      'A header contains newlines. Possible attack detected.',
    ],
    'a control character in the origin': [
      { origin: 'o\x1b' },
      'A header contains control characters.',
    ],
    'white space in the resource name': [
      { resourceName: '/a HTTP/1.1' },
      'The resource name is empty or contains white space.',
    ],
    'an empty resource name': [
      { resourceName: '' },
      'The resource name is empty or contains white space.',
    ],
  };
  for (const [name, [changes, sentence]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      expect(writeHandshakeRequest({ ...plain, ...changes })).to.equal(sentence);
    });
  }
});

describe('reservedHeaders()', () => {
  it('names each header that is left out, once', () => {
    const headers = QHttpHeaders.fromListOfPairs([
      ['Host', 'h'],
      ['Sec-WebSocket-Version', '8'],
      ['Upgrade', 'h2c'],
      ['upgrade', 'x'],
      ['Sec-WebSocket-Protocol', 'a'],
    ]);
    expect(reservedHeaders(headers)).to.deep.equal(['upgrade', 'sec-websocket-version']);
  });

  it('names none when there is none', () => {
    expect(reservedHeaders(new QHttpHeaders())).to.deep.equal([]);
  });
});
