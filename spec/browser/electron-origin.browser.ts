import { expect } from 'chai';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { page as pageFor } from '../../examples/electron-origin/page.ts';
import { PageServer } from '../../examples/electron-origin/pageserver.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { Chromium } from './support/chromium.ts';

// Chromium has no schemes of one's own: the page comes over http here.
describe("electron-origin's page", () => {
  const chromium = Chromium.forEachSpec({ start, stop });
  let http: Server;
  let port: number;
  let server: PageServer;

  async function start(): Promise<void> {
    http = createServer((_request, response) => void serve(response));
    port = await listenOnLoopback(http);
    server = new PageServer(`http://127.0.0.1:${port}`);
    server.listen();
  }

  function stop(): void {
    server.close();
    http.close();
    http.closeAllConnections();
  }

  async function serve(response: ServerResponse): Promise<void> {
    const made = pageFor(server.url());
    response.writeHead(200, Object.fromEntries(made.headers)).end(await made.text());
  }

  it('is let in from its own origin', async () => {
    const tab = await chromium.open(`http://127.0.0.1:${port}/`);

    await tab.getByText('Hello, main process!').waitFor();
    expect(await tab.title()).to.equal('Electron Origin');
  });

  it('is kept out from another name of the same machine', async () => {
    const tab = await chromium.open(`http://localhost:${port}/`);

    await tab.getByText('Closed: 1006').waitFor();
    expect(chromium.takeFaults().join()).to.include('Unexpected response code: 403');
  });
});
