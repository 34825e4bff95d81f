import { expect } from 'chai';
import { versionRefusal } from '../../lib/codec/handshake-request.ts';
import type { DeflateParameters } from '../../lib/codec/deflate-parameters.ts';
import {
  acceptKey,
  BUSY,
  FORBIDDEN,
  headFailureText,
  headRefusal,
  readHandshakeResponse,
  responseFields,
  switchingResponse,
  TIMED_OUT,
  writeRefusal,
  type ResponseVerdict,
  type ServerHandshake,
} from '../../lib/codec/handshake-response.ts';
import { CLIENT_HEAD_LIMITS, HeadReader, type HeadFailure } from '../../lib/codec/http-head.ts';
import type { Refusal } from '../../lib/codec/refusal.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const compression: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const date = new Date(Date.UTC(2026, 1, 3, 4, 5, 6));

/** The answer, or what is wrong with it. */
function textOf(handshake: ServerHandshake): string {
  const answer = responseFields(handshake);
  return 'fields' in answer ? switchingResponse(key, answer.fields) : answer.fault;
}

describe('acceptKey()', () => {
  it('answers the key of RFC 6455 §1.3', () => {
    expect(acceptKey(key)).to.equal(accept);
  });

  it('takes a key of any length', () => {
    // printf 'AVDFBDDFF258EAFA5-E914-47DA-95CA-C5AB0DC85B11' | openssl sha1 -binary | base64
    expect(acceptKey('AVDFBDDFF')).to.equal('C00lSWuI2LofE0GVwO0+3i5S0lk=');
  });
});

