import { expect } from 'chai';
import { QHostAddress, QWebSocketServer, type CompressionOptions } from '../../lib/index.ts';
import { Chromium } from './support/chromium.ts';

interface Heard {
  extensions: string;
  replies: string[];
}

describe('compression with a browser', () => {
  let server: QWebSocketServer;
  const chromium = Chromium.forEachSpec({ start, stop: () => server[Symbol.dispose]() });

  function start(): void {
    server = new QWebSocketServer('browser');
    // An empty page has no origin that it could name.
    server.setOriginCheckEnabled(false);
    server.newConnection.connect(() => {
      const socket = server.nextPendingConnection()!;
      socket.textMessageReceived.connect((message) => void socket.sendTextMessage(message));
    });
    server.listen(QHostAddress.LocalHost);
  }

  /** What the page hears when it sends `messages` one behind the other. */
  async function echoed(messages: readonly string[]): Promise<Heard> {
    const page = await chromium.newPage();
    return page.evaluate(
      ({ url, sent }) =>
        new Promise<Heard>((resolve) => {
          const socket = new WebSocket(url);
          const replies: string[] = [];
          socket.onopen = () => {
            for (const message of sent) socket.send(message);
          };
          socket.onmessage = ({ data }) => {
            replies.push(String(data));
            if (replies.length < sent.length) return;
            socket.close();
            resolve({ extensions: socket.extensions, replies });
          };
        }),
      { url: server.serverUrl().toString(), sent: messages },
    );
  }

  const cases: Record<string, [options: CompressionOptions, extensions: string]> = {
    'with the context carried over': [{}, 'permessage-deflate'],
    'of each message by itself': [
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    'with small windows': [
      { serverMaxWindowBits: 10, clientMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=10; client_max_window_bits=10',
    ],
  };
  for (const [name, [options, extensions]] of Object.entries(cases)) {
    it(`works ${name}`, async () => {
      server.setCompressionEnabled(true);
      server.setCompressionOptions({ ...options, threshold: 0 });
      const messages = [
        '',
        'a',
        'Hällo 👋 '.repeat(50),
        'Hällo 👋 '.repeat(50_000),
        'Hällo 👋 ',
        'a',
      ];

      const heard = await echoed(messages);

      expect(heard.extensions).to.equal(extensions);
      expect(heard.replies).to.deep.equal(messages);
    });
  }

  it('is not forced upon it', async () => {
    expect(await echoed(['a'])).to.deep.equal({ extensions: '', replies: ['a'] });
  });
});
