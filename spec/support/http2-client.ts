import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { pem } from './secure-peer.ts';

const WEBSOCKET: OutgoingHttpHeaders = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  ':path': '/chat',
  ':authority': 'localhost',
  'sec-websocket-version': '13',
};

/** What came of a request, as far as it was answered. */
export interface StreamAnswer {
  readonly stream: ClientHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly status: number | undefined;
}

/** A client of HTTP/2 that is not ours. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on('error', () => {});
    this.closed = new Promise((resolve) => session.on('close', () => resolve()));
  }

  /** Connects, and waits for the server's settings. */
  static async connect(
    port: number,
    options: SecureClientSessionOptions = {},
  ): Promise<Http2Client> {
    const session = connect(`https://127.0.0.1:${port}`, { ca: pem('ca.crt'), ...options });
    await once(session, 'remoteSettings');
    return new Http2Client(session);
  }

  /** The same without TLS. */
  static async connectInTheClear(port: number): Promise<Http2Client> {
    const session = connect(`http://127.0.0.1:${port}`);
    await once(session, 'remoteSettings');
    return new Http2Client(session);
  }

  /** Asks for a WebSocket, with other headers where they are given; undefined leaves one out. */
  request(headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    const all = Object.entries({ ...WEBSOCKET, ...headers });
    const given = Object.fromEntries(all.filter(([, value]) => value !== undefined));
    const stream = this.session.request(given, { endStream: false });
    stream.on('error', () => {});
    return stream;
  }

  /** Asks, and waits for the answer. */
  async ask(headers: OutgoingHttpHeaders = {}): Promise<StreamAnswer> {
    const stream = this.request(headers);
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    return { stream, headers: answer, status: Number(answer[':status']) };
  }

  close(): void {
    this.session.destroy();
  }
}

/** All that comes on `stream` until it is over. */
export async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  if (!stream.closed) await once(stream, 'close');
  return text;
}
