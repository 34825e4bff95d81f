import {
  FrameReader,
  type FrameLimits,
  type FrameSink,
  type ViolationCode,
} from '../../lib/codec/frame-reader.ts';
import {
  MessageAssembler,
  type MessageLimits,
  type MessageSink,
} from '../../lib/codec/message-assembler.ts';
import type { OpCode } from '../../lib/codec/opcode.ts';

/** A frame as a {@link RecordingSink} got it. */
export interface RecordedFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
  readonly isAscii: boolean;
}

/** Remembers everything a FrameReader delivers. */
export class RecordingSink implements FrameSink {
  readonly frames: RecordedFrame[] = [];
  /** Of each frame, whether its payload was the sink's own. */
  readonly owned: boolean[] = [];
  readonly announced: [opcode: number, length: number][] = [];
  /** Whether to be shown what comes of payloads before their frames are whole. */
  wantsPartials = true;
  /** What came of payloads before their frames were whole, as Latin-1. */
  readonly partials: [bytes: string, isAscii: boolean][] = [];
  readonly violations: [code: number, reason: string][] = [];
  /** Called after each frame. */
  afterFrame: () => void = () => {};

  /** The payloads as text. */
  get texts(): string[] {
    return this.frames.map(({ payload }) => payload.toString());
  }

  frame(
    opcode: OpCode,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    isAscii: boolean,
    isOwn: boolean,
  ): void {
    const payload = Buffer.from(bytes.subarray(start, end));
    this.owned.push(isOwn);
    this.frames.push({ opcode, isFinal, payload, isAscii });
    this.afterFrame();
  }

  announce(opcode: OpCode, length: number): boolean {
    this.announced.push([opcode, length]);
    return this.wantsPartials;
  }

  partial(bytes: Buffer, start: number, end: number, isAscii: boolean): void {
    this.partials.push([bytes.toString('latin1', start, end), isAscii]);
  }

  violation(code: ViolationCode, reason: string): void {
    this.violations.push([code, reason]);
  }
}

/** What a {@link RecordingMessages} has heard: the name of the call and its arguments. */
export type Heard = readonly [name: keyof MessageSink, ...args: (string | boolean | number)[]];

/** Remembers everything a MessageAssembler delivers; bytes as hexadecimal digits. */
export class RecordingMessages implements MessageSink {
  readonly heard: Heard[] = [];
  /** Called after each call. */
  afterCall: (name: keyof MessageSink) => void = () => {};

  textFrame(frame: string, isLast: boolean): void {
    this.#note('textFrame', frame, isLast);
  }

  textMessage(message: string): void {
    this.#note('textMessage', message);
  }

  binaryFrame(frame: Buffer, isLast: boolean): void {
    this.#note('binaryFrame', frame.toString('hex'), isLast);
  }

  binaryMessage(message: Buffer): void {
    this.#note('binaryMessage', message.toString('hex'));
  }

  compressedMessage(isText: boolean, payload: Buffer): void {
    this.#note('compressedMessage', isText, payload.toString('hex'));
  }

  ping(payload: Buffer): void {
    this.#note('ping', payload.toString('hex'));
  }

  pong(payload: Buffer): void {
    this.#note('pong', payload.toString('hex'));
  }

  closeFrame(code: number, reason: string): void {
    this.#note('closeFrame', code, reason);
  }

  violation(code: ViolationCode, reason: string): void {
    this.#note('violation', code, reason);
  }

  #note(...heard: Heard): void {
    this.heard.push(heard);
    this.afterCall(heard[0]);
  }
}

/** A reader and an assembler put together as a session does: they stop at the end. */
export class Receiver {
  readonly messages: RecordingMessages;
  readonly assembler: MessageAssembler;
  readonly reader: FrameReader;

  constructor(
    expectMask: boolean,
    limits: MessageLimits & FrameLimits = GENEROUS,
    takesCompressed = false,
  ) {
    this.messages = new RecordingMessages();
    this.assembler = new MessageAssembler(this.messages, limits);
    this.reader = new FrameReader(this.assembler, expectMask, limits, takesCompressed);
    this.messages.afterCall = (name) => {
      if (name === 'violation' || name === 'closeFrame') this.stop();
    };
  }

  get heard(): Heard[] {
    return this.messages.heard;
  }

  push(...chunks: readonly Uint8Array[]): this {
    // The reader unmasks in place; the specs' own bytes stay as they are.
    for (const chunk of chunks) this.reader.push(Buffer.from(chunk));
    return this;
  }

  stop(): void {
    this.reader.stop();
    this.assembler.stop();
  }
}

/** Limits that no spec reaches by accident. */
export const GENEROUS: MessageLimits = {
  maxIncomingFrameSize: 2 ** 31 - 2,
  maxIncomingMessageSize: 2 ** 31 - 2,
};
