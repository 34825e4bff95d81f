import { expect } from 'chai';
import type { ClientHttp2Stream, SecureClientSessionOptions } from 'node:http2';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { Http2Error } from '../../../lib/node/http2-error.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../../lib/ssl/qsslconfiguration.ts';
import {
  QHttpServerWebSocketUpgradeResponse,
  type HeaderList,
} from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../../support/emitted.ts';
import { Http2Client, textOf } from '../../support/http2-client.ts';
import { untilCollected } from '../../support/memory.ts';
import { identified } from '../../support/secure-client.ts';
import { until } from '../../support/until.ts';
import { wordsOf } from '../../support/words-of.ts';

const { accept, deny } = QHttpServerWebSocketUpgradeResponse;

/** A text frame with "hello", masked with zeros. */
const HELLO = Buffer.from('81850000000068656c6c6f', 'hex');

/** Of a client that wants to be sent nothing. */
const WITHOUT_WINDOW: SecureClientSessionOptions = { settings: { initialWindowSize: 0 } };

describe('Http2Acceptor', () => {
  let server: QWebSocketServer;
  let clients: Http2Client[];

  beforeEach(() => {
    const configuration = identified();
    configuration.setAllowedNextProtocols([QSslConfiguration.ALPNProtocolHTTP2]);
    server = new QWebSocketServer('Test', SslMode.SecureMode);
    server.setSslConfiguration(configuration);
    server.listen(QHostAddress.LocalHost);
    clients = [];
  });

  afterEach(() => {
    server[Symbol.dispose]();
    for (const client of clients) client.close();
  });

  async function connect(options?: SecureClientSessionOptions): Promise<Http2Client> {
    const client = await Http2Client.connect(server.serverPort(), options);
    clients.push(client);
    return client;
  }

  describe('answers with 500 in the place of what Node does not send', () => {
    const twice: HeaderList = [
      ['content-type', 'text/plain'],
      ['content-type', 'text/html'],
    ];
    const answers = {
      accept: accept({ headers: twice }),
      deny: deny(403, 'No', { headers: twice }),
    };
    for (const [name, answer] of Object.entries(answers)) {
      it(`where a verifier says so at once: ${name}`, async () => {
        server.addWebSocketUpgradeVerifier(server, () => answer);

        const { status } = await (await connect()).ask();

        expect(status).to.equal(500);
        expect(wordsOf(server.errorString())).to.equal(
          'A verifier has answered with a header that HTTP does not allow.',
        );
        expect(server.statistics().refused.failed).to.equal(1);
      });

      it(`and later: ${name}`, async () => {
        server.addWebSocketUpgradeVerifier(server, () => Promise.resolve(answer));

        expect((await (await connect()).ask()).status).to.equal(500);
      });
    }
  });

  it('sends headers whatever their names are', async () => {
    const names = ['constructor', '__proto__', 'valueof'];
    const headers = names.map((name) => [name, 'x'] as const);
    server.addWebSocketUpgradeVerifier(server, () => accept({ headers }));

    const answer = await (await connect()).ask();

    expect(
      names.map((name) => Object.getOwnPropertyDescriptor(answer.headers, name)?.value),
    ).to.deep.equal(['x', 'x', 'x']);
  });

  describe('has a client that takes no answer', () => {
    it('count as a handshake', async () => {
      server.setMaxPendingHandshakes(2);
      const client = await connect(WITHOUT_WINDOW);
      await client.ask({ 'sec-websocket-version': '12' });

      expect((await client.ask()).status).to.equal(503);
    });

    it('lose its stream after a second', async function () {
      this.timeout(60_000);
      const client = await connect(WITHOUT_WINDOW);
      // It keeps the connection.
      await client.ask();

      const { stream } = await client.ask({ 'sec-websocket-version': '12' });
      await new Promise((resolve) => stream.on('close', resolve));

      expect(stream.rstCode).to.equal(Http2Error.Cancel);
      expect(client.session.closed).to.equal(false);
    });

    it('hear of nothing when there are too many of those', async () => {
      server.setMaxConnections(1);
      const client = await connect(WITHOUT_WINDOW);
      await client.ask();
      const streams = Array.from({ length: 100 }, () => client.request());
      await until(() => server.statistics().refused.tooManyConnections === 100);
      await new Promise((resolve) => client.session.ping(resolve));

      expect(streams.filter(({ closed }) => closed).length).to.be.at.least(36);
    });
  });

  describe('while verifiers think', () => {
    let decide: () => void;
    let decision: Promise<void>;
    let signal: AbortSignal | undefined;
    let request: WeakRef<object> | undefined;

    beforeEach(() => {
      decision = new Promise<void>((resolve) => (decide = resolve));
      signal = undefined;
      server.addWebSocketUpgradeVerifier(server, (asked, given) => {
        signal = given;
        request = new WeakRef(asked);
        return decision.then(() => accept());
      });
    });

    const ends: Record<string, [act: (stream: ClientHttp2Stream) => void, reason: string]> = {
      'the client leaves': [(stream) => stream.close(), 'AbortError: The client has left.'],
      'its connection breaks': [
        ({ session }) => session?.destroy(),
        'AbortError: The client has left.',
      ],
      'the server is closed': [() => server.close(), 'AbortError: The server was closed.'],
    };
    for (const [what, [act, reason]] of Object.entries(ends)) {
      it(`tells them when ${what}, and keeps nothing of the request`, async () => {
        const stream = (await connect()).request();
        await until(() => signal !== undefined);

        act(stream);

        await until(() => signal?.aborted === true);
        expect(String(signal?.reason)).to.equal(reason);
        await untilCollected(request!);
      });
    }

    it('tells them when their time is over, and the client 503', async () => {
      const client = await connect();
      server.setHandshakeTimeout(20);

      const { status } = await client.ask();

      expect(status).to.equal(503);
      expect(String(signal?.reason)).to.equal(
        'TimeoutError: The upgrade was not verified in time.',
      );
    });

    it('keeps what comes early', async () => {
      const client = await connect();
      const stream = client.request();
      stream.write(HELLO);
      await new Promise((resolve) => client.session.ping(resolve));
      const arrived = emitted(server.newConnection);

      decide();
      await arrived;

      const socket = server.nextPendingConnection()!;
      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['hello']);
    });

    it('gives up who sends more than 64 KiB', async () => {
      const stream = (await connect()).request();
      stream.write(Buffer.alloc(65 * 1024));

      await new Promise((resolve) => stream.on('close', resolve));

      expect(stream.rstCode).to.equal(Http2Error.Cancel);
      expect(server.statistics().refused.tooLarge).to.equal(1);
    });

    it('gives up who ends its side', async () => {
      const stream = (await connect()).request();
      stream.end();

      await textOf(stream);

      expect(server.statistics().refused.left).to.equal(1);
    });
  });
});
