import { Duplex } from 'node:stream';

/** A stream whose writes are done when the spec says so. */
export class TestStream extends Duplex {
  /** What was handed to the system: one entry for each system call. */
  readonly calls: Buffer[][] = [];
  isSlow = false;
  /** What writes fail with. */
  failure: Error | undefined;
  #done: ((error?: Error) => void)[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.calls.flat());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
    this.calls.push([chunk]);
    this.#settle(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk));
    this.#settle(done);
  }

  /** The system has taken what it was given. */
  finishWrites(): void {
    for (const done of this.#done.splice(0)) done();
  }

  #settle(done: (error?: Error) => void): void {
    if (this.isSlow) this.#done.push(done);
    else done(this.failure);
  }
}
