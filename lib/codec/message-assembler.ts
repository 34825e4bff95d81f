import { ByteCollector } from './byte-collector.ts';
import { parseClosePayload } from './close-payload.ts';
import type { FrameLimits, FrameSink, ViolationCode } from './frame-reader.ts';
import { CompressedCode, isControl, OpCode } from './opcode.ts';
import { ownCopy } from './payload-memory.ts';
import { decodeCheckedUtf8, decodeUtf8, LONGEST_TEXT, Utf8Checker } from './utf8.ts';

/** Where a {@link MessageAssembler} delivers what it puts together. */
export interface MessageSink {
  /** Takes the text of one frame; `isLast` when the message ends with it. */
  textFrame(frame: string, isLast: boolean): void;
  /** Takes a whole text message, and how many bytes it has in UTF-8. */
  textMessage(message: string, size: number): void;
  /** Takes the payload of one binary frame, which is the sink's own. */
  binaryFrame(frame: Buffer, isLast: boolean): void;
  /** Takes a whole binary message, which is the sink's own. */
  binaryMessage(message: Buffer): void;
  /** Takes the payload of a whole message that is compressed, lent until the call returns. */
  compressedMessage(isText: boolean, payload: Buffer): void;
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
  // Text is checked as it comes, and not only when a frame is complete (RFC 6455 §8.1).
  #checker: Utf8Checker | undefined;
  // How much of the frame that is coming is checked.
  #checked = 0;
  // How much of what was collected the frames have given out as text.
  #decoded = 0;
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
    this.#checker = undefined;
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
    if (isControl(opcode)) {
      this.#control(opcode, bytes.subarray(start, end));
    } else if (this.#fits(opcode, end - start)) {
      if (!isFinal || opcode === OpCode.Continue) {
        this.#fragment(opcode, isFinal, bytes, start, end, isAscii);
      } else if (opcode === OpCode.Text) {
        this.#wholeText(bytes, start, end, isAscii);
      } else if (opcode === OpCode.Binary) {
        this.#wholeBinary(isOwn ? bytes : ownCopy(bytes, start, end));
      } else {
        const payload = bytes.subarray(start, end);
        this.#sink.compressedMessage(opcode === CompressedCode.Text, payload);
      }
    }
  }

  announce(opcode: OpCode, length: number): boolean {
    return !isControl(opcode) && this.#fits(opcode, length) && this.#isOfText(opcode);
  }

  partial(bytes: Buffer, start: number, end: number, isAscii: boolean): void {
    this.#checked += end - start;
    if (!this.#isText(bytes, start, end, isAscii)) this.#rejectText();
  }

  violation(code: ViolationCode, reason: string): void {
    this.stop();
    this.#sink.violation(code, reason);
  }

  /** Whether a data frame of this size may come now. */
  #fits(opcode: OpCode, length: number): boolean {
    const size = (this.#collected?.length ?? 0) + length;
    const isAllowed = size <= this.#limits.maxIncomingMessageSize;
    if (isAllowed && (size <= LONGEST_TEXT || !this.#isOfText(opcode))) return true;
    return this.#reject(1009, 'Received message is too big.');
  }

  /** Whether such a frame belongs to a text that is not compressed. */
  #isOfText(opcode: OpCode): boolean {
    return (opcode === OpCode.Continue ? this.#opcode : opcode) === OpCode.Text;
  }

  #wholeText(bytes: Buffer, start: number, end: number, isAscii: boolean): void {
    // What was checked while it came is checked once more: that costs less than to decode it, and is seldom.
    this.#checked = 0;
    this.#checker = undefined;
    const message = decodeUtf8(bytes, start, end, isAscii);
    if (message === undefined) {
      this.#rejectText();
      return;
    }
    this.#sink.textFrame(message, true);
    if (!this.#stopped) this.#sink.textMessage(message, end - start);
  }

  #wholeBinary(message: Buffer): void {
    this.#sink.binaryFrame(message, true);
    if (!this.#stopped) this.#sink.binaryMessage(message);
  }

  #fragment(
    opcode: OpCode,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    isAscii: boolean,
  ): void {
    if (opcode !== OpCode.Continue) this.#begin(opcode);
    this.#collected ??= new ByteCollector();
    if (this.#opcode === OpCode.Text) {
      this.#textFragment(this.#collected, isFinal, bytes, start, end, isAscii);
      return;
    }
    this.#collected.append(bytes, start, end);
    if (this.#opcode !== OpCode.Binary) {
      const isText = this.#opcode === CompressedCode.Text;
      if (isFinal) this.#sink.compressedMessage(isText, this.#end());
      return;
    }
    const message = isFinal ? this.#end() : undefined;
    this.#sink.binaryFrame(ownCopy(bytes, start, end), isFinal);
    if (message !== undefined && !this.#stopped) this.#sink.binaryMessage(message);
  }

  #textFragment(
    collected: ByteCollector,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    isAscii: boolean,
  ): void {
    collected.append(bytes, start, end);
    const unchecked = start + this.#checked;
    this.#checked = 0;
    // A character may be cut between two frames (RFC 6455 §5.6): only the message must be whole.
    const isText = this.#isText(bytes, unchecked, end, isAscii);
    const begun = this.#checker?.begun ?? 0;
    if (!isText || (isFinal && begun > 0)) {
      this.#rejectText();
      return;
    }
    const from = this.#decoded;
    this.#decoded = collected.length - begun;
    const length = this.#decoded - from;
    const text = decodeCheckedUtf8(
      collected.bytes,
      from,
      this.#decoded,
      isAscii && length === end - start,
    );
    this.#isAscii &&= text.length === length;
    // The state is that of between two messages before a slot can look at it.
    const size = collected.length;
    const message = isFinal ? this.#endText() : '';
    this.#sink.textFrame(text, isFinal);
    if (isFinal && !this.#stopped) this.#sink.textMessage(message, size);
  }

  #begin(opcode: OpCode): void {
    this.#opcode = opcode;
    this.#isAscii = true;
    this.#decoded = 0;
  }

  #end(): Buffer {
    this.#opcode = OpCode.Continue;
    const payload = this.#collected!.take();
    this.#collected = undefined;
    return payload;
  }

  #endText(): string {
    this.#checker = undefined;
    const payload = this.#end();
    return decodeCheckedUtf8(payload, 0, payload.length, this.#isAscii);
  }

  /** Whether the next bytes of a text go on as UTF-8. */
  #isText(bytes: Buffer, start: number, end: number, isAscii: boolean): boolean {
    if (isAscii && this.#checker === undefined) return true;
    this.#checker ??= new Utf8Checker();
    return this.#checker.accepts(bytes, start, end);
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

  #rejectText(): void {
    this.#reject(1007, 'Invalid UTF-8 code encountered.');
  }

  #reject(code: ViolationCode, reason: string): false {
    this.violation(code, reason);
    return false;
  }
}
