import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { acceptKey } from '../codec/handshake-response.ts';
import { OpCode } from '../codec/opcode.ts';
import { QWebSocket } from '../node/qwebsocket.ts';
import type { QWebSocketServer } from '../node/qwebsocketserver.ts';
import { MemoryStream } from './memory-stream.ts';
import { openOver, type OpenTarget } from './open-in-memory.ts';
import { resetTcp } from './reset-tcp.ts';
import {
  frame,
  headerLength,
  payloadLength,
  readFrame,
  type FrameOptions,
  type WireFrame,
} from './wire-frame.ts';

/** Headers by their names; `undefined` leaves out one that is there otherwise. */
export type HeaderChanges = Readonly<Record<string, string | undefined>>;

const END_OF_HEAD = '\r\n\r\n';

// The example of RFC 6455 §1.3, and any key.
const SAMPLE_NONCE = 'dGhlIHNhbXBsZSBub25jZQ==';
const SAMPLE_MASK = 0x37fa213d;

/**
 * A peer that says exactly what it is told to, whether a protocol allows it or not (not in Qt).
 *
 * It does nothing by itself: it answers no handshake, no ping and no close. What comes is kept until it
 * is asked for. Use it to find out what a program does with a peer that is broken, hostile or slow.
 */
export class ScriptedPeer {
  readonly #stream: Duplex;
  readonly #isServer: boolean;
  #kept: Buffer = Buffer.alloc(0);
  #isOver = false;
  #wake: (() => void) | undefined;

  /**
   * @internal
   * @param isServer which side of the handshake it plays.
   */
  constructor(stream: Duplex, isServer: boolean) {
    this.#stream = stream;
    this.#isServer = isServer;
    stream.on('data', (chunk: Buffer) => {
      this.#kept = Buffer.concat([this.#kept, chunk]);
      this.#wake?.();
    });
    for (const event of ['end', 'close']) {
      stream.on(event, () => {
        this.#isOver = true;
        this.#wake?.();
      });
    }
    // How a connection ends is told by ended().
    stream.on('error', ignore);
  }

  /**
   * A peer in memory, at the other end of `socket`, which is opened for that as by `open(request)`; or
   * of `server`, which need not listen.
   */
  static facing(socket: QWebSocket, request?: OpenTarget): ScriptedPeer;
  static facing(server: QWebSocketServer): ScriptedPeer;
  static facing(
    other: QWebSocket | QWebSocketServer,
    request: OpenTarget = 'ws://localhost/',
  ): ScriptedPeer {
    const pair = MemoryStream.pair();
    const [client, server] = pair;
    if (other instanceof QWebSocket) {
      // Whoever comes back has had its script.
      const pairs = [pair];
      openOver(() => pairs.pop(), other, request);
      return new ScriptedPeer(server, true);
    }
    other.handleConnection(server);
    return new ScriptedPeer(client, false);
  }

  /**
   * Does its part of the opening handshake: reads the request and accepts it, or sends one and reads
   * the answer, whatever that is (RFC 6455 §4).
   *
   * @param changes headers in place of the usual ones, and beside them.
   * @returns the head that has come.
   * @throws Error when the other side ends before that.
   */
  async handshake(changes: HeaderChanges = {}): Promise<string> {
    if (!this.#isServer) {
      this.send(headOf('GET / HTTP/1.1', { ...REQUEST, ...changes }));
      return this.receiveHead();
    }
    const head = await this.receiveHead();
    const key = /^sec-websocket-key:[ \t]*(.*?)[ \t]*\r$/im.exec(head)?.[1] ?? '';
    const answer = { ...ANSWER, 'Sec-WebSocket-Accept': acceptKey(key), ...changes };
    this.send(headOf('HTTP/1.1 101 Switching Protocols', answer));
    return head;
  }

  /** Sends exactly these bytes; text as UTF-8. */
  send(bytes: string | Uint8Array): void {
    this.#stream.write(bytes);
  }

  /**
   * Sends a frame. That of a client is masked, unless the `key` of the options is given as undefined;
   * that of a server is not.
   *
   * @param opcode 0x0 to 0xF, whether it means something or not.
   */
  sendFrame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): void {
    const usual = this.#isServer ? {} : { key: SAMPLE_MASK };
    this.send(frame(opcode, payload, { ...usual, ...options }));
  }

  /** Sends a Close frame (RFC 6455 §5.5.1), also with a `code` that may not be sent. */
  sendClose(code: number, reason = ''): void {
    this.sendFrame(
      OpCode.Close,
      Buffer.concat([Buffer.of(code >>> 8, code & 0xff), Buffer.from(reason)]),
    );
  }

  /**
   * The next `count` bytes, when they have come.
   *
   * @throws Error when the other side ends before that.
   */
  async receive(count: number): Promise<Buffer> {
    await this.#until(() => this.#kept.length >= count);
    return this.#take(count);
  }

  /**
   * The next head of HTTP, with the empty line at its end.
   *
   * @throws Error when the other side ends before that.
   */
  async receiveHead(): Promise<string> {
    await this.#until(() => this.#kept.includes(END_OF_HEAD));
    return this.#take(this.#kept.indexOf(END_OF_HEAD) + END_OF_HEAD.length).toString('latin1');
  }

  /**
   * The next frame, unmasked.
   *
   * @throws Error when the other side ends before that.
   */
  async receiveFrame(): Promise<WireFrame> {
    const start = await this.receive(2);
    const header = Buffer.concat([start, await this.receive(headerLength(start) - 2)]);
    return readFrame(header, await this.receive(payloadLength(header)));
  }

  /** Waits until the other side ends or loses the connection; returns what came and was not asked for. */
  async ended(): Promise<Buffer> {
    while (!this.#isOver) await this.#news();
    return this.#take(this.#kept.length);
  }

  /** Reads nothing from now on, until {@link resume}: a slow peer. */
  pause(): void {
    this.#stream.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#stream.resume();
  }

  /** Ends its side of the connection, without a Close frame. */
  end(): void {
    this.#stream.end();
  }

  /** Resets the connection. Over TCP, one whose {@link end} is not out yet is only given up: Node would hang at its exit. */
  reset(): void {
    if (this.#stream instanceof Socket) resetTcp(this.#stream);
    else (this.#stream as MemoryStream).reset();
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.#isOver) {
        throw new Error(`The connection has ended after ${this.#kept.length} bytes.`);
      }
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(count: number): Buffer {
    const taken = this.#kept.subarray(0, count);
    this.#kept = this.#kept.subarray(count);
    return taken;
  }
}

const REQUEST: HeaderChanges = {
  Host: 'localhost',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': SAMPLE_NONCE,
  'Sec-WebSocket-Version': '13',
};

const ANSWER: HeaderChanges = { Upgrade: 'websocket', Connection: 'Upgrade' };

function headOf(firstLine: string, headers: HeaderChanges): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [firstLine, ...lines, '', ''].join('\r\n');
}

function ignore(): void {}
