// The other end of what is measured. It shares a machine of few cores with it, so it does as little
// as it can: whole batches of frames that were built before, bytes counted and not looked at.
import { connect, createServer } from 'node:net';
import { createHash } from 'node:crypto';
import { batchOf, COMPRESSED_TEXT, deflated, firstMessage } from './frames.mjs';

const REQUEST =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_END = Buffer.from('\r\n\r\n');

// What is read is only counted, so one buffer serves all connections.
const inbox = Buffer.alloc(256 * 1024);

/** A client of a server that is measured: counts replies. */
export class Connection {
  /** What to do with the bytes that came: they lie in `inbox`, up to `count`. */
  onBytes = (_count) => {};
  #socket;
  #matched = 0;
  #opened;

  /** @param extensions further lines of the request. */
  constructor(port, extensions = '') {
    this.opened = new Promise((resolve) => (this.#opened = resolve));
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: inbox, callback: (count) => this.#read(count) },
    });
    // What goes wrong shows: whoever waits for a reply gets none, and the server's end is reported.
    this.#socket.on('error', () => {});
    this.#socket.write(`${REQUEST}${extensions}\r\n`);
  }

  send(bytes) {
    this.#socket.write(bytes);
  }

  #read(count) {
    if (this.#matched === HEAD_END.length) {
      this.onBytes(count);
      return true;
    }
    // A server says nothing before it is asked, so the head is all that comes.
    for (let i = 0; i < count && this.#matched < HEAD_END.length; i++) {
      const isNext = inbox[i] === HEAD_END[this.#matched];
      this.#matched = isNext ? this.#matched + 1 : inbox[i] === HEAD_END[0] ? 1 : 0;
    }
    if (this.#matched === HEAD_END.length) this.#opened(this);
    return true;
  }
}

/**
 * Opens `count` connections, `atOnce` of them at any time.
 *
 * @returns {Promise<Connection[]>}
 */
export async function openAll(port, count, { atOnce = 64, extensions = '' } = {}) {
  const connections = [];
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      begun++;
      connections.push(await new Connection(port, extensions).opened);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  return connections;
}

/**
 * Sends one message and learns from the answer how many bytes a reply has.
 *
 * @throws when the reply is not what was sent.
 */
export async function probe(
  connection,
  opcode,
  payload,
  isRight = (reply) => reply.equals(payload),
) {
  const reply = await new Promise((resolve) => {
    let got = Buffer.alloc(0);
    connection.onBytes = (count) => {
      got = Buffer.concat([got, inbox.subarray(0, count)]);
      const message = firstMessage(got);
      if (message !== undefined) resolve(message);
    };
    connection.send(batchOf(opcode, [payload], true));
  });
  if (!isRight(reply.payload)) throw new Error('The server echoes something else.');
  return reply.size;
}

/** Keeps so many messages under way on each connection as there are payloads. */
export class EchoLoad {
  /** Replies so far. */
  count = 0;

  constructor(connections, opcode, payloads, replySize) {
    const inFlight = payloads.length;
    const batch = batchOf(opcode, payloads, true);
    const size = batch.length / inFlight;
    for (const connection of connections) {
      let bytes = 0;
      connection.onBytes = (count) => {
        bytes += count;
        const replies = Math.floor(bytes / replySize);
        if (replies === 0) return;
        bytes -= replies * replySize;
        this.count += replies;
        connection.send(replies === inFlight ? batch : batch.subarray(0, replies * size));
      };
      connection.send(batch);
    }
  }
}

/**
 * Keeps `inFlight` compressed messages under way on each connection, one payload after the other.
 *
 * The payloads are compressed each by itself, so that a frame means the same every time; replies
 * may refer to what came before, and are only counted.
 */
export class DeflateLoad {
  /** Replies so far, and their bytes on the wire. */
  count = 0;
  bytes = 0;

  constructor(connections, payloads, inFlight) {
    const frames = payloads.map((payload) => batchOf(COMPRESSED_TEXT, [deflated(payload)], true));
    for (const connection of connections) {
      const counter = new FrameCounter();
      let next = inFlight;
      connection.onBytes = (count) => {
        this.bytes += count;
        const replies = counter.push(inbox, count);
        if (replies === 0) return;
        this.count += replies;
        const answers = Array.from({ length: replies }, () => frames[next++ % frames.length]);
        connection.send(Buffer.concat(answers));
      };
      connection.send(Buffer.concat(frames.slice(0, inFlight)));
    }
  }
}

/** Counts frames by their headers; those of a server have no mask, and each is a message. */
class FrameCounter {
  #header = [];
  #missing = 0;

