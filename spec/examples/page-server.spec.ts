import { expect } from 'chai';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPageServer } from '../../examples/support/page-server.ts';

describe('createPageServer()', () => {
  let server: Server;
  let url: string;

  beforeEach(async () => {
    const folder = new URL('../../examples/stockticker/', import.meta.url).href;
    let count = 0;
    server = createPageServer({ '/': 'index.html', '/feed.js': 'feed.js' }, folder, {
      '/count': () => ({ type: 'text/plain', body: String(++count) }),
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it('serves each file with its type, whatever the query says', async () => {
    const page = await fetch(`${url}?from=here`);
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(await page.text()).to.include('<title>');

    const script = await fetch(`${url}feed.js`);
    expect(script.headers.get('content-type')).to.equal('text/javascript; charset=utf-8');
    expect(script.headers.get('x-content-type-options')).to.equal('nosniff');
  });

  it('asks anew for what changes', async () => {
    expect(await (await fetch(`${url}count`)).text()).to.equal('1');
    expect(await (await fetch(`${url}count`)).text()).to.equal('2');
  });

  it('lets pages load nothing from elsewhere', async () => {
    const { headers } = await fetch(url);

    const policy = headers.get('content-security-policy');
    expect(policy).to.include("default-src 'none'").and.include("connect-src 'self'");
  });

  it('answers HEAD without a body', async () => {
    const response = await fetch(url, { method: 'HEAD' });

    expect(response.status).to.equal(200);
    expect(await response.text()).to.equal('');
  });

  for (const path of ['feed.ts', '%2e%2e/package.json', 'constructor']) {
    it(`does not find /${path}`, async () => {
      expect((await fetch(url + path)).status).to.equal(404);
    });
  }

  it('refuses other methods', async () => {
    const response = await fetch(url, { method: 'POST' });

    expect(response.status).to.equal(405);
    expect(response.headers.get('allow')).to.equal('GET, HEAD');
  });
});
