import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpHead } from '../../codec/http-head.ts';
import { readStatusLine } from '../../codec/http-response.ts';
import { printable, withoutUrlSecrets } from '../../network/failure-text.ts';
import type { SocketError } from '../../network/qabstractsocket.ts';
import type { QUrl } from '../../network/qurl.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import { clientChannels } from './channels.ts';
import { nextConnectionId } from './connection-id.ts';
import { endsMessage } from './ends-message.ts';
import { errorNameOf } from './error-name.ts';
import type { DiagnosticsMessages, SocketMessage } from './messages.ts';
import { securedMessage } from './secured-message.ts';
import { shownHeaders } from './shown-headers.ts';

type RouteKind = DiagnosticsMessages['qwebsockets:client:route']['route'];

/** Tells of the steps of one attempt to connect, from `open()` on. */
export class AttemptRecord {
  readonly #socket: QWebSocketBase | undefined;
  readonly #startedAt = performance.now();
  #id = 0;

  constructor(socket: QWebSocketBase | undefined) {
    this.#socket = socket;
  }

  /** The number that it has been told of with; 0 when nobody has listened. */
  get id(): number {
    return this.#id;
  }

  started(url: QUrl): void {
    const { start } = clientChannels;
    if (!start.isWatched) return;
    start.publish({ ...this.#now(), url: withoutUrlSecrets(url.toString(), 'ws://*') });
  }

  /** @param proxy `host:port`, or ''. */
  routed(route: RouteKind, proxy: string): void {
    const channel = clientChannels.route;
    if (channel.isWatched) channel.publish({ ...this.#now(), route, proxy });
  }

  /** Follows `socket`, which has just begun to connect and has no listeners yet. */
  dialled(socket: Socket): void {
    const { lookup, connect } = clientChannels;
    const found = (error: NodeJS.ErrnoException | null, address: string, _: unknown, host = '') => {
      const message = { host, address: address ?? '', error: error?.code ?? '' };
      lookup.publish({ ...this.#now(), ...message });
    };
    if (lookup.isWatched) socket.on('lookup', found);
    if (!lookup.isWatched && !connect.isWatched) return;
    socket.once('connect', () => {
      // Whoever gets the socket finds it without listeners.
      socket.off('lookup', found);
      if (connect.isWatched) connect.publish({ ...this.#now(), ...endsMessage(socket) });
    });
  }

  /**
   * A proxy has said whether it leads on to `target`.
   *
   * @param status of an HTTP proxy; 0 of others.
   */
  tunnelled(proxy: string, target: string, isOpen: boolean, status: number): void {
    const { tunnel } = clientChannels;
    if (tunnel.isWatched) tunnel.publish({ ...this.#now(), proxy, target, isOpen, status });
  }

  /** TLS is up with the peer, or with a proxy on the way. */
  secured(socket: TLSSocket, isToProxy: boolean): void {
    const { secured } = clientChannels;
    if (secured.isWatched) {
      secured.publish({ ...this.#now(), ...securedMessage(socket), isToProxy });
    }
  }

  /** @param head of an upgrade request, or the fields of one over HTTP/2: name, value, … */
  requested(resourceName: string, head: Buffer | readonly string[]): void {
    const { request } = clientChannels;
    if (!request.isWatched) return;
    const path = printable(resourceName.split('?', 1)[0]!);
    const fields = Buffer.isBuffer(head) ? fieldsIn(head) : head;
    request.publish({ ...this.#now(), path, headers: shownHeaders(fields) });
  }

  /** @param secrets what the peer may send back, and nobody else is to read. */
  responded(head: HttpHead, secrets: () => readonly string[]): void {
    const { response } = clientChannels;
    if (!response.isWatched) return;
    const status = readStatusLine(head.startLine)?.status ?? 0;
    response.publish({ ...this.#now(), status, headers: shownHeaders(head.fields, secrets()) });
  }

  /** @param status 401, 407, or 0 for a proxy that does not speak HTTP. */
  challenged(status: number, isByProxy: boolean, isAnswered: boolean): void {
    const { challenge } = clientChannels;
    if (challenge.isWatched) {
      challenge.publish({ ...this.#now(), status, isByProxy, isAnswered });
    }
  }

  failed(error: SocketError, description: string): void {
    const channel = clientChannels.failed;
    if (!channel.isWatched) return;
    const duration = performance.now() - this.#startedAt;
    const errorName = errorNameOf(error);
    channel.publish({ ...this.#now(), error, errorName, description, duration });
  }

  #now(): SocketMessage {
    if (this.#id === 0) this.#id = nextConnectionId();
    return { id: this.#id, time: performance.now(), socket: this.#socket };
  }
}

function fieldsIn(head: Buffer): string[] {
  const [, ...lines] = head.toString('latin1').trimEnd().split('\r\n');
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}
