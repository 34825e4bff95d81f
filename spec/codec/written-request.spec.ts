import { expect } from 'chai';
import { WrittenRequest } from '../../lib/codec/written-request.ts';

function request(target: string, ...lines: string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: host.example:81', ...lines, '', ''].join('\r\n');
}

describe('WrittenRequest', () => {
  it('makes a URL of the Host header and a path', () => {
    const head = request('/chat?a=b');

    expect(new WrittenRequest(head, false).url.toEncoded()).to.equal(
      'ws://host.example:81/chat?a=b',
    );
    expect(new WrittenRequest(head, true).url.toEncoded()).to.equal(
      'wss://host.example:81/chat?a=b',
    );
  });

  it('takes a target for the URL that is one itself', () => {
    const { url } = new WrittenRequest(request('http://other.example/chat'), true);

    expect(url.toEncoded()).to.equal('http://other.example/chat');
  });

  it('has every header in its place, with folded lines joined', () => {
    const head = request('/', 'Cookie: a=b', 'X-Folded: a', '  b', 'COOKIE: \xe9');

    expect([...new WrittenRequest(head, false).headers]).to.deep.equal([
      ['host', 'host.example:81'],
      ['cookie', 'a=b'],
      ['x-folded', 'a b'],
      ['cookie', '\xe9'],
    ]);
  });

  it('has the subprotocols of all lists', () => {
    const lists = ['Sec-WebSocket-Protocol: a, b', 'Sec-WebSocket-Protocol: c'];

    expect(new WrittenRequest(request('/', ...lists), false).subprotocols).to.deep.equal([
      'a',
      'b',
      'c',
    ]);
  });

  it('reads its text once', () => {
    const written = new WrittenRequest(request('/'), false);

    expect(written.url).to.equal(written.url);
    expect(written.headers).to.equal(written.headers);
  });
});