  push(bytes, count) {
    let frames = 0;
    let at = 0;
    while (at < count) {
      const step = Math.min(this.#missing, count - at);
      at += step;
      this.#missing -= step;
      if (at === count) break;
      this.#header.push(bytes[at++]);
      if (!this.#isHeaderWhole()) continue;
      this.#missing = this.#length();
      this.#header = [];
      frames++;
    }
    return frames;
  }

  #isHeaderWhole() {
    const [, second] = this.#header;
    if (second === undefined) return false;
    return this.#header.length === (second < 126 ? 2 : second === 126 ? 4 : 10);
  }

  #length() {
    const [, second, ...extension] = this.#header;
    return second < 126 ? second : extension.reduce((sum, byte) => sum * 256 + byte, 0);
  }
}

/** Keeps one message under way on each connection and notes how long each takes. */
export class LatencyLoad {
  count = 0;
  /** Round trips in milliseconds. */
  times = new Float64Array(1 << 20);

  constructor(connections, opcode, payload, replySize) {
    const frame = batchOf(opcode, [payload], true);
    for (const connection of connections) {
      let bytes = 0;
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        connection.send(frame);
      };
      connection.onBytes = (count) => {
        bytes += count;
        if (bytes < replySize) return;
        bytes = 0;
        this.times[this.count++ % this.times.length] = performance.now() - sentAt;
        send();
      };
      send();
    }
  }
}

/** One connection sends all payloads, which all connections receive; then it sends them anew. */
export class BroadcastLoad {
  /** Deliveries so far. */
  count = 0;

  constructor(connections, opcode, payloads, replySize) {
    const atOnce = payloads.length;
    const batch = batchOf(opcode, payloads, true);
    const expected = connections.length * atOnce * replySize;
    let bytes = 0;
    const onBytes = (count) => {
      bytes += count;
      if (bytes < expected) return;
      bytes = 0;
      this.count += connections.length * atOnce;
      connections[0].send(batch);
    };
    for (const connection of connections) connection.onBytes = onBytes;
    connections[0].send(batch);
  }
}

/**
 * A server for a client that is measured.
 *
 * It knows the size of what the client sends, and answers each message of that size with one of
 * its own, or sends on and on.
 */
export class CheapServer {
  /** Messages that the clients have sent. */
  count = 0;
  #server;
  #sockets = new Set();

  /**
   * @param {object} load
   * @param {'echo' | 'send' | 'receive'} load.direction as the client sees it.
   * @param {number} load.opcode
   * @param {Buffer[]} load.payloads
   */
  constructor({ direction, opcode, payloads }) {
    const batch = batchOf(opcode, payloads, false);
    const replySize = batch.length / payloads.length;
    // A client masks, so its frames are four bytes longer.
    const size = replySize + 4;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      socket.once('data', (head) => {
        socket.write(switching(head.toString('latin1')));
        if (direction === 'receive') push(socket, batch);
        let bytes = 0;
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          const messages = Math.floor(bytes / size);
          if (messages === 0) return;
          bytes -= messages * size;
          this.count += messages;
          if (direction === 'echo') answer(socket, batch, messages, replySize);
        });
      });
    });
  }

  /** @returns {Promise<number>} the port. */
  listen() {
    return new Promise((resolve) => {
      this.#server.listen({ host: '127.0.0.1', port: 0, backlog: 511 }, () => {
        resolve(this.#server.address().port);
      });
    });
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function answer(socket, batch, messages, replySize) {
  let left = messages * replySize;
  for (; left >= batch.length; left -= batch.length) socket.write(batch);
  if (left > 0) socket.write(batch.subarray(0, left));
}

function push(socket, batch) {
  // On the next turn: a socket that takes all at once would leave no time for anything else.
  if (!socket.destroyed) socket.write(batch, () => setImmediate(push, socket, batch));
}

function switching(request) {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? '';
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`
  );
}
