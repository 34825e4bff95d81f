import type { QNetworkRequest } from '../network/qnetworkrequest.ts';
import type { QUrl } from '../network/qurl.ts';
import type { QWebSocket } from '../node/qwebsocket.ts';
import type { QWebSocketServer } from '../node/qwebsocketserver.ts';
import { goBy } from '../node/routes/substitute.ts';
import { MemoryLink, type Dial, type StreamPair } from './memory-link.ts';
import { MemoryStream } from './memory-stream.ts';

/** What `open()` of a QWebSocket takes. */
export type OpenTarget = string | URL | QUrl | QNetworkRequest;

/**
 * Opens `socket` as its `open()` does, but over memory, to `server`, wherever `request` leads (not in Qt).
 * Whatever the socket opens later, a Reconnector's attempts included, leads there as well.
 *
 * Only the cable is missing: handshake, frames, limits and errors are those of every connection. The
 * server need not listen. With a `wss:` address and a server in SecureMode TLS is spoken as well.
 * Proxies are left out. Both ends say that they are at 127.0.0.1.
 *
 * @returns the connection below, to cut it for example.
 */
export function openInMemory(
  socket: QWebSocket,
  server: QWebSocketServer,
  request: OpenTarget = 'ws://localhost/',
): MemoryLink {
  const dial = (): StreamPair => {
    const pair = MemoryStream.pair();
    server.handleConnection(pair[1]);
    return pair;
  };
  return openOver(dial, socket, request);
}

/** The same with whoever `dial` connects to. */
export function openOver(dial: Dial, socket: QWebSocket, request: OpenTarget): MemoryLink {
  const link = new MemoryLink(dial);
  goBy(
    (events) => link.newRoute(events),
    () => socket.open(request),
  );
  return link;
}
