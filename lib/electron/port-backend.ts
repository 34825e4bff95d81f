import { onLaterTurn } from '../core/later-turn.ts';
import { BacklogPolicy } from '../network/backlog-policy.ts';
import { explained } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { ComponentFormattingOption } from '../network/qurl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type {
  Endpoint,
  OpenRefusal,
  OpenRequest,
  PreparedContent,
  Pulse,
  SocketBackend,
  SocketBackendEvents,
  SocketSettings,
} from '../websockets/socket-backend.ts';
import { NO_TLS } from '../browser/no-tls.ts';
import { pageRefusal, unsupported } from '../browser/page-refusal.ts';
import {
  alone,
  BRIDGE_VERSION,
  costOf,
  type Ask,
  type BridgeRequest,
  type Tell,
} from './bridge-messages.ts';
import { MessageParts } from './message-parts.ts';
import type { PagePort } from './ports.ts';

/**
 * Hands a request to the main process, together with the port for what follows; throws an Error that
 * says why that is impossible.
 */
export type BridgeConnector = (request: BridgeRequest, port: PagePort) => void;

const NOWHERE: Endpoint = { address: '', port: 0 };

const PROXY_CHOICE = 'proxies are chosen in the main process, by admit() of its SocketBridge';

const UTF8_MOST = 3;
const CLOSE_TOO_BIG = 1009;

const utf8 = new TextEncoder();

/** Backs a QWebSocket of a page by a socket that lives in Electron's main process. */
export class PortBackend implements SocketBackend {
  readonly #events: SocketBackendEvents;
  readonly #settings: Readonly<SocketSettings>;
  readonly #connect: BridgeConnector;
  // Of the attempt or connection that there is; what others still bring has been given up.
  #port: PagePort | undefined;
  #isOpen = false;
  #isClosedByUs = false;
  // A message was too big: nothing that comes counts any more.
  #isRefusing = false;
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #local = NOWHERE;
  #peer = NOWHERE;
  #maxMessageSize = 0;
  #reportEvery = 0;
  // Bytes of our messages, and how many of them the main process had handed to its socket when it
  // last told; what was left waiting there at that time.
  #posted = 0;
  #taken = 0;
  #waiting = 0;
  #unreported = 0;
  // What has come from the peer through the main process.
  #heard = 0;
  #canPing = true;
  // What has come while the program holds the peer back, and must be told first.
  #holds = 0;
  readonly #kept: Tell[] = [];
  #isPortClosed = false;
  #text = new MessageParts<string>((parts) => parts.join(''));
  #binary = new MessageParts<Uint8Array>(joined);

  constructor(
    events: SocketBackendEvents,
    settings: Readonly<SocketSettings>,
    connect: BridgeConnector,
  ) {
    this.#events = events;
    this.#settings = settings;
    this.#connect = connect;
  }

  open(request: OpenRequest): OpenRefusal | undefined {
    const refusal = pageRefusal(request, PROXY_CHOICE);
    if (refusal !== undefined) return refusal;
    const { port1, port2 } = newChannel();
    try {
      this.#connect(this.#requestFor(request), port2);
    } catch (error) {
      port1.close();
      const detail = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
      return unsupported('Operation on socket is not supported', { layer: 'bridge', detail });
    }
    this.#begin(port1);
    return undefined;
  }

  /** Does nothing: a page accepts no connections. */
  begin(): void {}

