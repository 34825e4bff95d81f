import { FrameReader } from './frame-reader.ts';
import type { PayloadMemory } from './mask-memory.ts';
import { MessageAssembler, type MessageLimits, type MessageSink } from './message-assembler.ts';

/** Reads the messages in a byte stream: a {@link FrameReader} and a {@link MessageAssembler} at work together. */
export class MessageReader {
  readonly #messages: MessageAssembler;
  readonly #frames: FrameReader;

  /** @param expectMask and `takesCompressed` as for {@link FrameReader}. */
  constructor(
    sink: MessageSink,
    expectMask: boolean,
    limits: MessageLimits,
    takesCompressed: boolean,
  ) {
    this.#messages = new MessageAssembler(sink, limits);
    this.#frames = new FrameReader(this.#messages, expectMask, limits, takesCompressed);
  }

  /** Whether the rest of a frame or of a message is awaited; if not, and not paused, it is as good as a new one. */
  get isAwaiting(): boolean {
    return this.#frames.isInsideFrame || this.#messages.isInsideMessage;
  }

  /** Takes the next bytes; as {@link FrameReader.push}. */
  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** As {@link FrameReader.pushLent}. */
  pushLent(memory: PayloadMemory, length: number): void {
    this.#frames.pushLent(memory, length);
  }

  /** As {@link FrameReader.pause}. */
  pause(): void {
    this.#frames.pause();
  }

  /** As {@link FrameReader.resume}. */
  resume(): void {
    this.#frames.resume();
  }

  /** Delivers nothing more and lets go of what is held. */
  stop(): void {
    this.#frames.stop();
    this.#messages.stop();
  }
}
