import { expect } from 'chai';
import { once } from 'node:events';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { ForwardedHeader, SocketState, SslMode, type QWebSocket } from '../../../lib/index.ts';
import { launchBrowser } from '../../browser/support/browser.ts';
import { CERTS, pemText } from '../../ssl/support/certs.ts';
import { emitted } from '../../support/emitted.ts';
import { PeerProgram } from '../../interop/support/peer-program.ts';
import { close, echo, failureOf, open } from './client.ts';
import { Gateway, type Recipe } from './gateway.ts';
import { Instance } from './instance.ts';
import { LoneServer } from './lone-server.ts';
import { strangerAt } from './stranger.ts';

/** What a gateway leads to. */
export interface Listening {
  readonly port: number;
}

/** How a gateway is set up that ends TLS for two instances, or for one. */
export interface GatewaySetup {
  /**
   * @param silence how long a WebSocket may be silent, as the configuration writes it.
   * @param others what stands in the place of other parts of the configuration.
   */
  recipe(
    instances: readonly Listening[],
    silence: string,
    others?: Readonly<Record<string, string>>,
  ): Recipe;
  /** Those parts for one that says in `Forwarded` whose request it is. */
  readonly forwarded: Readonly<Record<string, string>>;
}

/** What WebSockets can do through a gateway, over TLS, with two of our servers behind it. */
export function itIsAGateway({ recipe, forwarded }: GatewaySetup): void {
  let instances: Instance[];
  let gateway: Gateway;

  async function start(silence = '30s'): Promise<void> {
    instances = [await Instance.start('first'), await Instance.start('second')];
    gateway = await Gateway.start(recipe(instances, silence));
  }

  async function stop(): Promise<void> {
    await gateway.stop();
    await Promise.all(instances.map((instance) => instance.die()));
  }

  function url(): string {
    return `wss://localhost:${gateway.port}/`;
  }

  /** The server's side of the client that has come last. */
  function accepted(): QWebSocket {
    const [socket] = instances
      .flatMap(({ sockets }) => sockets.slice(-1))
      .filter((one) => one.state() === SocketState.ConnectedState);
    return socket!;
  }

  describe('between two servers that are well', () => {
    let client: QWebSocket | undefined;

    before(() => start());
    after(() => stop());

    afterEach(async () => {
      if (client?.state() === SocketState.ConnectedState) await close(client);
    });

    it('lets both have their share of the connections', async () => {
      const clients = await Promise.all(Array.from({ length: 12 }, () => open(url())));

      const names = await Promise.all(clients.map((one) => echo(one, 'Who is there?')));
      await Promise.all(clients.map(close));

      expect([...new Set(names)].toSorted()).to.deep.equal(['first', 'second']);
    });

    it('has a page on the same port', async () => {
      const page = await get(gateway.port, {});

      expect(page).to.match(/^200 .*<title>(?:first|second)<\/title>/);
    });

    it('gives a plain answer to a request for another upgrade', async () => {
      const page = await get(gateway.port, { Connection: 'Upgrade', Upgrade: 'h2c' });

      expect(page).to.match(/^200 .*<title>/);
    });

    it('tells the server who is there, whatever the client claims', async () => {
      const stranger = await strangerAt(gateway.port, {
        'X-Forwarded-For': '203.0.113.9, 127.0.0.1',
        'X-Forwarded-Proto': 'ftp',
        'X-Forwarded-Host': 'claimed.example',
        Forwarded: 'for=203.0.113.9;host=claimed.example',
      });

      const socket = accepted();
      expect(socket.peerAddress().toString()).to.equal('127.0.0.2');
      expect(socket.requestUrl().toString()).to.equal(url());
      const gone = emitted(socket.disconnected);
      stranger.socket.destroy();
      await gone;
    });

    it('carries subprotocols, codes and reasons', async () => {
      client = await open(url(), { subprotocols: ['mqtt', 'chat'] });
      const gone = emitted(client.disconnected);

      accepted().close(4001, 'Grüße, 再见');

      await gone;
      expect(client.subprotocol()).to.equal('chat');
      expect([client.closeCode(), client.closeReason()]).to.deep.equal([4001, 'Grüße, 再见']);
    });

    it('carries the code and the reason of a client', async () => {
      client = await open(url());
      const server = accepted();
      const gone = emitted(server.disconnected);

      client.close(4002, 'bye');

      await gone;
      expect([server.closeCode(), server.closeReason()]).to.deep.equal([4002, 'bye']);
    });

    it('carries texts and bytes of 16 MiB', async () => {
      client = await open(url());
      const message = '0123456789aä€😀'.repeat(2 ** 20 - 300_000);
      const bytes = Buffer.alloc(2 ** 24, message);

      expect((await echo(client, message)) === message).to.equal(true);
      const answer = emitted(client.binaryMessageReceived);
      client.sendBinaryMessage(bytes);
      expect(bytes.equals((await answer)[0])).to.equal(true);
    });

    it('carries fragments as they are', async () => {
      client = await open(url());
      client.setOutgoingFrameSize(1000);
      let frames = 0;
      accepted().textFrameReceived.connect(() => void frames++);

      expect(await echo(client, 'x'.repeat(10_000))).to.equal('x'.repeat(10_000));

      expect(frames).to.equal(10);
    });

    it('carries what is compressed', async () => {
      client = await open(url(), { isCompressing: true });
      const message = '{"id":17,"name":"Grüße"},'.repeat(40_000);

      expect(client.extensions()).to.match(/^permessage-deflate/);
      expect((await echo(client, message)) === message).to.equal(true);
      expect((await echo(client, message)) === message).to.equal(true);
    });

    it('carries pings and pongs', async () => {
      client = await open(url());
      const answer = emitted(client.pong);

      client.ping(Buffer.from('Still there?'));

      expect(Buffer.from((await answer)[1]).toString()).to.equal('Still there?');
    });

    it("serves Python's websockets", async () => {
      const peer = await PeerProgram.start({
        command: process.env['PYTHON'] ?? '/usr/bin/python3',
        args: ['tools/interop/python-websockets-peer.py'],
        needs: 'Install the package: apt-get install python3-websockets',
      });
      try {
        const id = 'through the gateway';
        peer.tell({ do: 'open', id, url: url(), subprotocols: ['chat'], ca: `${CERTS}/ca.crt` });
        expect(await peer.next('open', id)).to.include({ subprotocol: 'chat' });
        peer.tell({ do: 'send', id, kind: 'text', unit: 'aä€😀', times: 100_000 });
        expect(await peer.next('message', id)).to.include({ kind: 'text', size: 1_000_000 });
        peer.tell({ do: 'close', id, code: 4003, reason: 'bye' });
        expect(await peer.next('closed', id)).to.include({ code: 4003, reason: 'bye' });
      } finally {
        await peer.stop();
      }
    });

    it('serves a page in Chromium that opens a WebSocket to where it is from', async () => {
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage({ ignoreHTTPSErrors: true });
        await page.goto(`https://localhost:${gateway.port}/`);
        await page.waitForFunction('document.title === "from a page"');
      } finally {
        await browser.close();
      }
    });
  });

  describe('that allows four seconds of silence', () => {
    before(() => start('4s'));
    after(() => stop());

    it('cuts a connection that is silent for longer, and both sides notice', async () => {
      const client = await open(url());
      const server = accepted();

      await Promise.all([emitted(client.disconnected), emitted(server.disconnected)]);

      expect([client.closeCode(), server.closeCode()]).to.deep.equal([1006, 1006]);
    });

    it('leaves one alone whose server pings in time', async () => {
      const client = await open(url());
      const server = accepted();
      const pings = setInterval(() => server.ping(), 400);
      for (let pong = 0; pong < 12; pong++) await emitted(server.pong);
      clearInterval(pings);

      expect(await echo(client, 'still here')).to.equal('still here');
      await close(client);
    });
  });

  describe('when a server goes', () => {
    beforeEach(() => start());
    afterEach(() => stop());

    /** Opens clients until each server has one; the first of each. */
    async function oneEach(): Promise<Record<string, QWebSocket>> {
      const clients: Record<string, QWebSocket> = {};
      while (Object.keys(clients).length < 2) {
        const client = await open(url());
        clients[await echo(client, 'Who is there?')] = client;
      }
      return clients;
    }

    it('in order: its clients hear 1001, and find the other one', async () => {
      const { first, second } = await oneEach();
      const gone = emitted(first!.disconnected);

      await instances[0]!.stop();

      await gone;
      expect(first!.closeCode()).to.equal(1001);
      for (let time = 0; time < 4; time++) {
        const again = await open(url());
        expect(await echo(again, 'Who is there?')).to.equal('second');
        await close(again);
      }
      expect(await echo(second!, 'still here')).to.equal('still here');
    });

    it('all of a sudden: its clients are cut, and find the other one', async () => {
      const { second } = await oneEach();
      const gone = emitted(second!.disconnected);

      await instances[1]!.die();

      await gone;
      expect(second!.closeCode()).to.equal(1006);
      for (let time = 0; time < 4; time++) {
        const again = await open(url());
        expect(await echo(again, 'Who is there?')).to.equal('first');
        await close(again);
      }
    });

    it('and the other one as well: clients are told what the gateway says', async () => {
      await Promise.all(instances.map((instance) => instance.die()));

      const failure = await failureOf(open(url()));

      expect(failure.message).to.match(/50[23]/);
    });
  });

  describe('with a server of ours on a port of its own', () => {
    it('names the client in Forwarded', async () => {
      const only = new LoneServer(SslMode.NonSecureMode, ForwardedHeader.Forwarded);
      try {
        const port = await only.standBehind(recipe([only], '30s', forwarded));

        const [socket, client] = await only.meets({ Forwarded: 'for=203.0.113.9' });

        expect(socket.peerAddress().toString()).to.equal('127.0.0.2');
        expect(socket.peerPort()).to.equal(client.socket.localPort);
        expect(socket.requestUrl().toString()).to.equal(`wss://localhost:${port}/`);
      } finally {
        await only.stop();
      }
    });
  });
}

/** Status and body of a page that is asked for over TLS, in one line. */
async function get(port: number, headers: Record<string, string>): Promise<string> {
  const options = {
    host: 'localhost',
    port,
    headers,
    ca: pemText('ca.crt'),
    agent: false,
  } as const;
  const [response] = (await once(https.get(options), 'response')) as [IncomingMessage];
  return `${response.statusCode} ${(await text(response)).replaceAll('\n', ' ')}`;
}
