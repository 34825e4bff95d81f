import { expect } from 'chai';
import { page } from '../../examples/electron-origin/page.ts';
import { PageServer } from '../../examples/electron-origin/pageserver.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { Peer } from './support/peer.ts';

describe('the example electron-origin', () => {
  let server: PageServer;

  beforeEach(() => {
    server = new PageServer('app://ui');
    expect(server.listen()).to.equal(true);
  });

  afterEach(() => {
    Peer.killAll();
    server.close();
  });

  async function statusFor(origin: string | undefined, host: string): Promise<string> {
    const client = await RawClient.connect(Number(new URL(server.url()).port));
    client.write(upgradeRequest({ Origin: origin, Host: host }));
    const answer = await client.hears('\r\n\r\n');
    client.socket.destroy();
    return answer.split(' ', 2)[1]!;
  }

  it('echoes what pages of the application say', async () => {
    const peer = await Peer.connect(server.url(), 'app://ui');

    peer.send('Hello, main process!');

    expect(await peer.next()).to.equal('Hello, main process!');
  });

  for (const origin of [
    undefined,
    'null',
    'file://',
    'http://localhost',
    'http://ui',
    'app://ui.evil.example',
    'app://other',
  ]) {
    it(`does not let ${origin ?? 'who has no origin'} in`, async () => {
      expect(await statusFor(origin, '127.0.0.1')).to.equal('403');
    });
  }

  it('has a page that may only talk to it', async () => {
    const response = page(server.url());

    expect(response.headers.get('content-security-policy')).to.include(
      `connect-src ${server.url()};`,
    );
    expect(await response.text()).to.include(`new WebSocket("${server.url()}")`);
  });
});
