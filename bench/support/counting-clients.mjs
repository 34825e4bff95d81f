// For processes of clients that count the bytes they get, and do nothing else.
import { once } from 'node:events';
import { connect } from 'node:net';

export const UPGRADE =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** A connection that the server at `port` has let in. */
export async function upgraded(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(UPGRADE);
  await once(socket, 'data');
  return socket;
}

/** Tells the process that has started this one when as many bytes have come as that wants. */
export class ByteCount {
  #bytes = 0;
  #wanted = Infinity;

  add(bytes) {
    this.#bytes += bytes;
    this.#tell();
  }

  want(bytes) {
    this.#wanted = bytes;
    this.#tell();
  }

  #tell() {
    if (this.#bytes < this.#wanted) return;
    this.#bytes -= this.#wanted;
    this.#wanted = Infinity;
    process.send('received');
  }
}
