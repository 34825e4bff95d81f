import { expect } from 'chai';
import type { Server } from 'node:http';
import { createPageServer } from '../../examples/support/page-server.ts';
import { answerOf } from '../support/answer-of.ts';
import { listenOnLoopback } from '../support/ports.ts';

describe('createPageServer()', () => {
  let server: Server;
  let url: string;

  beforeEach(async () => {
    const folder = new URL('../../examples/stockticker/', import.meta.url).href;
    let count = 0;
    server = createPageServer({ '/': 'index.html', '/feed.js': 'feed.js' }, folder, {
      '/count': () => ({ type: 'text/plain', body: String(++count) }),
    });
    url = `http://127.0.0.1:${await listenOnLoopback(server)}/`;
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it('serves each file with its type, whatever the query says', async () => {
    const page = await answerOf(`${url}?from=here`);
    expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(page.body).to.include('<title>');

    const script = await answerOf(`${url}feed.js`);
    expect(script.headers['content-type']).to.equal('text/javascript; charset=utf-8');
    expect(script.headers['x-content-type-options']).to.equal('nosniff');
  });

  it('asks anew for what changes', async () => {
    expect((await answerOf(`${url}count`)).body).to.equal('1');
    expect((await answerOf(`${url}count`)).body).to.equal('2');
  });

  it('lets pages load nothing from elsewhere', async () => {
    const { headers } = await answerOf(url);

    const policy = headers['content-security-policy'];
    expect(policy).to.include("default-src 'none'").and.include("connect-src 'self'");
  });

  it('answers HEAD without a body', async () => {
    const response = await answerOf(url, 'HEAD');

    expect(response.status).to.equal(200);
    expect(response.body).to.equal('');
  });

  for (const path of ['feed.ts', '%2e%2e/package.json', 'constructor']) {
    it(`does not find /${path}`, async () => {
      expect((await answerOf(url + path)).status).to.equal(404);
    });
  }

  it('refuses other methods', async () => {
    const response = await answerOf(url, 'POST');

    expect(response.status).to.equal(405);
    expect(response.headers.allow).to.equal('GET, HEAD');
  });
});
