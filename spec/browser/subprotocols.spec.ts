import { expect } from 'chai';
import { subprotocolsOf } from '../../lib/browser/subprotocols.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import type { OpenRequest } from '../../lib/websockets/socket-backend.ts';

function asked(subprotocols: string[], ...raw: string[]): string[] {
  const headers = new QHttpHeaders();
  for (const value of raw) headers.append('Sec-WebSocket-Protocol', value);
  return subprotocolsOf({ subprotocols, headers } as unknown as OpenRequest);
}

describe('subprotocolsOf()', () => {
  it('puts those of the options before those of the header', () => {
    expect(asked(['b'], 'a, c', 'd')).to.deep.equal(['b', 'a', 'c', 'd']);
  });

  it('has each of them once', () => {
    expect(asked(['a', 'b', 'a'], 'b,c,c')).to.deep.equal(['a', 'b', 'c']);
  });

  it('knows every character of a token', () => {
    const all = "!#$%&'*+-.^_`|~09azAZ";

    expect(asked([all])).to.deep.equal([all]);
  });

  for (const name of ['', 'a b', 'a,b', 'a/b', 'ä', 'a\r\nb', 'a"', '(a)', 'a=b', 'a\n']) {
    it(`leaves out what is no name: ${JSON.stringify(name)}`, () => {
      expect(asked([name, 'x'])).to.deep.equal(['x']);
    });
  }
});
