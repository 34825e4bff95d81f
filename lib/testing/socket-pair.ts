import { QWebSocket } from '../node/qwebsocket.ts';
import { QWebSocketServer } from '../node/qwebsocketserver.ts';
import { emitted } from '../websockets/emitted.ts';
import type { MemoryLink } from './memory-link.ts';
import { openInMemory, type OpenTarget } from './open-in-memory.ts';

/** The two ends of a connection, and what lies between them. */
export interface SocketPair {
  /** The end that has opened the connection. */
  readonly client: QWebSocket;
  /** The end that a server has accepted. */
  readonly accepted: QWebSocket;
  readonly link: MemoryLink;
}

/**
 * Two sockets that are connected with each other in memory, by a handshake and the codec of every
 * connection (not in Qt).
 *
 * @param request what the client asks for, as `open()` takes it: its path and headers are told by
 * `accepted`.
 */
export async function socketPair(request?: OpenTarget): Promise<SocketPair> {
  const server = new QWebSocketServer('socketPair', QWebSocketServer.NonSecureMode);
  const client = new QWebSocket();
  const link = openInMemory(client, server, request);
  await Promise.all([emitted(server.newConnection), emitted(client.connected)]);
  return { client, accepted: server.nextPendingConnection() as QWebSocket, link };
}
