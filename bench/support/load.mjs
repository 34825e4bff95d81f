import { createHash } from 'node:crypto';
import { Child } from './child.mjs';
import { batchOf, firstMessage } from './frames.mjs';
import { compiled } from './native.mjs';

const REQUEST =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The program of a {@link Load}, compiled where it has to be. */
export function loadProgram() {
  return compiled('load', new URL('../load/load.c', import.meta.url), 'cc', []);
}

/** The other end of what is measured; `load/load.c` says what it does. */
export class Load extends Child {
  constructor() {
    super(loadProgram());
  }

  /** Opens `count` connections, 64 at any time; what is asked next is asked of them. */
  async connect(port, count, extensions = '') {
    const request = Buffer.from(`${REQUEST}${extensions}\r\n`);
    await this.ask(`connect ${port} ${count} ${Math.min(64, count)} ${request.length}`, request);
  }

  /**
   * Sends one message.
   *
   * @throws when the reply is not what was sent.
   */
  async probe(opcode, payload, isRight = (reply) => reply.equals(payload)) {
    const frame = batchOf(opcode, [payload], true);
    const [, reply] = (await this.ask(`probe ${frame.length}`, frame)).split(' ');
    if (!isRight(firstMessage(Buffer.from(reply, 'hex'))))
      throw new Error('The server echoes something else.');
  }

  /**
   * Keeps `inFlight` messages under way on each connection.
   *
   * @param {Buffer} batch their frames, which are sent one after the other, again and again.
   * @param {number} [limit] how many each connection sends; then this returns.
   */
  async echo(batch, inFlight, limit = 0) {
    await this.ask(`echo ${inFlight} ${limit} ${batch.length}`, batch);
  }

  /** One connection sends all frames, which all connections receive; then it sends them anew. */
  async broadcast(batch) {
    await this.ask(`broadcast ${batch.length}`, batch);
  }

  /**
   * Is a server that answers each message with one of `batch`, or none, or sends them on and on.
   *
   * @param {'echo' | 'send' | 'receive'} direction as the client sees it.
   * @returns {Promise<number>} the port.
   */
  async listen(direction, batch) {
    const [, port] = (await this.ask(`listen ${direction} ${batch.length}`, batch)).split(' ');
    return Number(port);
  }

  /**
   * Its CPU time so far, what it has received, and, with one message in flight, the round trips
   * since this was asked last; times are in microseconds.
   */
  async usage() {
    const [, ...numbers] = (await this.ask('usage')).split(' ');
    const [cpu, messages, bytes, p50, p99] = numbers.map(Number);
    return { cpu, messages, bytes, p50: p50 / 1000, p99: p99 / 1000 };
  }

  received(line) {
    const [what, index, key] = line.split(' ');
    if (what === 'key') this.#accept(index, key);
    else super.received(line);
  }

  #accept(index, key) {
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    const response = Buffer.from(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    this.tell(`accept ${index} ${response.length}`, response);
  }
}
