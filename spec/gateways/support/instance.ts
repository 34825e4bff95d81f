import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CloseCode, QWebSocketServer, SslMode, type QWebSocket } from '../../../lib/index.ts';
import { listenOnLoopback } from '../../support/ports.ts';

/** One of several servers of ours: a page, and WebSockets that are sent back what they say. */
export class Instance {
  readonly name: string;
  /** All that have come, the last one last. */
  readonly sockets: QWebSocket[] = [];
  readonly #http: http.Server;
  readonly #server: QWebSocketServer;
  readonly #streams = new Set<Socket>();

  private constructor(name: string) {
    this.name = name;
    this.#http = http.createServer((request, response) => {
      response.end(request.url === '/health' ? 'well' : pageOf(name));
    });
    this.#http.on('connection', (stream: Socket) => {
      this.#streams.add(stream);
      stream.once('close', () => this.#streams.delete(stream));
    });
    this.#server = new QWebSocketServer(name, SslMode.NonSecureMode);
    this.#server.setTrustedProxies(['127.0.0.1']);
    this.#server.setSupportedSubprotocols(['chat']);
    this.#server.setCompressionEnabled(true);
    this.#server.setCompressionOptions({ threshold: 0 });
    this.#server.newConnection.connect(this, this.#welcome);
    this.#server.attach(this.#http);
  }

  static async start(name: string): Promise<Instance> {
    const instance = new Instance(name);
    await listenOnLoopback(instance.#http);
    return instance;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Goes in order: whoever is connected is told to go elsewhere. */
  async stop(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = once(this.#http, 'close');
    this.#http.close();
    for (const socket of this.sockets) {
      socket.close(CloseCode.CloseCodeGoingAway);
    }
    this.#http.closeIdleConnections();
    await closed;
  }

  /** Goes as when its process is killed. */
  async die(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = once(this.#http, 'close');
    this.#http.close();
    for (const stream of this.#streams) stream.resetAndDestroy();
    await closed;
  }

  #welcome(): void {
    const socket = this.#server.nextPendingConnection()!;
    this.sockets.push(socket);
    socket.textMessageReceived.connect((message) => {
      socket.sendTextMessage(message === 'Who is there?' ? this.name : message);
    });
    socket.binaryMessageReceived.connect((message) => void socket.sendBinaryMessage(message));
  }
}

/** Says in its title what it was sent back over a WebSocket. */
function pageOf(name: string): string {
  return `<!doctype html><title>${name}</title><script>
    const socket = new WebSocket('wss://' + location.host);
    socket.onopen = () => socket.send('from a page');
    socket.onmessage = ({ data }) => (document.title = data);
  </script>`;
}
