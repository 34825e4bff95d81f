import { CloseCode, type QWebSocket } from 'qwebsockets';

/** Closes every socket with 1001 and waits until the last one is gone. */
export async function sayGoodbye(sockets: Iterable<QWebSocket>): Promise<void> {
  // A socket that is gone leaves the list of its owner, which may be this one.
  const all = [...sockets];
  const goodbyes = all.map(
    (socket) => new Promise<void>((resolve) => socket.disconnected.connect(() => resolve())),
  );
  for (const socket of all) {
    socket.close(CloseCode.CloseCodeGoingAway, 'Server is shutting down.');
  }
  await Promise.all(goodbyes);
}
