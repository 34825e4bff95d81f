import { onLaterTurn } from '../core/later-turn.ts';
import { BacklogPolicy } from '../network/backlog-policy.ts';
import {
  explained,
  printable,
  withoutSecrets,
  type FailureCause,
} from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { QUrl } from '../network/qurl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type {
  Endpoint,
  OpenRefusal,
  OpenRequest,
  PreparedContent,
  SocketBackend,
  SocketBackendEvents,
  SocketSettings,
} from '../websockets/socket-backend.ts';
import { watchClosing } from './closing-watch.ts';
import { DrainWatch } from './drain-watch.ts';
import { OPEN, type NativeCloseEvent, type NativeWebSocket } from './native-websocket.ts';
import { NO_TLS } from './no-tls.ts';
import { pageRefusal, unsupported } from './page-refusal.ts';
import { subprotocolsOf } from './subprotocols.ts';

/** Makes the socket of one attempt, in the state CONNECTING; may throw where there can be none. */
export type NativeWebSocketFactory = (
  url: string,
  protocols: readonly string[],
  request: OpenRequest,
) => NativeWebSocket;

/** What an attempt that came to nothing may have failed for, in full sentences; or nothing. */
export type FailureAdvisor = (request: OpenRequest) => string | undefined;

const NOWHERE: Endpoint = { address: '', port: 0 };

const utf8 = new TextEncoder();

/**
 * Backs a QWebSocket by a WebSocket that the platform brings along, as Qt for WebAssembly does.
 *
 * What such a socket cannot do, such as pinging, does nothing: docs/browsers.md has the list.
 */
export class NativeBackend implements SocketBackend {
  readonly #events: SocketBackendEvents;
  readonly #settings: Readonly<SocketSettings>;
  readonly #createSocket: NativeWebSocketFactory;
  readonly #advise: FailureAdvisor;
  // Of the attempt or connection that there is; whatever else still calls has been given up.
  #socket: NativeWebSocket | undefined;
  #request: OpenRequest | undefined;
  #isOpen = false;
  // Nothing that comes counts any more.
  #isEnding = false;
  #isClosedByUs = false;
  #hint = '';
  #received = 0;
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #drain = new DrainWatch((count) => this.#events.bytesWritten(count));

  /**
   * @param createSocket opens a socket of the platform's.
   * @param advise is asked when an attempt has failed.
   */
  constructor(
    events: SocketBackendEvents,
    settings: Readonly<SocketSettings>,
    createSocket: NativeWebSocketFactory,
    advise: FailureAdvisor = () => undefined,
  ) {
    this.#events = events;
    this.#settings = settings;
    this.#createSocket = createSocket;
    this.#advise = advise;
  }

  open(request: OpenRequest): OpenRefusal | undefined {
    const refusal = pageRefusal(request, 'a browser chooses its proxies by its own settings');
    if (refusal !== undefined) return refusal;

    const { url } = request;
    const scheme = url.scheme();
    const authority = url.authority(QUrl.FullyEncoded);
    const address = `${scheme}://${authority}${request.resourceName}`;
    let socket: NativeWebSocket;
    try {
      socket = this.#createSocket(address, subprotocolsOf(request), request);
    } catch (error) {
      const cause = browserCause(`it opens no such socket, ${nameOf(error)}`);
      // Pages that have come by https may not open ws: where browsers say so at once.
      if (scheme === 'ws' && nameOf(error) === 'SecurityError') {
        return unsupported(`Unsupported WebSocket scheme: ${scheme}`, cause);
      }
      const description = explained('Connection refused', cause);
      return { error: SocketError.ConnectionRefusedError, description };
    }
    this.#begin(socket, request);
    return undefined;
  }

  /** Does nothing: no browser accepts connections. */
  begin(): void {}

  /** Does nothing: a browser reads on. */
  holdBack(): () => void {
    return () => {};
  }

  sendText(message: string): number {
    return this.#maySend() ? this.#send(message, utf8.encode(message).length) : 0;
  }

  sendBinary(data: Uint8Array): number {
    return this.#maySend() ? this.#send(data, data.length) : 0;
  }

