import { Duplex } from 'node:stream';

// A clock may have been faked since: bytes have to move all the same.
const { setImmediate } = globalThis;

const LOOPBACK = '127.0.0.1';
const HIGH_WATER_MARK = 64 * 1024;
const SERVER_PORT = 80;
const FIRST_PORT = 49_152;
const LAST_PORT = 65_535;

let nextPort = FIRST_PORT;
let moved = 0;

/** How often something has come out of a stream in memory, of all there are. */
export function movements(): number {
  return moved;
}

/**
 * One end of a connection in memory, which behaves as a TCP socket does: what is written comes out at
 * the other end on a later turn of the event loop, and writing has to wait while nobody reads there.
 */
export class MemoryStream extends Duplex {
  readonly localAddress: string = LOOPBACK;
  readonly localPort: number;
  readonly remoteAddress: string = LOOPBACK;
  readonly remotePort: number;
  #other!: MemoryStream;
  // What is on its way, null for the end, and whom to tell when it has come out.
  #sent: Buffer | null | undefined;
  #done: ((error?: Error) => void) | undefined;
  // Whom to tell when this end has read what lies here.
  #whenRead: (() => void) | undefined;
  #isStalled = false;
  #isReset = false;

  private constructor(localPort: number, remotePort: number) {
    super({ allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK });
    this.localPort = localPort;
    this.remotePort = remotePort;
  }

  /** The two ends of a new connection: the client's and the server's. */
  static pair(): [MemoryStream, MemoryStream] {
    const port = nextPort;
    nextPort = port === LAST_PORT ? FIRST_PORT : port + 1;
    const client = new MemoryStream(port, SERVER_PORT);
    const server = new MemoryStream(SERVER_PORT, port);
    client.#other = server;
    server.#other = client;
    return [client, server];
  }

  /** Lets nothing out at the other end until {@link proceed}. */
  stall(): void {
    this.#isStalled = true;
  }

  /** Ends what {@link stall} began. */
  proceed(): void {
    this.#isStalled = false;
    this.#move();
  }

  /** Ends the connection without the words that TCP has for that, at both ends. */
  reset(): void {
    this.#isReset = true;
    this.destroy();
  }

  override _read(): void {
    this.#goOn();
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
    // The memory is the writer's, and readers may change what they read.
    this.#send(Buffer.from(chunk), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#send(null, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // What the system was given still arrives, and then the end.
    if (this.#isReset || this.#sent === undefined) this.#send(null, ignore);
    else this.#done = () => this.#send(null, ignore);
    this.#goOn();
    done(error);
  }

  /** This end has read: whoever waits for that may write. */
  #goOn(): void {
    const done = this.#whenRead;
    this.#whenRead = undefined;
    done?.();
  }

  #send(chunk: Buffer | null, done: (error?: Error) => void): void {
    this.#sent = chunk;
    this.#done = done;
    this.#move();
  }

  #move(): void {
    if (this.#sent !== undefined) setImmediate(() => this.#arrive());
  }

  #arrive(): void {
    const chunk = this.#sent;
    // It may have arrived meanwhile, or have to wait.
    if (chunk === undefined || (this.#isStalled && !this.#isReset)) return;
    const done = this.#done!;
    const other = this.#other;
    this.#sent = undefined;
    moved += 1;
    if (this.#isReset) {
      if (!other.destroyed) other.destroy(failure('ECONNRESET', 'read'));
    } else if (other.destroyed) {
      done(failure('EPIPE', 'write'));
    } else if (chunk === null) {
      if (!other.readableEnded) other.push(null);
      done();
    } else if (other.push(chunk)) {
      done();
    } else {
      other.#whenRead = done;
    }
  }
}

function failure(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

function ignore(): void {}
