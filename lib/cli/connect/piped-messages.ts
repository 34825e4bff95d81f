import type { Readable } from 'node:stream';
import { LineSplitter } from '../line-splitter.ts';
import type { Conversation, Source } from './conversation.ts';

/** What may wait for the server, in bytes; then the input has to wait. */
const HIGH_WATER_MARK = 1024 * 1024;
const LOW_WATER_MARK = 256 * 1024;

const LONGEST_LINE = 64 * 1024 * 1024;

/** Sends each line of a stream as a message, waits behind the last one, and closes. */
export class PipedMessages implements Source {
  readonly #input: Readable;
  readonly #wait: number;
  #hasEnded = false;

  /** @param wait in milliseconds. */
  constructor(input: Readable, wait: number) {
    this.#input = input;
    this.#wait = wait;
  }

  begin(conversation: Conversation): void {
    const { socket } = conversation;
    const input = this.#input;
    const splitter = new LineSplitter(
      {
        line: (text) => void socket.sendTextMessage(text),
        tooLong: () => conversation.abort('A line of the input has more than 64 MiB.'),
      },
      LONGEST_LINE,
    );
    input.on('data', (chunk: Buffer) => {
      splitter.push(chunk);
      if (socket.bytesToWrite() > HIGH_WATER_MARK) input.pause();
    });
    socket.bytesWritten.connect(() => {
      if (input.isPaused() && socket.bytesToWrite() < LOW_WATER_MARK) input.resume();
    });
    input.on('end', () => {
      this.#hasEnded = true;
      splitter.end();
      conversation.closeAfter(this.#wait);
    });
  }

  stop(): void {
    this.#input.destroy();
  }

  isUnfinished(): boolean {
    return !this.#hasEnded;
  }
}
