import { expect } from 'chai';
import { shownHeaders } from '../../../lib/node/diagnostics/shown-headers.ts';

describe('shownHeaders()', () => {
  const rows: Record<string, [name: string, value: string, shown: string]> = {
    'the host': ['Host', 'chat.example:8080', 'chat.example:8080'],
    'no authorization': ['Authorization', 'Basic am9lOnMzY3JldA==', '***'],
    'no authorization of a proxy': ['proxy-authorization', 'Basic am9lOnMzY3JldA==', '***'],
    'no cookie': ['Cookie', 'session=s3cret', '***'],
    'no cookie that is set': ['Set-Cookie', 'session=s3cret', '***'],
    'no key': ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', '***'],
    'no subprotocols': ['Sec-WebSocket-Protocol', 'chat, s3cret', '***'],
    'nothing that nobody knows': ['X-Api-Key', 's3cret', '***'],
    'nothing under a name of objects': ['__proto__', 's3cret', '***'],
    'the trace that a request is part of': ['traceparent', '00-0af7-b7ad-01', '00-0af7-b7ad-01'],
    'where a redirect leads, without its query': [
      'Location',
      'https://joe:s3cret@login.example/next?token=s3cret#s3cret',
      'https://login.example/next',
    ],
    'where a relative redirect leads': ['Location', 'login?token=s3cret', 'http://*/login'],
    'an origin': ['Origin', 'https://chat.example', 'https://chat.example/'],
    'no user of an origin': ['Origin', 'https://joe:s3cret@chat.example', 'https://chat.example/'],
    'an origin without a name': ['Origin', 'null', 'null'],
    'no control characters': ['User-Agent', 'a\u001b[2Jb\u0085', 'a?[2Jb?'],
  };
  for (const [what, [name, value, shown]] of Object.entries(rows)) {
    it(`shows ${what}`, () => {
      expect(shownHeaders([name, value])).to.deep.equal([[name, shown]]);
    });
  }

  it('keeps the order, and names that come again', () => {
    expect(shownHeaders(['Via', 'a', 'Cookie', 'b', 'via', 'c'])).to.deep.equal([
      ['Via', 'a'],
      ['Cookie', '***'],
      ['via', 'c'],
    ]);
  });

  it('takes out what repeats a secret', () => {
    const [server] = shownHeaders(['Server', 'Echo/1.0 (s3cret)'], ['s3cret']);
    expect(server).to.deep.equal(['Server', 'Echo/1.0 (***)']);
  });

  it('cuts what is long', () => {
    expect(shownHeaders(['Server', 'x'.repeat(1000)])[0]![1]).to.have.lengthOf(121);
  });
});
