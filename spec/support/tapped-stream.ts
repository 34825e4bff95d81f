import { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/** Passes all on to `stream` and back, so that others can write there in between, or stop reading. */
export class TappedStream extends Duplex {
  readonly stream: Duplex;

  constructor(stream: Duplex) {
    super();
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => this.push(chunk));
    stream.on('close', () => this.destroy());
    stream.on('error', () => {});
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.stream.write(chunk, () => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.stream.destroy();
    done(error);
  }
}