  sendPrepared({ text, data }: PreparedContent): boolean {
    if (!this.#maySend()) return false;
    this.#send(text ?? data, data.length);
    return true;
  }

  /** Does nothing: a browser pings as it likes, and tells nobody. */
  ping(): void {}

  pulse(): undefined {
    return undefined;
  }

  close(code: number, reason: string): void {
    if (this.#socket === undefined || this.#isEnding) return;
    this.#isClosedByUs = true;
    closeNative(this.#socket, code, reason);
    this.#watchClosing();
  }

  abort(): void {
    const socket = this.#detach();
    if (socket !== undefined) closeNative(socket, 1000, '');
  }

  release(): void {
    this.#request = undefined;
  }

  /** Does nothing: a browser sends by itself. */
  flush(): boolean {
    return true;
  }

  /** As the browser counts: without the headers of frames. */
  bytesToWrite(): number {
    return this.#isOpen ? (this.#socket?.bufferedAmount ?? 0) : 0;
  }

  /** Pages are not told. */
  localEndpoint(): Endpoint {
    return NOWHERE;
  }

  /** Pages are not told. */
  peerEndpoint(): Endpoint {
    return NOWHERE;
  }

  /** Nobody knows. */
  isDialling(): boolean {
    return false;
  }

  /** Does nothing: a browser asks nobody about certificates. */
  resume(): void {}

  defaultSslConfiguration(): QSslConfiguration {
    return NO_TLS;
  }

  #begin(socket: NativeWebSocket, request: OpenRequest): void {
    this.#socket = socket;
    this.#request = request;
    this.#isOpen = false;
    this.#isEnding = false;
    this.#isClosedByUs = false;
    this.#hint = '';
    this.#received = 0;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (socket === this.#socket) this.#opened(socket);
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onerror = ({ message }) => {
      if (socket === this.#socket && typeof message === 'string') this.#hint = message;
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event);
    };
    const { openTimeout } = this.#settings;
    if (openTimeout >= 0) this.#openTimer = setTimeout(() => this.#openTimedOut(), openTimeout);
  }

  #opened(socket: NativeWebSocket): void {
    if (this.#isOpen) return;
    clearTimeout(this.#openTimer);
    this.#isOpen = true;
    this.#events.opened(socket.protocol, socket.extensions);
  }

  #receive(data: unknown): void {
    if (!this.#isOpen || this.#isEnding) return;
    this.#received++;
    if (typeof data === 'string') {
      if (this.#isTooBig(data)) this.#refuseMessage();
      else this.#events.textMessage(data);
    } else {
      const bytes = new Uint8Array(data as ArrayBuffer);
      if (bytes.length > this.#settings.maxIncomingMessageSize) this.#refuseMessage();
      else this.#events.binaryMessage(bytes);
    }
  }

  /** Whether `text` takes more bytes than are allowed; counts them only where it may. */
  #isTooBig(text: string): boolean {
    const limit = this.#settings.maxIncomingMessageSize;
    // A UTF-16 code unit takes one to three bytes.
    if (3 * text.length <= limit) return false;
    return text.length > limit || utf8.encode(text).length > limit;
  }

  #refuseMessage(): void {
    const reason = 'Received message is too big.';
    this.#events.explained(
      explained(reason, {
        layer: 'protocol',
        detail: 'closed for 1009, which a script cannot send',
        advice: 'QWebSocket has setters for its limits.',
      }),
    );
    const socket = this.#socket!;
    const isFirst = !this.#isClosedByUs;
    this.#isEnding = true;
    closeNative(socket, 1009, reason);
    this.#watchClosing();
    if (isFirst) this.#events.closing(1009, reason);
  }

  #openTimedOut(): void {
    const { openTimeout } = this.#settings;
    this.abort();
    this.#events.handshakeFailed(
      SocketError.SocketTimeoutError,
      explained('Socket operation timed out', {
        layer: 'timeout',
        detail: `${openTimeout} ms, waiting for the browser to connect`,
      }),
    );
  }

