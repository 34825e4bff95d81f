import type { Socket } from 'node:net';
import { writeHandshakeRequest } from '../../codec/handshake-request.ts';
import { headFailureText, readHandshakeResponse } from '../../codec/handshake-response.ts';
import { CLIENT_HEAD_LIMITS, HeadReader } from '../../codec/http-head.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import type { QHttpHeaders } from '../../network/qhttpheaders.ts';
import { directRoute } from '../routes/direct.ts';
import { remoteClosed, toSocketFailure, type SocketFailure } from '../socket-errors.ts';

/** What an {@link Http1Opener} asks for. */
export interface Http1Request {
  readonly host: string;
  readonly port: number;
  /** The value of `Host`. */
  readonly authority: string;
  readonly resourceName: string;
  readonly key: string;
  readonly origin: string;
  readonly subprotocols: readonly string[];
  readonly headers: QHttpHeaders;
}

/** Where an {@link Http1Opener} tells how it went; exactly one of these, once. */
export interface OpenerEvents {
  /** The stream is a WebSocket now; `early` came behind the handshake. */
  handshakeDone(stream: Socket, early: Buffer, subprotocol: string): void;
  /** No peer was reached. */
  routeFailed(failure: SocketFailure): void;
  /** The peer did not agree. */
  handshakeFailed(failure: SocketFailure): void;
  /** Bytes of the request were sent; may come besides. */
  bytesWritten(count: number): void;
}

/** How an {@link Http1Opener} goes about it. */
export interface OpenerSettings {
  readonly openTimeout: number;
  readonly readBufferSize: number;
}

/** Opens a WebSocket with an HTTP/1.1 Upgrade (RFC 6455 §4.1). */
export class Http1Opener {
  readonly #request: Http1Request;
  readonly #bytes: Buffer;
  readonly #settings: OpenerSettings;
  readonly #events: OpenerEvents;
  readonly #reader = new HeadReader(CLIENT_HEAD_LIMITS);
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasReachedPeer = false;

  private constructor(
    request: Http1Request,
    bytes: Buffer,
    settings: OpenerSettings,
    events: OpenerEvents,
  ) {
    this.#request = request;
    this.#bytes = bytes;
    this.#settings = settings;
    this.#events = events;
  }

  /** Prepares an attempt; returns the sentence why the request cannot be sent. */
  static prepare(
    request: Http1Request,
    settings: OpenerSettings,
    events: OpenerEvents,
  ): Http1Opener | string {
    const bytes = writeHandshakeRequest({
      resourceName: request.resourceName,
      host: request.authority,
      key: request.key,
      origin: request.origin,
      subprotocols: request.subprotocols,
      headers: request.headers,
    });
    if (typeof bytes === 'string') return bytes;
    return new Http1Opener(request, bytes, settings, events);
  }

  get hasReachedPeer(): boolean {
    return this.#hasReachedPeer;
  }

  start(): void {
    const { host, port } = this.#request;
    if (host === '') {
      // Node would take it for the local host.
      this.#timer = setTimeout(() => this.#routeFailed(hostNotFound()), 0);
      return;
    }
    const { openTimeout, readBufferSize } = this.#settings;
    const socket = directRoute(host, port, readBufferSize);
    this.#socket = socket;
    socket.on('connect', () => this.#sendRequest(socket));
    socket.on('data', (chunk: Buffer) => this.#receive(socket, chunk));
    socket.on('end', () => this.#handshakeFailed(remoteClosed()));
    socket.on('error', (error) => this.#socketFailed(toSocketFailure(error)));
    socket.on('close', () => this.#socketFailed(remoteClosed()));
    if (openTimeout >= 0) this.#timer = setTimeout(() => this.#timedOut(), openTimeout);
  }

  /** Gives the attempt up; it tells nothing more. */
  cancel(): void {
    this.#letGo()?.destroy();
  }

  #sendRequest(socket: Socket): void {
    this.#hasReachedPeer = true;
    socket.write(this.#bytes, (error) => {
      if (!error && this.#socket === socket) this.#events.bytesWritten(this.#bytes.length);
    });
  }

  #receive(socket: Socket, chunk: Buffer): void {
    const result = this.#reader.push(chunk);
    if (result === undefined) return;
    if ('failure' in result) {
      this.#handshakeFailed(refused(headFailureText(result)));
      return;
    }
    const verdict = readHandshakeResponse(result.head, this.#request);
    if ('failure' in verdict) {
      this.#handshakeFailed(refused(verdict.failure));
      return;
    }
    // What follows belongs to the session, which reads when it is ready.
    socket.pause();
    this.#letGo();
    this.#events.handshakeDone(socket, result.rest, verdict.subprotocol);
  }

  #socketFailed(failure: SocketFailure): void {
    if (this.#hasReachedPeer) this.#handshakeFailed(failure);
    else this.#routeFailed(failure);
  }

  #timedOut(): void {
    this.#socketFailed({
      error: SocketError.SocketTimeoutError,
      description: this.#hasReachedPeer
        ? 'Socket operation timed out: the peer has not answered the handshake.'
        : 'Socket operation timed out: no connection to the peer.',
    });
  }

  #routeFailed(failure: SocketFailure): void {
    this.cancel();
    this.#events.routeFailed(failure);
  }

  #handshakeFailed(failure: SocketFailure): void {
    this.cancel();
    this.#events.handshakeFailed(failure);
  }

  /** Leaves the socket to others. */
  #letGo(): Socket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#timer);
    if (socket === undefined) return undefined;
    for (const event of ['connect', 'data', 'end', 'error', 'close']) {
      socket.removeAllListeners(event);
    }
    // An error of a socket that nobody needs any more is nobody's business.
    socket.on('error', ignore);
    return socket;
  }
}

function ignore(): void {}

function refused(description: string): SocketFailure {
  return { error: SocketError.ConnectionRefusedError, description };
}

function hostNotFound(): SocketFailure {
  return { error: SocketError.HostNotFoundError, description: 'Host not found' };
}
