import { expect } from 'chai';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { freePort } from '../support/ports.ts';
import { showing } from '../support/secure-peer.ts';
import { bundle, type Bundled } from './support/bundles.ts';
import { Chromium } from './support/chromium.ts';
import { Pages, pageWith, type PagesOptions } from './support/page-server.ts';
import { bundleWithVite } from './support/vite-bundles.ts';

/** Sends a word to the peer whose address stands in `#`, and notes what becomes of it. */
const CLASSES = `
import { QWebSocket, CloseCode } from 'qwebsockets';
const socket = new QWebSocket();
const log = (globalThis.log = []);
socket.connected.connect(() => socket.sendTextMessage('Hällo'));
socket.textMessageReceived.connect((message) => {
  log.push(message);
  socket.close(CloseCode.CloseCodeNormal);
});
socket.errorOccurred.connect((error) => log.push(error, socket.errorString()));
socket.disconnected.connect(() => {
  log.push('disconnected ' + socket.closeCode());
  globalThis.postMessage?.(log);
});
socket.open(globalThis.address ?? location.hash.slice(1));`;

/** The same with the QML types, as a document would. */
const QML = `
import { Status, WebSocket } from 'qwebsockets/qml';
const log = (globalThis.log = []);
const socket = new WebSocket({
  url: location.hash.slice(1),
  active: true,
  onStatusChanged(status) {
    if (status === Status.Open) socket.sendTextMessage('Hällo');
    if (status === Status.Error) log.push(socket.errorString);
    if (status === Status.Closed) log.push('closed');
  },
  onTextMessageReceived(message) {
    log.push(message);
    socket.sendBinaryMessage('Grüße');
  },
  onBinaryMessageReceived(message) {
    log.push(message.byteLength);
    socket.active = false;
  },
});`;

const WORKER = `
const worker = new Worker('/worker.js', { type: 'module' });
worker.onmessage = ({ data }) => (globalThis.log = data);
worker.postMessage(location.hash.slice(1));`;

const IN_WORKER = `
import { QWebSocket } from 'qwebsockets';
onmessage = ({ data: url }) => {
  const socket = new QWebSocket();
  const log = [];
  socket.connected.connect(() => socket.sendBinaryMessage(Uint8Array.of(1, 2, 3)));
  socket.binaryMessageReceived.connect((message) => {
    log.push(...message);
    socket.close();
  });
  socket.disconnected.connect(() => postMessage([...log, 'disconnected']));
  socket.open(url);
};`;

const WITH_SERVICE = `
navigator.serviceWorker.onmessage = ({ data }) => (globalThis.log = data);
await navigator.serviceWorker.register('/worker.js', { type: 'module' });
const { active } = await navigator.serviceWorker.ready;
active.postMessage(location.hash.slice(1));`;

const IN_SERVICE = `
import { QWebSocket } from 'qwebsockets';
onmessage = ({ data: url, source }) => {
  const socket = new QWebSocket();
  socket.connected.connect(() => socket.sendTextMessage('from a service'));
  socket.textMessageReceived.connect((message) => source.postMessage([message]));
  socket.open(url);
};`;

/** Notes what was agreed on, and closes with a code that is not for pages. */
const WITH_OWN_SERVER = `
import { QNetworkRequest, QWebSocket } from 'qwebsockets';
const socket = new QWebSocket('https://nobody.example');
const request = new QNetworkRequest(location.hash.slice(1));
request.setRawHeader('X-Mine', 'not sent');
const log = (globalThis.log = []);
socket.connected.connect(() => {
  log.push(socket.extensions());
  socket.sendTextMessage('x'.repeat(100_000));
});
socket.textMessageReceived.connect((message) => {
  log.push(message.length);
  socket.close(1008, 'of no use');
});
socket.disconnected.connect(() => log.push(socket.closeCode()));
socket.open(request);`;

const SPOKEN = ['Hällo', 'disconnected 1000'];

