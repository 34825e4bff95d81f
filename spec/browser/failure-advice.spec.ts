import { expect } from 'chai';
import { adviceFor } from '../../lib/browser/failure-advice.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import type { OpenRequest } from '../../lib/websockets/socket-backend.ts';

const CONSOLE = "The browser's console may say why.";

describe('adviceFor()', () => {
  const page = globalThis as { location?: unknown };

  afterEach(() => {
    delete page.location;
  });

  function advice(request: Partial<OpenRequest>): string {
    const url = new QUrl('ws://localhost/');
    const headers = new QHttpHeaders();
    return adviceFor({ url, headers, origin: '', subprotocols: [], ...request } as OpenRequest);
  }

  it('names the console', () => {
    expect(advice({})).to.equal(CONSOLE);
  });

  it('reminds of wss: in a page of https:, and only there', () => {
    page.location = { protocol: 'https:' };
    expect(advice({})).to.equal(`A page that came by https: has to open wss:. ${CONSOLE}`);
    expect(advice({ url: new QUrl('wss://localhost/') })).to.equal(CONSOLE);

    page.location = { protocol: 'http:' };
    expect(advice({})).to.equal(CONSOLE);
  });

  it('suspects the subprotocols', () => {
    expect(advice({ subprotocols: ['chat'] })).to.equal(
      `A server that takes none of the subprotocols is refused. ${CONSOLE}`,
    );
  });

  it('says that origin and headers were left out', () => {
    const headers = new QHttpHeaders();
    headers.append('Authorization', 'secret');
    const words = `Origin and headers of the request were not sent: browsers send their own. ${CONSOLE}`;

    expect(advice({ headers })).to.equal(words);
    expect(advice({ origin: 'https://example.org' })).to.equal(words);
  });
});
