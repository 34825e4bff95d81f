import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import {
  CloseCode,
  KeepAlive,
  QHostAddress,
  QWebSocketServer,
  type QWebSocket,
} from '../../index.ts';
import { escaped } from '../escaped.ts';
import { applyOriginRule } from './origin-rule.ts';
import { ProgramSession, type Brake, type ProgramCommand } from './program-session.ts';
import { requestEnvironment, type ServerName } from './request-environment.ts';
import type { TlsFiles } from './server-options.ts';

/** What a ProgramServer goes by. */
export interface ProgramServerOptions {
  readonly command: ProgramCommand;
  readonly tls: TlsFiles | undefined;
  readonly allowOrigin: readonly string[];
  readonly maxMessage: number;
  readonly maxProcesses: number;
  readonly env: NodeJS.ProcessEnv;
  /** Is told who comes and goes. */
  readonly log: (text: string) => void;
  /** Is told what is wrong with the programs. */
  readonly warn: (text: string) => void;
}

/** How long a client may take to ask for a WebSocket, in milliseconds. */
const REQUEST_TIMEOUT = 10_000;

/** How many clients may be asking beside those who have a program. */
const MAX_ASKING = 100;

/**
 * Runs a program for each connection.
 *
 * It shares an HTTP server with the QWebSocketServer because that shows the streams under the
 * connections: a peer has to be held back while its program does not read.
 */
export class ProgramServer {
  readonly #http: Server;
  readonly #server = new QWebSocketServer('qws listen');
  // A peer that has lost power says nothing, and its program would run for ever.
  readonly #keepAlive = new KeepAlive();
  readonly #options: ProgramServerOptions;
  readonly #streams = new Map<string, Socket>();
  readonly #sessions = new Set<ProgramSession>();

  constructor(options: ProgramServerOptions) {
    this.#options = options;
    const { tls, maxProcesses } = options;
    const settings = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT };
    this.#http =
      tls === undefined
        ? createServer(settings, refusePlainRequest)
        : createSecureServer({ ...settings, ...tls }, refusePlainRequest);
    this.#http.maxConnections = maxProcesses + MAX_ASKING;
    this.#http.on(tls === undefined ? 'connection' : 'secureConnection', (stream: Socket) =>
      this.#remember(stream),
    );
    this.#server.setMaxConnections(maxProcesses);
    applyOriginRule(this.#server, options.allowOrigin);
    this.#server.newConnection.connect(() => this.#take());
    this.#server.serverError.connect(() => {
      options.log(`refused: ${escaped(this.#server.errorString())}`);
    });
    this.#server.attach(this.#http);
  }

  /**
   * Listens on `host` and `port`; 0 lets the system choose.
   *
   * @returns the URL that leads here; fails as net.Server.listen() does.
   */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject);
        // A connection that cannot be accepted.
        this.#http.on('error', ({ message }) => this.#options.warn(`error: ${message}`));
        resolve(this.#url());
      });
    });
  }

  /** Stops listening, closes all connections and ends all programs. */
  async close(): Promise<void> {
    this.#server.close();
    this.#http.close();
    const sessions = [...this.#sessions];
    for (const session of sessions) session.end();
    await Promise.all(sessions.map(({ done }) => done));
    this.#keepAlive.deleteLater();
    this.#http.closeAllConnections();
  }

  #take(): void {
    const socket = this.#server.nextPendingConnection();
    if (socket === null) return;
    const { command, maxProcesses, maxMessage, env, log, warn } = this.#options;
    socket.setMaxAllowedIncomingMessageSize(maxMessage);
    socket.setMaxAllowedIncomingFrameSize(maxMessage);
    socket.disconnected.connect(() => socket.deleteLater());
    // Programs may live on for a moment when their connection has gone.
    if (this.#sessions.size >= maxProcesses) {
      warn('refused: too many programs are running');
      socket.close(TRY_AGAIN_LATER, 'Too many programs are running.');
      return;
    }
    const peer = keyOf(socket.peerAddress(), socket.peerPort());
    log(`connected: ${peer}, ${escaped(socket.requestUrl().path())}`);
    const warnOf = (text: string) => warn(`${peer}: ${text}`);
    const variables = requestEnvironment(socket, this.#name(), env);
    let session: ProgramSession;
    try {
      session = new ProgramSession(socket, this.#brakeOf(socket, peer), command, variables, warnOf);
    } catch (error) {
      warnOf(`the program cannot be run: ${(error as Error).message}`);
      socket.close(CloseCode.CloseCodeBadOperation, 'The program cannot be run.');
      return;
    }
    this.#sessions.add(session);
    this.#keepAlive.add(socket);
    void session.done.then(() => {
      this.#sessions.delete(session);
      log(`disconnected: ${peer}, ${socket.closeCode()} ${escaped(socket.closeReason())}`);
      return undefined;
    });
  }

  /** Holds a peer back, whose pongs are not heard as long as nobody reads. */
  #brakeOf(socket: QWebSocket, peer: string): Brake | undefined {
    const stream = this.#streams.get(peer);
    if (stream === undefined) return undefined;
    return {
      pause: () => {
        this.#keepAlive.remove(socket);
        stream.pause();
      },
      resume: () => {
        stream.resume();
        this.#keepAlive.add(socket);
      },
    };
  }

  #remember(stream: Socket): void {
    const key = keyOf(new QHostAddress(stream.remoteAddress ?? ''), stream.remotePort ?? 0);
    this.#streams.set(key, stream);
    stream.on('close', () => this.#streams.delete(key));
  }

  #name(): ServerName {
    const { address, port } = this.#http.address() as AddressInfo;
    return { host: address, port, isSecure: this.#options.tls !== undefined };
  }

  #url(): string {
    const { host, port, isSecure } = this.#name();
    const name = host.includes(':') ? `[${host}]` : host;
    return `${isSecure ? 'wss' : 'ws'}://${name}:${port}`;
  }
}

/** RFC 6455's registry has it; Qt's enum does not. */
const TRY_AGAIN_LATER = 1013;

function keyOf(address: QHostAddress, port: number): string {
  return `${address.toString()} port ${port}`;
}

function refusePlainRequest(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, {
    Connection: 'close',
    Upgrade: 'websocket',
    'Content-Type': 'text/plain',
  });
  response.end('This is a WebSocket server.\n');
}