  holdBack(): () => void {
    let port = this.#port;
    this.#holds++;
    return () => {
      const held = port;
      port = undefined;
      if (held === undefined || held !== this.#port) return;
      this.#holds--;
      // Whoever lets go may be in a slot, and nothing may come before that has returned.
      queueMicrotask(() => this.#goOn(held));
    };
  }

  sendText(message: string, compress?: boolean): number {
    const size = utf8.encode(message).length;
    return this.#send(size, () => ({ ask: 'text', text: message, compress }));
  }

  sendBinary(data: Uint8Array, compress?: boolean): number {
    return this.#send(data.length, () => ({ ask: 'binary', bytes: alone(data), compress }));
  }

  sendPrepared({ text, data, compress }: PreparedContent): boolean {
    if (!this.#maySend(data.length)) return false;
    if (text === undefined) this.sendBinary(data, compress);
    else this.sendText(text, compress);
    return true;
  }

  ping(payload: Uint8Array): void {
    if (this.#maySend(0)) this.#ask({ ask: 'ping', bytes: new Uint8Array(payload.slice(0, 125)) });
  }

  /** Of a frame that is still coming, the main process does not tell. */
  pulse(): Pulse | undefined {
    if (!this.#canPing) return undefined;
    // What keeps us from reading is our own affair.
    if (this.#mustWait()) this.#heard++;
    return { heard: this.#heard, taken: this.#taken - this.#waiting };
  }

  close(code: number, reason: string): void {
    this.#isClosedByUs = true;
    this.#ask({ ask: 'close', code, reason });
  }

  abort(): void {
    this.#leave();
  }

  release(): void {
    this.#local = NOWHERE;
    this.#peer = NOWHERE;
  }

  /** Nothing waits here that could be flushed. */
  flush(): boolean {
    return false;
  }

  /** What is on its way to the main process, and what waited there when it last told. */
  bytesToWrite(): number {
    return this.#posted - this.#taken + this.#waiting;
  }

  localEndpoint(): Endpoint {
    return this.#local;
  }

  peerEndpoint(): Endpoint {
    return this.#peer;
  }

  isDialling(): boolean {
    return this.#port !== undefined && !this.#isOpen;
  }

  /** Does nothing: certificates are judged in the main process. */
  resume(): void {}

  defaultSslConfiguration(): QSslConfiguration {
    return NO_TLS;
  }

  #requestFor(request: OpenRequest): BridgeRequest {
    const { url, resourceName, origin, subprotocols, headers, compression } = request;
    const authority = url.authority(ComponentFormattingOption.FullyEncoded);
    const { maxIncomingFrameSize, maxIncomingMessageSize } = this.#settings;
    const { closeTimeout, incompleteMessageTimeout } = this.#settings;
    return {
      version: BRIDGE_VERSION,
      url: `${url.scheme()}://${authority}${resourceName}`,
      origin,
      subprotocols: [...subprotocols],
      headers: headers.toListOfPairs(),
      isCompressionWanted: compression !== undefined,
      limits: {
        maxIncomingFrameSize,
        maxIncomingMessageSize,
        closeTimeout,
        incompleteMessageTimeout,
      },
    };
  }

  #begin(port: PagePort): void {
    this.#port = port;
    this.#isOpen = false;
    this.#isClosedByUs = false;
    this.#isRefusing = false;
    this.#posted = 0;
    this.#taken = 0;
    this.#waiting = 0;
    this.#unreported = 0;
    this.#heard = 0;
    this.#canPing = true;
    this.#holds = 0;
    this.#kept.length = 0;
    this.#isPortClosed = false;
    this.#text.clear();
    this.#binary.clear();
    port.addEventListener('message', ({ data }) => {
      if (port === this.#port) this.#take(data as Tell, port);
    });
    // Chromium has no such event so far, Node has.
    port.addEventListener('close', () => {
      if (port !== this.#port) return;
      this.#isPortClosed = true;
      this.#goOn(port);
    });
    port.start();
    const { openTimeout } = this.#settings;
    if (openTimeout >= 0) this.#openTimer = setTimeout(() => this.#openTimedOut(), openTimeout);
  }

  /** Whether something has to be told first, or nothing may be told. */
  #mustWait(): boolean {
    return this.#holds > 0 || this.#kept.length > 0;
  }

  /** The main process stops to read when enough is kept here. */
  #take(tell: Tell, port: PagePort): void {
    if (tell.tell === 'written' || !this.#mustWait()) this.#hear(tell, port);
    else this.#kept.push(tell);
  }

  /** Tells what was kept, as far as nobody holds it back again. */
  #goOn(port: PagePort): void {
    while (port === this.#port && this.#holds === 0) {
      const tell = this.#kept.shift();
      if (tell === undefined) {
        if (this.#isPortClosed) this.#cutOff('the main process has closed the port');
        return;
      }
      this.#hear(tell, port);
    }
  }

  #hear(tell: Tell, port: PagePort): void {
    const events = this.#events;
    switch (tell.tell) {
      case 'opened':
        clearTimeout(this.#openTimer);
        this.#isOpen = true;
        this.#local = tell.local;
        this.#peer = tell.peer;
        this.#maxMessageSize = tell.maxMessageSize;
        this.#reportEvery = tell.reportEvery;
        this.#canPing = tell.canPing;
        events.opened(tell.subprotocol, tell.extensions);
        break;
      case 'textFrame': {
        if (!this.#takes(tell.text, this.#text.length)) break;
        const message = this.#text.add(tell.text, tell.isLast);
        events.textFrame(tell.text, tell.isLast);
        if (message !== undefined && port === this.#port) events.textMessage(message);
        break;
      }
      case 'binaryFrame': {
        if (!this.#takes(tell.bytes, this.#binary.length)) break;
        const message = this.#binary.add(tell.bytes, tell.isLast);
        events.binaryFrame(tell.bytes, tell.isLast);
        if (message !== undefined && port === this.#port) events.binaryMessage(message);
        break;
      }
      case 'textMessage':
        if (this.#takes(tell.text)) events.textMessage(tell.text);
        break;
      case 'binaryMessage':
        if (this.#takes(tell.bytes)) events.binaryMessage(tell.bytes);
        break;
      case 'pong':
        this.#report(tell.bytes.length);
        events.pong(tell.bytes);
        break;
      case 'written':
        this.#taken = tell.taken;
        this.#waiting = tell.waiting;
        if (tell.count > 0) events.bytesWritten(tell.count);
        break;
      case 'unreachable':
        this.#leave();
        events.unreachable(tell.error, tell.text);
        break;
      case 'handshakeFailed':
        this.#leave();
        events.handshakeFailed(tell.error, tell.text, tell.refusal);
        break;
      case 'closing':
        if (!this.#isClosedByUs) events.closing(tell.code, tell.reason);
        break;
      case 'lost':
        if (this.#isClosedByUs) events.explained(tell.text);
        else events.lost(tell.error, tell.text);
        break;
      case 'closed':
        this.#leave();
        if (tell.text !== '') events.explained(tell.text);
        events.closed();
        break;
    }
  }

  /** Whether a part of a message, of which so much is there, is within our own limit. */
  #takes(part: string | Uint8Array, before = 0): boolean {
    this.#report(part.length);
    if (this.#isRefusing) return false;
    const limit = this.#settings.maxIncomingMessageSize;
    // A UTF-16 code unit takes one to three bytes.
    if (UTF8_MOST * (before + part.length) <= limit) return true;
    const size = typeof part === 'string' ? utf8.encode(part).length : part.length;
    if (before + size <= limit) return true;
    this.#refuse();
    return false;
  }

  /** The main process has taken a message within its limits; ours may have been set since. */
  #refuse(): void {
    this.#isRefusing = true;
    const reason = 'Received message is too big.';
    this.#events.explained(
      explained(reason, {
        layer: 'protocol',
        detail: 'closed with 1009',
        advice: 'QWebSocket has setters for its limits.',
      }),
    );
    if (this.#isClosedByUs) return;
    this.close(CLOSE_TOO_BIG, reason);
    this.#events.closing(CLOSE_TOO_BIG, reason);
  }

  /** Takes note of what has come, and tells from time to time how much that was. */
  #report(length: number): void {
    this.#heard++;
    this.#unreported += costOf(length);
    if (this.#unreported < this.#reportEvery) return;
    const cost = this.#unreported;
    this.#unreported = 0;
    this.#ask({ ask: 'more', cost });
  }

  #openTimedOut(): void {
    const { openTimeout } = this.#settings;
    this.#leave();
    const detail = `${openTimeout} ms, waiting for the main process to connect`;
    const text = explained('Socket operation timed out', { layer: 'timeout', detail });
    this.#events.unreachable(SocketError.SocketTimeoutError, text);
  }

  /** Ends what nobody will end in order any more. */
  #cutOff(detail: string): void {
    const wasOpen = this.#isOpen;
    const text = explained('The remote host closed the connection', { layer: 'bridge', detail });
    this.#leave();
    this.#end(wasOpen, SocketError.RemoteHostClosedError, text);
  }

  #end(wasOpen: boolean, error: SocketError, text: string): void {
    if (!wasOpen) {
      this.#events.unreachable(error, text);
      return;
    }
    if (this.#isClosedByUs) this.#events.explained(text);
    else this.#events.lost(error, text);
    // A slot may have opened another one.
    if (this.#port === undefined) this.#events.closed();
  }

  #send(size: number, ask: () => Ask): number {
    if (!this.#maySend(size)) return 0;
    this.#posted += size;
    this.#ask(ask());
    return size;
  }

  /** Whether so many bytes may be sent now. */
  #maySend(size: number): boolean {
    if (this.#port === undefined || !this.#isOpen || this.#isClosedByUs) return false;
    if (size > this.#maxMessageSize) {
      const detail = `${size} bytes, and maxMessageSize of the SocketBridge is ${this.#maxMessageSize}`;
      this.#events.explained(explained('The message is too big.', { layer: 'bridge', detail }));
      return false;
    }
    const { backlogLimit, backlogPolicy } = this.#settings;
    const waiting = this.bytesToWrite();
    if (backlogLimit < 0 || waiting <= backlogLimit) return true;
    if (backlogPolicy === BacklogPolicy.Disconnect) this.#giveUp(waiting);
    return false;
  }

  #giveUp(waiting: number): void {
    const port = this.#port;
    this.#isOpen = false;
    const text = explained(`The peer does not read: ${waiting} bytes wait to be sent.`, {
      layer: 'bridge',
      detail: 'cut off by the policy of setBacklogLimit()',
    });
    onLaterTurn(() => {
      if (port !== this.#port) return;
      this.#leave();
      this.#end(true, SocketError.SocketResourceError, text);
    });
  }

  #ask(ask: Ask): void {
    this.#port?.postMessage(ask);
  }

  /** Lets go of the port, and tells the main process that nobody wants the connection any more. */
  #leave(): void {
    clearTimeout(this.#openTimer);
    this.#ask({ ask: 'leave' });
    this.#port?.close();
    this.#port = undefined;
    this.#isOpen = false;
    this.#posted = 0;
    this.#taken = 0;
    this.#waiting = 0;
    this.#text.clear();
    this.#binary.clear();
  }
}

interface Channel {
  readonly port1: PagePort;
  readonly port2: PagePort;
}

/** Pages have it, and so has Node. */
function newChannel(): Channel {
  const { MessageChannel } = globalThis as unknown as { MessageChannel: new () => Channel };
  return new MessageChannel();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const message = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}