describe('switchingResponse() with responseFields()', () => {
  const plain: ServerHandshake = { subprotocol: '', serverName: '', date };

  function write(changes: Partial<ServerHandshake>): string {
    return textOf({ ...plain, ...changes });
  }

  it('writes the headers in Qt’s order', () => {
    const headers = QHttpHeaders.fromListOfPairs([['X-Own', 'v']]);
    expect(write({ subprotocol: 'chat', serverName: 'oracle/1', headers })).to.equal(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: chat\r\n` +
        'Server: oracle/1\r\nx-own: v\r\nDate: Tue, 03 Feb 2026 04:05:06 GMT\r\n\r\n',
    );
  });

  it('leaves out what has no value', () => {
    expect(write({})).to.equal(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nDate: Tue, 03 Feb 2026 04:05:06 GMT\r\n\r\n`,
    );
  });

  it('names the compression that was agreed on', () => {
    const extensions = 'permessage-deflate; server_max_window_bits=10';
    expect(write({ extensions }).split('\r\n')[4]).to.equal(
      `Sec-WebSocket-Extensions: ${extensions}`,
    );
  });

  it('writes the date of each second', () => {
    const dates = [5, 5.999, 6, 5].map((seconds) => new Date(1000 * seconds));
    const written = dates.map((each) => /Date: (.*)\r/.exec(write({ date: each }))?.[1]);
    expect(written).to.deep.equal(dates.map((each) => each.toUTCString()));
  });

  it('writes a question mark for what Latin-1 does not have', () => {
    expect(write({ serverName: 'é\u010ax' })).to.include('\r\nServer: é?x\r\n');
  });

  // Qt's tst_date_response: "ddd, dd MMM yyyy hh:mm:ss 'GMT'".
  it('writes a date with two digits for the day', () => {
    expect(write({})).to.match(
      /\r\nDate: [A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT\r\n/,
    );
  });

  it('takes no headers that are the handshake’s own', () => {
    const headers = QHttpHeaders.fromListOfPairs([
      ['Upgrade', 'h2c'],
      ['Sec-WebSocket-Extensions', 'x'],
      ['Sec-WebSocket-Protocol', 'x'],
      ['Content-Length', '5'],
      ['Transfer-Encoding', 'chunked'],
      ['Server', 'x'],
    ]);
    expect(write({ headers })).to.equal(write({}));
  });

  it('is a response that a client takes', () => {
    expect(verdictOn(write({ subprotocol: 'b' }), ['a', 'b'])).to.deep.equal({ subprotocol: 'b' });
  });

  for (const [name, changes] of Object.entries({
    'server name': { serverName: 'x\r\nX: y' },
    subprotocol: { subprotocol: 'a\nb' },
  })) {
    it(`refuses a line break in the ${name}`, () => {
      expect(write(changes)).to.equal(
        'One of the headers contains a newline. Possible attack detected.',
      );
    });
  }
});

describe('responseFields()', () => {
  it('refuses other control characters as well (RFC 9110 §5.5)', () => {
    expect(textOf({ subprotocol: '', serverName: 'a\x1b', date })).to.equal(
      'One of the headers contains a control character.',
    );
  });
});

describe('writeRefusal()', () => {
  it('writes the status, the headers of the refusal and its detail as text', () => {
    const refusal: Refusal = {
      status: 405,
      reason: 'Method Not Allowed',
      detail: 'Only GET opens a WebSocket.',
      headers: ['Allow', 'GET'],
    };
    expect(writeRefusal(refusal, 'oracle', date).toString('latin1')).to.equal(
      'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nConnection: close\r\nServer: oracle\r\n' +
        'Date: Tue, 03 Feb 2026 04:05:06 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 28\r\n\r\nOnly GET opens a WebSocket.\n',
    );
  });

  it('counts the bytes of the detail', () => {
    const refusal: Refusal = { status: 400, reason: 'x', detail: 'é€', headers: [] };
    const text = writeRefusal(refusal, '', date).toString();
    expect(text).to.include('Content-Length: 6\r\n');
    expect(text.endsWith('\r\n\r\né€\n')).to.equal(true);
  });

  it('names Upgrade in Connection when it sends one', () => {
    const text = writeRefusal(versionRefusal(), '', date).toString();
    expect(text).to.match(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(text).to.include(
      '\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade, close\r\n',
    );
  });

  it('sends nobody a body who asked for the head alone', () => {
    const refusal: Refusal = { ...BUSY, isHeadOnly: true };
    const text = writeRefusal(refusal, '', date).toString();
    expect(text).to.include('\r\nContent-Length: 34\r\n');
    expect(text.endsWith('\r\n\r\n')).to.equal(true);
  });

  it('writes a refused origin as Qt does', () => {
    expect(writeRefusal(FORBIDDEN, 'oracle', date).toString()).to.equal(
      'HTTP/1.1 403 Access Forbidden\r\n\r\n',
    );
  });

  it('leaves a server name with a line break out', () => {
    const text = writeRefusal(BUSY, 'x\r\nX: y', date).toString();
    expect(text).to.match(/^HTTP\/1\.1 503 /);
    expect(text).to.not.include('Server');
    expect(text).to.not.include('X: y');
  });

  it('has an answer for clients that are late', () => {
    expect(writeRefusal(TIMED_OUT, '', date).toString()).to.match(
      /^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/,
    );
  });
});

describe('a head that cannot be read', () => {
  const rows: [failure: HeadFailure['failure'], part: HeadFailure['part'], number, string][] = [
    ['malformed', 'startLine', 400, 'Read handshake request status failed'],
    ['malformed', 'fields', 400, 'Parsing handshake request header failed'],
    ['tooLarge', 'startLine', 414, 'Read handshake request status failed'],
    ['tooLarge', 'fields', 431, 'Parsing handshake request header failed'],
    ['tooLarge', 'head', 431, 'Header is too large'],
  ];
  for (const [failure, part, status, text] of rows) {
    it(`gets ${status} from a server and Qt’s text on a client when ${part} is ${failure}`, () => {
      const found: HeadFailure = { failure, part, reason: 'Why.' };
      expect(headRefusal(found)).to.include({ status, detail: 'Why.' });
      expect(headFailureText(found)).to.equal(text);
    });
  }
});

describe('a start line that cannot be read', () => {
  for (const [startLine, status] of [
    ['POST / HTTP/1.1', 405],
    ['GET / HTTP/1.0', 505],
    ['EHLO there', 400],
  ] as const) {
    it(`gets ${status} from a server: ${startLine}`, () => {
      const found: HeadFailure = {
        failure: 'malformed',
        part: 'startLine',
        reason: 'x',
        startLine,
      };
      expect(headRefusal(found)).to.include({ status });
    });
  }
});

/** What a client that sent `key` and asked for `subprotocols` and `deflate` makes of `text`. */
function verdictOn(
  text: string,
  subprotocols: string[] = [],
  deflate?: DeflateParameters,
): ResponseVerdict {
  const result = new HeadReader(CLIENT_HEAD_LIMITS).push(Buffer.from(text, 'latin1'));
  if (result === undefined || 'failure' in result) throw new Error(JSON.stringify(result));
  return readHandshakeResponse(result.head, { key, subprotocols, deflate });
}

describe('readHandshakeResponse()', () => {
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];

  function response(lines: string[], startLine = 'HTTP/1.1 101 Switching Protocols'): string {
    return [startLine, ...lines, '', ''].join('\r\n');
  }

  describe('a good answer', () => {
    const answers: Record<string, string> = {
      'the answer of RFC 6455 §1.2': response(upgrade),
      'no reason': response(upgrade, 'HTTP/1.1 101'),
      'an empty reason': response(upgrade, 'HTTP/1.1 101 '),
      'another minor version': response(upgrade, 'HTTP/1.2 101 x'),
      'HTTP/2.1, as in Qt': response(upgrade, 'HTTP/2.1 101 x'),
      'names and values in another case': response([
        'upgrade: WebSocket',
        'connection: upgrade',
        `sec-websocket-accept: ${accept}`,
      ]),
      'a list in Connection': response(['Connection: keep-alive', ...upgrade]),
      'further headers': response(['Server: x', 'Set-Cookie: a=b', ...upgrade]),
      'a folded header': response(['X-Long: one\r\n  two', ...upgrade]),
      'a Sec-WebSocket-Version': response(['Sec-WebSocket-Version: 8', ...upgrade]),
      'an empty Sec-WebSocket-Extensions': response(['Sec-WebSocket-Extensions:', ...upgrade]),
      'an empty Sec-WebSocket-Protocol': response(['Sec-WebSocket-Protocol:', ...upgrade]),
    };
    for (const [name, text] of Object.entries(answers)) {
      it(`may have ${name}`, () => {
        expect(verdictOn(text)).to.deep.equal({ subprotocol: '' });
      });
    }

    it('tells the subprotocol that the server chose', () => {
      const text = response([...upgrade, 'Sec-WebSocket-Protocol: b']);
      expect(verdictOn(text, ['a', 'b'])).to.deep.equal({ subprotocol: 'b' });
    });

    it('tells the compression that the server agreed to', () => {
      const extensions = 'permessage-deflate; client_max_window_bits=10';
      const text = response([...upgrade, `Sec-WebSocket-Extensions: ${extensions}`]);
      const parameters = { ...compression, clientMaxWindowBits: 10 };
      expect(verdictOn(text, [], compression)).to.deep.equal({
        subprotocol: '',
        deflate: { extensions, parameters },
      });
    });

    it('may say nothing about the compression that was offered', () => {
      expect(verdictOn(response(upgrade), [], compression)).to.deep.equal({ subprotocol: '' });
    });

    it('may choose none of the subprotocols', () => {
      expect(verdictOn(response(upgrade), ['a'])).to.deep.equal({ subprotocol: '' });
    });
  });

  describe('a broken status line', () => {
    for (const line of [
      '220 mail.example ESMTP',
      'http/1.1 101 ok',
      'HTTP/1.1  101',
      'HTTP/1.1 10',
      'HTTP/1.1 1011',
      'HTTP/1.1 abc',
      'HTTP/11.1 101 x',
      'HTTP/1 101 x',
      ' HTTP/1.1 101 x',
    ]) {
      it(`such as ${JSON.stringify(line)} fails`, () => {
        expect(verdictOn(response(upgrade, line))).to.deep.equal({
          failure: 'Read handshake request status failed',
          status: 0,
        });
      });
    }
  });

  describe('a subprotocol that was not asked for', () => {
    const rows: Record<string, [lines: string[], asked: string[], named: string]> = {
      'among others': [['Sec-WebSocket-Protocol: x'], ['a', 'b'], 'x'],
      'when none was': [['Sec-WebSocket-Protocol: x'], [], 'x'],
      'in another case': [['Sec-WebSocket-Protocol: A'], ['a'], 'A'],
      'as a list': [['Sec-WebSocket-Protocol: a, b'], ['a', 'b'], 'a, b'],
      'in a second header': [
        ['Sec-WebSocket-Protocol: a', 'Sec-WebSocket-Protocol: b'],
        ['a', 'b'],
        'a, b',
      ],
    };
    for (const [name, [lines, asked, named]] of Object.entries(rows)) {
      it(`fails ${name}`, () => {
        expect(verdictOn(response([...upgrade, ...lines]), asked)).to.deep.equal({
          failure: `WebSocket server has chosen protocol ${named} which has not been requested`,
          status: 101,
        });
      });
    }

    it('is noticed with every status', () => {
      const text = response(['Sec-WebSocket-Protocol: x'], 'HTTP/1.1 404 Not Found');
      expect(verdictOn(text)).to.deep.equal({
        failure: 'WebSocket server has chosen protocol x which has not been requested',
        status: 404,
      });
    });
  });

  describe('a 101 that does not fit', () => {
    const [goodUpgrade, goodConnection, goodAccept] = upgrade as [string, string, string];
    const rows: Record<string, [text: string, found: string]> = {
      'no accept value': [
        response([goodUpgrade, goodConnection]),
        'Accept-key size: 0, version: 1.1, upgrade: websocket, connection: Upgrade',
      ],
      'an empty accept value': [
        response([goodUpgrade, goodConnection, 'Sec-WebSocket-Accept:']),
        'Accept-key size: 0, version: 1.1, upgrade: websocket, connection: Upgrade',
      ],
      'HTTP/1.0': [
        response(upgrade, 'HTTP/1.0 101 x'),
        'Accept-key size: 28, version: 1.0, upgrade: websocket, connection: Upgrade',
      ],
      'HTTP/2.0, as in Qt': [
        response(upgrade, 'HTTP/2.0 101 x'),
        'Accept-key size: 28, version: 2.0, upgrade: websocket, connection: Upgrade',
      ],
      'no Upgrade': [
        response([goodConnection, goodAccept]),
        'Accept-key size: 28, version: 1.1, upgrade: , connection: Upgrade',
      ],
      'another Upgrade': [
        response(['Upgrade: h2c', goodConnection, goodAccept]),
        'Accept-key size: 28, version: 1.1, upgrade: h2c, connection: Upgrade',
      ],
      'a list in Upgrade': [
        response(['Upgrade: websocket, foo', goodConnection, goodAccept]),
        'Accept-key size: 28, version: 1.1, upgrade: websocket, foo, connection: Upgrade',
      ],
      'two Upgrade headers': [
        response([goodUpgrade, ...upgrade]),
        'Accept-key size: 28, version: 1.1, upgrade: websocket, websocket, connection: Upgrade',
      ],
      'no Connection': [
        response([goodUpgrade, goodAccept]),
        'Accept-key size: 28, version: 1.1, upgrade: websocket, connection: ',
      ],
      'another Connection': [
        response([goodUpgrade, 'Connection: close', goodAccept]),
        'Accept-key size: 28, version: 1.1, upgrade: websocket, connection: close',
      ],
    };
    for (const [name, [text, found]] of Object.entries(rows)) {
      it(`fails with ${name}`, () => {
        expect(verdictOn(text)).to.deep.equal({
          failure: `Invalid parameter encountered during protocol upgrade: ${found}`,
          status: 101,
        });
      });
    }

    for (const wrong of [acceptKey('other'), accept.toLowerCase(), `${accept}, ${accept}`]) {
      it(`fails with the accept value ${wrong}`, () => {
        const text = response([goodUpgrade, goodConnection, `Sec-WebSocket-Accept: ${wrong}`]);
        expect(verdictOn(text)).to.deep.equal({
          failure: `Accept-Key received from server ${wrong} does not match the client key ${key}.`,
          status: 101,
        });
      });
    }

    it('fails with an extension that was not asked for (RFC 6455 §4.1)', () => {
      const text = response([...upgrade, 'Sec-WebSocket-Extensions: permessage-deflate']);
      expect(verdictOn(text)).to.deep.equal({
        failure:
          'WebSocket server has chosen extension permessage-deflate which has not been requested',
        status: 101,
      });
    });

    it('fails with an answer that does not suit the compression that was offered', () => {
      const text = response([...upgrade, 'Sec-WebSocket-Extensions: permessage-deflate; x']);
      expect(verdictOn(text, [], compression)).to.deep.equal({
        failure:
          'The server\'s answer "permessage-deflate; x" does not suit the compression that was offered.',
        status: 101,
      });
    });
  });

  describe('another status', () => {
    const process = 'QWebSocketPrivate::processHandshake:';
    const rows: Record<string, [lines: string[], failure: string]> = {
      'HTTP/1.1 200 OK': [upgrade, `${process} Unhandled http status code: 200 (OK).`],
      'HTTP/1.1 301 Moved Permanently': [
        ['Location: ws://h/'],
        `${process} Unhandled http status code: 301 (Moved Permanently).`,
      ],
      'HTTP/1.0 404 Not Found': [[], `${process} Unhandled http status code: 404 (Not Found).`],
      'HTTP/1.1 426 Upgrade Required': [
        ['Sec-WebSocket-Version: 8, 7'],
        `${process} Unhandled http status code: 426 (Upgrade Required).`,
      ],
      'HTTP/1.1 503': [[], `${process} Unhandled http status code: 503 ().`],
      'HTTP/1.1 400 Bad Request': [
        [],
        `${process} Unknown error condition encountered. Aborting connection.`,
      ],
    };
    for (const [line, [lines, failure]] of Object.entries(rows)) {
      it(`fails with ${line}`, () => {
        expect(verdictOn(response(lines, line))).to.deep.equal({
          failure,
          status: Number(line.slice(9, 12)),
        });
      });
    }

    it('names the versions that the server wants instead of 13', () => {
      const lines = ['Sec-WebSocket-Version: 8', 'Sec-WebSocket-Version: 7'];
      expect(verdictOn(response(lines, 'HTTP/1.1 400 Bad Request'))).to.deep.equal({
        failure: "Handshake: Server requests a version that we don't support: 8, 7.",
        status: 400,
      });
    });

    it('does not blame the version when the server has 13 as well', () => {
      const lines = ['Sec-WebSocket-Version: 13, 8'];
      expect(verdictOn(response(lines, 'HTTP/1.1 400 Bad Request'))).to.deep.equal({
        failure: `${process} Unknown error condition encountered. Aborting connection.`,
        status: 400,
      });
    });
  });
});