describe('a bundled program in Chromium', () => {
  let peer: WsEchoPeer;
  let pages: Pages | undefined;
  const chromium = Chromium.forEachSpec({ stop: () => pages?.close() });

  before(async () => {
    peer = await WsEchoPeer.start();
  });

  after(() => peer.stop());

  /** The first `count` notes of `files`, of which the first is the page's, in a page that may open `url`. */
  async function run(
    files: Readonly<Record<string, string>>,
    count: number,
    url: string = peer.url,
    options?: PagesOptions,
  ): Promise<unknown[]> {
    const [script] = Object.keys(files);
    pages = await Pages.serve({ '/': pageWith(script!), ...files }, options);
    const page = await chromium.open(`${pages.origin}/#${url}`, { ignoreHTTPSErrors: true });
    await page.waitForFunction(`globalThis.log?.length >= ${count}`);
    return (await page.evaluate('log')) as unknown[];
  }

  const bundlers: Record<string, (name: string, program: string) => Promise<Bundled>> = {
    esbuild: (_, program) => bundle(program),
    Vite: bundleWithVite,
  };
  for (const [bundler, make] of Object.entries(bundlers)) {
    it(`talks, made by ${bundler}`, async () => {
      const { code, inputs } = await make('classes', CLASSES);

      expect(code).to.not.match(/\bBuffer\b|node:/);
      // What Vite puts in the place of a module of Node.
      expect(inputs.join()).to.not.include('browser-external');
      expect(await run({ '/main.js': code }, 2)).to.deep.equal(SPOKEN);
    });

    it(`talks with the QML types, made by ${bundler}`, async () => {
      const { code } = await make('qml', QML);

      expect(code).to.not.match(/\bBuffer\b|node:/);
      expect(await run({ '/main.js': code }, 3)).to.deep.equal(['Hällo', 7, 'closed']);
    });
  }

  it('talks in a worker', async () => {
    const { code } = await bundle(IN_WORKER);

    const log = await run({ '/main.js': WORKER, '/worker.js': code }, 4);

    expect(log).to.deep.equal([1, 2, 3, 'disconnected']);
  });

  it('talks in a service worker', async () => {
    const { code } = await bundle(IN_SERVICE);

    const log = await run({ '/main.js': WITH_SERVICE, '/worker.js': code }, 1);

    expect(log).to.deep.equal(['from a service']);
  });

  it('talks with a server of ours, as far as a page may', async () => {
    const server = new QWebSocketServer();
    server.setCompressionEnabled(true);
    server.listen(QHostAddress.LocalHost);
    const closed = new Promise<number>((resolve) => {
      server.newConnection.connect(() => {
        const socket = server.nextPendingConnection()!;
        expect(socket.origin()).to.match(/^http:\/\/127\.0\.0\.1:/);
        expect(socket.request().hasRawHeader('X-Mine')).to.equal(false);
        socket.textMessageReceived.connect((message) => socket.sendTextMessage(message));
        socket.disconnected.connect(() => resolve(socket.closeCode()));
      });
    });
    const { code } = await bundle(WITH_OWN_SERVER);

    const log = await run({ '/main.js': code }, 3, server.serverUrl().toString());

    expect(log).to.deep.equal(['permessage-deflate', 100_000, 1008]);
    expect(await closed).to.equal(1005);
    server.close();
  });

  it('says what it can when nobody is there', async () => {
    const { code } = await bundle(CLASSES);

    const log = await run({ '/main.js': code }, 3, `ws://127.0.0.1:${await freePort()}/`);

    expect(log).to.deep.equal([
      0,
      'Connection refused (browser: code 1006, it does not tell more). ' +
        "The browser's console may say why.",
      'disconnected 1000',
    ]);
  });

  it('is refused where none of its subprotocols is taken', async () => {
    const { code } = await bundle(`
      import { QWebSocket, QWebSocketHandshakeOptions } from 'qwebsockets';
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['unknown']);
      const socket = new QWebSocket();
      socket.errorOccurred.connect(() => (globalThis.log = [socket.errorString()]));
      socket.open(location.hash.slice(1), options);`);

    const log = await run({ '/main.js': code }, 1);

    expect(log[0]).to.include('A server that takes none of the subprotocols is refused.');
    expect(chromium.takeFaults().join()).to.include('but no response was received');
  });

  describe('of a page of https:', () => {
    async function runSecurely(url: string): Promise<unknown[]> {
      const { code } = await bundle(CLASSES);
      return run({ '/main.js': code }, 2, url, { tls: showing('server') });
    }

    it('says as Qt does that it may not open ws:', async () => {
      // Names that end so lead nowhere (RFC 6761 §6.4).
      const log = await runSecurely('ws://somewhere.invalid/');

      expect(chromium.takeFaults().join()).to.include('Mixed Content');
      expect(log[0]).to.equal(10);
      expect(log[1]).to.include('Unsupported WebSocket scheme: ws (browser: ');
    });

    it('may do so on this machine', async () => {
      expect(await runSecurely(peer.url)).to.deep.equal(SPOKEN);
    });
  });
});