  #closed({ code, reason }: NativeCloseEvent): void {
    const socket = this.#socket!;
    if (!this.#isOpen) {
      this.#detach();
      const advice = this.#advise(this.#request!);
      const description = explained('Connection refused', browserCause(this.#what(reason), advice));
      this.#events.handshakeFailed(SocketError.ConnectionRefusedError, description);
      return;
    }
    this.#quiet(socket);
    this.#tellEnd(code, reason);
    // A slot may have given the connection up, perhaps to open another one.
    if (socket !== this.#socket) return;
    this.#detach();
    this.#events.closed();
  }

  /** Says how the connection ended, unless that is known. */
  #tellEnd(code: number, reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (code !== 1006) {
      if (!this.#isClosedByUs) this.#events.closing(code, reason);
      return;
    }
    const when = this.#isClosedByUs ? 'without answering our Close frame' : 'before a Close frame';
    const text = explained(
      'The remote host closed the connection',
      browserCause(`${this.#what(reason)} ${when}`),
    );
    if (this.#isClosedByUs) this.#events.explained(text);
    else this.#events.lost(SocketError.RemoteHostClosedError, text);
  }

  /** What is known of an end without a Close frame. */
  #what(reason: string): string {
    const words = reason === '' ? this.#hint : reason;
    if (words === '') return 'code 1006, it does not tell more';
    // Platforms that say what went wrong may quote the whole URL.
    const { url } = this.#request!;
    const secrets = [url.userName(), url.password(), url.query(QUrl.FullyEncoded)];
    return `code 1006, ${printable(withoutSecrets(words, secrets))}`;
  }

  #watchClosing(): void {
    const socket = this.#socket!;
    this.#stopWatching?.();
    this.#stopWatching = watchClosing(
      this.#settings.closeTimeout,
      () => this.#received - socket.bufferedAmount,
      () => this.#closingTimedOut(),
    );
  }

  #closingTimedOut(): void {
    const { closeTimeout } = this.#settings;
    const isExplained = this.#isEnding;
    this.#detach();
    if (!isExplained) {
      const detail = `${closeTimeout} ms, waiting for the peer to answer our Close frame`;
      this.#events.explained(explained('Socket operation timed out', { layer: 'timeout', detail }));
    }
    this.#events.closed();
  }

  /** Whether something may be sent now. */
  #maySend(): boolean {
    const socket = this.#socket;
    // The peer's Close frame is known here before it is told.
    if (socket?.readyState !== OPEN) return false;
    const { backlogLimit, backlogPolicy } = this.#settings;
    const waiting = socket.bufferedAmount;
    if (backlogLimit < 0 || waiting <= backlogLimit) return true;
    if (backlogPolicy === BacklogPolicy.Disconnect) this.#giveUp(socket, waiting);
    return false;
  }

  #giveUp(socket: NativeWebSocket, waiting: number): void {
    this.#isEnding = true;
    this.#quiet(socket);
    closeNative(socket, 1000, '');
    const text = explained(`The peer does not read: ${waiting} bytes wait to be sent.`, {
      layer: 'TCP',
      detail: 'cut off by the policy of setBacklogLimit()',
    });
    onLaterTurn(() => {
      if (socket !== this.#socket) return;
      this.#events.lost(SocketError.SocketResourceError, text);
      if (socket !== this.#socket) return;
      this.#detach();
      this.#events.closed();
    });
  }

  #send(data: string | Uint8Array, size: number): number {
    const socket = this.#socket!;
    try {
      socket.send(data);
    } catch {
      // Browsers take no memory that is shared or can be resized; a copy is neither.
      socket.send(data.slice());
    }
    this.#drain.sent(socket, size);
    return size;
  }

  /** Has `socket` tell nothing more, while it is still ours. */
  #quiet(socket: NativeWebSocket): void {
    clearTimeout(this.#openTimer);
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#drain.stop();
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    // `onerror` stays: where events are those of Node, an error that nobody hears is thrown.
  }

  /** Lets go of the socket, and returns it. */
  #detach(): NativeWebSocket | undefined {
    const socket = this.#socket;
    if (socket !== undefined) this.#quiet(socket);
    this.#socket = undefined;
    this.#isOpen = false;
    return socket;
  }
}

/** Browsers let scripts send no other codes than these; without one, the Close frame is empty. */
function closeNative(socket: NativeWebSocket, code: number, reason: string): void {
  if (code === 1000 || code >= 3000) socket.close(code, reason);
  else socket.close();
}

function browserCause(detail: string, advice?: string): FailureCause {
  return { layer: 'browser', detail, advice };
}

/** Not the message: it quotes the URL, which may hold secrets. */
function nameOf(error: unknown): string {
  // Errors of another realm are no instances of ours.
  const { name } = Object(error) as { readonly name?: unknown };
  return typeof name === 'string' ? name : typeof error;
}
