import { CloseCode, SocketError, SocketState, type QWebSocket } from '../../index.ts';
import { ExitCode } from '../exit-code.ts';
import { shownUrl } from '../shown-url.ts';
import type { Client } from './client.ts';
import type { Voice } from './voice.ts';

/** Where what is to be sent comes from; begins when the connection is open. */
export interface Source {
  begin(conversation: Conversation): void;
  /** Nothing can be sent any more. */
  stop(): void;
  /** Whether there was more to send. */
  isUnfinished(): boolean;
}

/** Somebody has interrupted it before there was a connection. */
const GIVEN_UP = 'The attempt was given up.';

/** A connection from its opening to its end. */
export class Conversation {
  readonly #client: Client;
  readonly #voice: Voice;
  readonly #source: Source;
  readonly #pingInterval: number | undefined;
  #hasBeenOpen = false;
  #isOurEnd = false;
  #hasPongDue = false;
  #pingTimer: NodeJS.Timeout | undefined;
  #waitTimer: NodeJS.Timeout | undefined;
  #failure: string | undefined;

  /** @param pingInterval in milliseconds. */
  constructor(client: Client, voice: Voice, source: Source, pingInterval?: number) {
    this.#client = client;
    this.#voice = voice;
    this.#source = source;
    this.#pingInterval = pingInterval;
  }

  get socket(): QWebSocket {
    return this.#client.socket;
  }

  /** Opens the connection; done when it has ended. */
  run(): Promise<ExitCode> {
    const { socket, request, handshake } = this.#client;
    const voice = this.#voice;
    socket.connected.connect(() => this.#onConnected());
    socket.textMessageReceived.connect((message) => voice.text(message));
    socket.binaryMessageReceived.connect((message) => voice.binary(message));
    socket.pong.connect((elapsed, payload) => {
      this.#hasPongDue = false;
      // Those that nobody has typed would only disturb.
      if (this.#pingInterval === undefined) voice.pong(elapsed, payload);
    });
    socket.sslErrors.connect((errors) => {
      for (const error of errors) voice.warning(error.errorString());
    });
    voice.connecting(shownUrl(request.url()));
    return new Promise((resolve) => {
      // What failed is told behind `disconnected`.
      const end = () => setImmediate(() => resolve(this.#end()));
      socket.disconnected.connect(end);
      socket.open(request, handshake);
      if (socket.state() === SocketState.UnconnectedState) end();
    });
  }

  /** Closes in `milliseconds`, when the last message has been sent. */
  closeAfter(milliseconds: number): void {
    if (milliseconds === Infinity) return;
    this.#waitTimer = setTimeout(() => this.close(), milliseconds);
  }

  close(code: number = CloseCode.CloseCodeNormal, reason = ''): void {
    if (this.#hasBeenOpen) this.#isOurEnd = true;
    this.#source.stop();
    this.socket.close(code, reason);
  }

  /** Gives the connection up. */
  abort(why: string): void {
    this.#failure = why;
    this.socket.abort();
  }

  #onConnected(): void {
    const { socket } = this;
    this.#hasBeenOpen = true;
    this.#voice.connected({
      url: shownUrl(socket.requestUrl()),
      subprotocol: socket.subprotocol(),
      extensions: socket.extensions(),
      peerAddress: socket.peerAddress().toString(),
      peerPort: socket.peerPort(),
    });
    const interval = this.#pingInterval;
    if (interval !== undefined) this.#pingTimer = setInterval(() => this.#ping(interval), interval);
    this.#source.begin(this);
  }

  #ping(interval: number): void {
    if (this.#hasPongDue) {
      this.abort(`No pong came within ${interval / 1000} s.`);
      return;
    }
    this.#hasPongDue = true;
    this.socket.ping();
  }

  #end(): ExitCode {
    const { socket } = this;
    clearInterval(this.#pingTimer);
    clearTimeout(this.#waitTimer);
    this.#source.stop();
    const text = this.#failure ?? errorTextOf(socket);
    const isFailed =
      !this.#hasBeenOpen || (text !== '' && !this.#isOurEnd) || this.#failure !== undefined;
    const isCutShort = !isFailed && !this.#isOurEnd && this.#source.isUnfinished();
    if (isFailed) this.#voice.failed(nameOf(socket.error()), text || GIVEN_UP);
    else if (text !== '') this.#voice.warning(text);
    if (isCutShort) this.#voice.failed('', 'The server closed before everything was sent.');
    if (this.#hasBeenOpen) this.#voice.closed(socket.closeCode(), socket.closeReason());
    return isFailed || isCutShort ? ExitCode.Failed : ExitCode.Ok;
  }
}

/** What went wrong, or ''. */
function errorTextOf(socket: QWebSocket): string {
  const text = socket.errorString();
  // As in Qt, that is what it says when nothing has.
  return text === 'Unknown error' ? '' : text;
}

function nameOf(error: SocketError): string {
  if (error === SocketError.UnknownSocketError) return '';
  return Object.entries(SocketError).find(([, value]) => value === error)?.[0] ?? '';
}
