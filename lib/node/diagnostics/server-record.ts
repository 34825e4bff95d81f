import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { HandshakeRequest } from '../../codec/handshake-request.ts';
import { printable } from '../../network/failure-text.ts';
import type { QWebSocketServerBase } from '../../websockets/qwebsocketserver-base.ts';
import { ServerCounters } from '../../websockets/server-counters.ts';
import type { RefusalReason } from '../../websockets/server-statistics.ts';
import { carrierOf } from '../stream-ends.ts';
import { serverChannels } from './channels.ts';
import { nextConnectionId } from './connection-id.ts';
import { endsMessage } from './ends-message.ts';
import type { ServerMessage } from './messages.ts';
import { securedMessage } from './secured-message.ts';
import { shownHeaders } from './shown-headers.ts';

const idOf: unique symbol = Symbol('connection');

// On the stream that carries it all, and only while somebody watches: most connections need no number.
type Numbered = Duplex & { [idOf]?: number };

/** What becomes of those who come to a server, before there is a socket. */
export class ServerRecord {
  readonly counters: ServerCounters = new ServerCounters();
  readonly #server: QWebSocketServerBase | undefined;

  constructor(server: QWebSocketServerBase | undefined) {
    this.#server = server;
  }

  /** A client has come; each one is refused or opened after that, once. */
  accepted(stream: Duplex): void {
    this.counters.accepted++;
    const { connection } = serverChannels;
    if (connection.isWatched) connection.publish({ ...this.#now(stream), ...endsMessage(stream) });
  }

  /** Another server has taken over one who has come: none of it counts here any more. */
  handedOver(): void {
    this.counters.accepted--;
  }

  /** TLS is up, on `socket` over `stream`. */
  secured(stream: Duplex, socket: TLSSocket): void {
    const { secured } = serverChannels;
    if (secured.isWatched) secured.publish({ ...this.#now(stream), ...securedMessage(socket) });
  }

  /** A valid request has come. */
  requested(stream: Duplex, { written }: HandshakeRequest): void {
    const { request } = serverChannels;
    if (!request.isWatched) return;
    const path = printable(written.url.path());
    const headers = shownHeaders([...written.headers].flat());
    request.publish({ ...this.#now(stream), ...endsMessage(stream), path, headers });
  }

  /** @param status of the answer; 0 when there is none. */
  refused(stream: Duplex, reason: RefusalReason, status: number): void {
    this.counters.refuse(reason);
    const { refused } = serverChannels;
    if (refused.isWatched) refused.publish({ ...this.#now(stream), reason, status });
  }

  /** A WebSocket comes of it; returns the number that it has been told of with, or 0. */
  opened(stream: Duplex): number {
    this.counters.opened++;
    return (carrierOf(stream) as Numbered)[idOf] ?? 0;
  }

  #now(stream: Duplex): ServerMessage {
    const id = ((carrierOf(stream) as Numbered)[idOf] ??= nextConnectionId());
    return { id, time: performance.now(), server: this.#server };
  }
}
