import { ByteCollector } from './byte-collector.ts';
import { parseClosePayload } from './close-payload.ts';
import type { FrameLimits, FrameSink, ViolationCode } from './frame-reader.ts';
import { isControl, OpCode } from './opcode.ts';
import { decodeUtf8, Utf8Decoder } from './utf8.ts';

// A smaller binary payload is copied: a view would keep the whole chunk (64 KiB) alive with it.
const VIEW_FROM = 4096;

/** Where a {@link MessageAssembler} delivers what it puts together. */
export interface MessageSink {
  /** Takes the text of one frame; `isLast` when the message ends with it. */
  textFrame(frame: string, isLast: boolean): void;
  /** Takes a whole text message. */
  textMessage(message: string): void;
  /** Takes the payload of one binary frame, which is the sink's own. */
  binaryFrame(frame: Buffer, isLast: boolean): void;
  /** Takes a whole binary message, which is the sink's own. */
  binaryMessage(message: Buffer): void;
  /** Takes the payload of a Ping, lent until the call returns. */
  ping(payload: Buffer): void;
  /** Takes the payload of a Pong, which is the sink's own. */
  pong(payload: Buffer): void;
  /** Learns that the peer closes; `code` is 1005 when it named none. */
  closeFrame(code: number, reason: string): void;
  /** Learns that the peer broke the protocol. */
  violation(code: ViolationCode, reason: string): void;
}

/** How much a {@link MessageAssembler} accepts; read anew for each frame. */
export interface MessageLimits extends FrameLimits {
  /** Largest payload of one message, in bytes. */
  readonly maxIncomingMessageSize: number;
}

/**
 * Puts messages together from frames (RFC 6455 §5.4) and tells control frames apart (§5.5).
 *
 * Whoever owns the reader stops it after a close or a violation.
 */
export class MessageAssembler implements FrameSink {
  readonly #sink: MessageSink;
  readonly #limits: MessageLimits;

  // The message that was begun and not ended; Continue when there is none.
  #opcode: OpCode = OpCode.Continue;
  #collected: ByteCollector | undefined;
  #decoder: Utf8Decoder | undefined;
  #isAscii = true;
  #stopped = false;

  constructor(sink: MessageSink, limits: MessageLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Whether a fragmented message waits for its end. */
  get isInsideMessage(): boolean {
    return this.#opcode !== OpCode.Continue;
  }

  /** Delivers nothing more and lets go of what was collected. */
  stop(): void {
    this.#stopped = true;
    this.#opcode = OpCode.Continue;
    this.#collected = undefined;
    this.#decoder = undefined;
  }

  frame(
    opcode: OpCode,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    isAscii: boolean,
  ): void {
    if (isControl(opcode)) {
      this.#control(opcode, bytes.subarray(start, end));
    } else if (this.#accepts(opcode, end - start)) {
      if (!isFinal || opcode === OpCode.Continue) {
        this.#fragment(opcode, isFinal, bytes, start, end);
      } else if (opcode === OpCode.Text) {
        this.#wholeText(bytes, start, end, isAscii);
      } else {
        this.#wholeBinary(bytes, start, end);
      }
    }
  }

  announce(opcode: OpCode, _isFinal: boolean, length: number): void {
    if (!isControl(opcode)) this.#accepts(opcode, length);
  }

  violation(code: ViolationCode, reason: string): void {
    this.stop();
    this.#sink.violation(code, reason);
  }

  /** Whether a data frame of this kind and size may come now. */
  #accepts(opcode: OpCode, length: number): boolean {
    if (opcode === OpCode.Continue) {
      if (!this.isInsideMessage) {
        return this.#reject(
          1002,
          'Received Continuation frame, while there is nothing to continue.',
        );
      }
    } else if (this.isInsideMessage) {
      return this.#reject(
        1002,
        'All data frames after the initial data frame must have opcode 0 (continuation).',
      );
    }
    if ((this.#collected?.length ?? 0) + length > this.#limits.maxIncomingMessageSize) {
      return this.#reject(1009, 'Received message is too big.');
    }
    return true;
  }

  #wholeText(bytes: Buffer, start: number, end: number, isAscii: boolean): void {
    const message = decodeUtf8(bytes, start, end, isAscii);
    if (message === undefined) {
      this.#reject(1007, 'Invalid UTF-8 code encountered.');
      return;
    }
    this.#sink.textFrame(message, true);
    if (!this.#stopped) this.#sink.textMessage(message);
  }

  #wholeBinary(bytes: Buffer, start: number, end: number): void {
    const message = ownPayload(bytes, start, end);
    this.#sink.binaryFrame(message, true);
    if (!this.#stopped) this.#sink.binaryMessage(message);
  }

  #fragment(opcode: OpCode, isFinal: boolean, bytes: Buffer, start: number, end: number): void {
    if (opcode !== OpCode.Continue) this.#begin(opcode);
    const isText = this.#opcode === OpCode.Text;
    this.#collected ??= new ByteCollector();
    this.#collected.append(bytes, start, end);

    if (isText) {
      this.#decoder ??= new Utf8Decoder();
      // A character may be cut between two frames (RFC 6455 §5.6): only the message must be whole.
      const text = this.#decoder.decode(bytes.subarray(start, end), isFinal);
      if (text === undefined) {
        this.#reject(1007, 'Invalid UTF-8 code encountered.');
        return;
      }
      this.#isAscii &&= text.length === end - start;
      // The state is that of between two messages before a slot can look at it.
      const message = isFinal ? this.#endText() : '';
      this.#sink.textFrame(text, isFinal);
      if (isFinal && !this.#stopped) this.#sink.textMessage(message);
    } else {
      const message = isFinal ? this.#end() : undefined;
      this.#sink.binaryFrame(Buffer.from(bytes.subarray(start, end)), isFinal);
      if (message !== undefined && !this.#stopped) this.#sink.binaryMessage(message);
    }
  }

  #begin(opcode: OpCode): void {
    this.#opcode = opcode;
    this.#isAscii = true;
  }

  #end(): Buffer {
    this.#opcode = OpCode.Continue;
    const payload = this.#collected!.take();
    this.#collected = undefined;
    return payload;
  }

  #endText(): string {
    const isAscii = this.#isAscii;
    const payload = this.#end();
    // The decoder has checked the fragments; the whole cannot be wrong any more.
    return decodeUtf8(payload, 0, payload.length, isAscii) ?? '';
  }

  #control(opcode: OpCode, payload: Buffer): void {
    if (opcode === OpCode.Ping) {
      this.#sink.ping(payload);
    } else if (opcode === OpCode.Pong) {
      this.#sink.pong(Buffer.from(payload));
    } else {
      const { code, reason, isInvalid } = parseClosePayload(payload);
      this.stop();
      if (isInvalid) this.#sink.violation(code as ViolationCode, reason);
      else this.#sink.closeFrame(code, reason);
    }
  }

  #reject(code: ViolationCode, reason: string): false {
    this.violation(code, reason);
    return false;
  }
}

function ownPayload(bytes: Buffer, start: number, end: number): Buffer {
  if (end - start >= VIEW_FROM) return bytes.subarray(start, end);
  return Buffer.from(bytes.subarray(start, end));
}
