import { writeClosePayload } from '../codec/close-payload.ts';
import { frameEnd } from '../codec/frame-end.ts';
import { FrameWriter } from '../codec/frame-writer.ts';
import type { PayloadMemory } from '../codec/mask-memory.ts';
import type { MessageSink } from '../codec/message-assembler.ts';
import { MessageReader } from '../codec/message-reader.ts';
import { OpCode } from '../codec/opcode.ts';
import type { Slab } from '../codec/slab.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { BacklogPolicy } from '../network/backlog-policy.ts';
import { explained } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { ClosingState } from './closing-state.ts';
import { ClosingTimer, type Closing } from './closing-timer.ts';
import { Compression } from './compression.ts';
import { Hold } from './hold.ts';
import type { InboxOwner } from './inbox.ts';
import type { Meter } from './meter.ts';
import type { OutboxOwner } from './outbox.ts';
import type { SharedMessage } from './shared-message.ts';
import { StallTimer, type Stallable } from './stall-timer.ts';
import type { MessageCoder, SessionEvents, SessionSettings, Wire, WireFailure } from './wire.ts';

const MAX_CONTROL_PAYLOAD = 125;

// With this much unsent, only the newest ping is answered (RFC 6455 §5.5.3 allows that): a peer
// that floods us with pings and does not read cannot pile up pongs.
const PONGS_UP_TO = 64 * 1024;

/**
 * One WebSocket after its opening handshake, over any byte stream (RFC 6455 §5–§7).
 *
 * Keeps the order of what is sent, applies the limits, answers pings and goes through the closing
 * handshake. The platform tells it what happens on the stream: {@link receive}, {@link ended},
 * {@link gone}, {@link drained}; and calls {@link flush} when a turn of the event loop is over.
 */
export class Session implements MessageSink, Stallable, Closing, InboxOwner, OutboxOwner {
  readonly #isClient: boolean;
  readonly #wire: Wire;
  readonly #settings: SessionSettings;
  readonly #events: SessionEvents;
  readonly #slab: Slab;
  // Once there was something to say.
  #writer: FrameWriter | undefined;
  // Only where that was agreed on.
  readonly #compression: Compression | undefined;
  // Once somebody did not want to read on, or the stream ended before all was delivered.
  #hold: Hold | undefined;
  // While a chunk is read or a part of a message held: most connections are idle, and have none.
  #reader: MessageReader | undefined;
  #state: ClosingState = ClosingState.Open;
  #isFlushAsked = false;
  #owedPong: Buffer | undefined;
  // Why we have given the connection up, until that is told.
  #failure: WireFailure | undefined;
  #stall: StallTimer | undefined;
  #closing: ClosingTimer | undefined;
  // The chunks that counted and the compressed messages in them: signs of the peer's life.
  #chunks = 0;
  // Once something was carried.
  #meter: Meter | undefined;

  /** @param coder compresses, where both sides have agreed on that. */
  constructor(
    isClient: boolean,
    wire: Wire,
    slab: Slab,
    settings: SessionSettings,
    events: SessionEvents,
    coder?: MessageCoder,
  ) {
    this.#isClient = isClient;
    this.#wire = wire;
    this.#settings = settings;
    this.#events = events;
    this.#slab = slab;
    if (coder !== undefined) this.#compression = new Compression(coder, this);
  }

  /** Begins to read; `early` is what came behind the opening handshake already. */
  start(early: Buffer): void {
    if (early.length > 0) this.receive(early);
    if (this.#state === ClosingState.Gone) return;
    this.#wire.start();
    if (this.#mustWait()) this.#wire.pause();
  }

  /** Takes bytes of the peer; has told what they say when it returns. */
  receive(chunk: Buffer): void {
    this.#openMeter().read(chunk.length);
    // Data behind a Close frame is discarded (RFC 6455 §1.4), but read, lest the stream be reset.
    if (!this.#canReceive()) return;
    this.#chunks++;
    this.#openReader().push(chunk);
    this.#settleReader();
  }

  /** The same for the first `length` bytes of `memory`, which are lent until it returns. */
  receiveLent(memory: PayloadMemory, length: number): void {
    this.#openMeter().read(length);
    if (!this.#canReceive()) return;
    this.#chunks++;
    this.#openReader().pushLent(memory, length);
    this.#settleReader();
  }

  /** Learns that the peer has ended its side of the stream. */
  ended(): void {
    if (this.#state === ClosingState.Gone) return;
    // What came before the end is still to be delivered.
    if (this.#mustWait()) {
      this.#openHold().hasEnded = true;
      return;
    }
    const before = this.#state;
    this.#beginEnding();
    this.#end();
    this.#tellEnd(before);
  }

  /** Learns that the stream is gone. */
  gone(): void {
    // Also of a stream that was given up: on Windows the system reads what it was given until then,
    // and would find others' frames there.
    this.#writer?.drained();
    if (this.#state === ClosingState.Gone) return;
    if (this.#mustWait()) this.#openHold().hasGone = true;
    else this.#finish();
  }

  /**
   * Delivers nothing, not even that the peer has closed, until {@link letGo} was called as often; the
   * peer has to wait. A message that is being inflated is still delivered.
   */
  holdBack(): void {
    const hold = this.#openHold();
    hold.count++;
    if (hold.count > 1 || !this.#canReceive()) return;
    this.#reader?.pause();
    this.#wire.pause();
  }

  /** Delivers again; not to be called while something is being delivered. */
  letGo(): void {
    const hold = this.#openHold();
    hold.count--;
    this.#chunks++;
    if (hold.count === 0) this.#goOn();
  }

  /** Whether nothing can be told or sent any more. */
  get isGone(): boolean {
    return this.#state === ClosingState.Gone;
  }

  /** Learns that the system has taken some of what was queued, and that this is about to be told. */
  taken(): void {
    this.#writer?.taken();
  }

  /** Learns that the system has taken all that was queued. */
  drained(): void {
    this.#writer?.drained();
    const payload = this.#owedPong;
    this.#owedPong = undefined;
    if (payload !== undefined) this.#answer(payload);
  }

  /** Hands what waits to the wire; returns whether there was something. */
  flush(): boolean {
    this.#isFlushAsked = false;
    if (this.#writer === undefined) return false;
    const hadFrames = this.#writer.waiting > 0;
    this.#writer.flush();
    return hadFrames;
  }

  /** The number of bytes, headers included, that the system has not taken yet. */
  bytesToWrite(): number {
    return (
      (this.#writer?.waiting ?? 0) + this.#wire.backlog() + (this.#compression?.outbox.bytes ?? 0)
    );
  }

  /**
   * Sends a text message; returns the bytes of its UTF-8 form, or 0 when it may not be sent.
   *
   * @param compress whether to compress it, where that was agreed on; by default if it is long enough.
   */
  sendText(message: string, compress?: boolean): number {
    if (!this.#maySend()) return 0;
    const length = this.#queueText(message, compress);
    this.#openMeter().messageSent(true, length);
    return length;
  }

  /** Sends a copy of `data` as a binary message; otherwise as {@link sendText}. */
  sendBinary(data: Uint8Array, compress?: boolean): number {
    if (!this.#maySend()) return 0;
    if (this.#compression === undefined) {
      this.#sendSplit(OpCode.Binary, data, this.#settings.outgoingFrameSize || Infinity);
    } else {
      this.#compression.outbox.send(false, Buffer.from(data), compress);
    }
    this.#openMeter().messageSent(false, data.length);
    return data.length;
  }

  /** Sends a message that others send as well, otherwise as {@link sendText}; returns whether it may. */
  sendShared(message: SharedMessage): boolean {
    if (!this.#maySend()) return false;
    if (this.#compression === undefined) this.outgoingShared(message, message.data);
    else this.#compression.outbox.sendShared(message);
    this.#openMeter().messageSent(message.isText, message.data.length);
    return true;
  }

  /** Pings the peer; a payload of more than 125 bytes is cut. */
  sendPing(payload: Uint8Array): void {
    if (!this.#maySend()) return;
    const sent = payload.subarray(0, MAX_CONTROL_PAYLOAD);
    this.#sendControl(OpCode.Ping, sent);
    this.#openMeter().ping(true, sent.length);
  }

  /** See Pulse of the sockets; every byte of the peer is a sign of its life. */
  pulse(): { heard: number; taken: number } {
    // What keeps us from reading is our own affair, and its pong may be there already.
    if (this.#mustWait()) this.#chunks++;
    return { heard: this.#chunks, taken: this.#wire.sent() };
  }

  /**
   * Begins the closing handshake (RFC 6455 §7.1.2).
   *
   * What the peer sends before it answers is still delivered. The connection is gone when the
   * stream has ended, or has made no progress for the close timeout.
   */
  close(code: number, reason: string): void {
    if (this.#state !== ClosingState.Open) return;
    this.#sendClose(code, reason);
    this.#state = ClosingState.ClosedByUs;
    this.flush();
    this.#watchClosing();
    this.#openMeter().closing(false, code, reason);
  }

  /** Gives the connection up at once; nothing is told any more. */
  abort(): void {
    if (this.#state === ClosingState.Gone) return;
    this.#stop();
    this.#wire.destroy();
    this.#openMeter().ended();
  }

  textFrame(frame: string, isLast: boolean): void {
    this.#events.textFrame(frame, isLast);
  }

  textMessage(message: string, size: number): void {
    this.#openMeter().messageReceived(true, size);
    this.#events.textMessage(message);
  }

  binaryFrame(frame: Buffer, isLast: boolean): void {
    this.#events.binaryFrame(frame, isLast);
  }

  binaryMessage(message: Buffer): void {
    this.#openMeter().messageReceived(false, message.length);
    this.#events.binaryMessage(message);
  }

  compressedMessage(isText: boolean, payload: Buffer): void {
    this.#compression!.inbox.message(isText, payload, this.#settings.maxIncomingMessageSize);
  }

  inflatedText(message: string, size: number): void {
    if (!this.#canReceive()) return;
    this.#events.textFrame(message, true);
    if (this.#canReceive()) this.textMessage(message, size);
  }

  inflatedBinary(message: Buffer): void {
    if (!this.#canReceive()) return;
    this.#events.binaryFrame(message, true);
    if (this.#canReceive()) this.binaryMessage(message);
  }

  inboxBusy(): void {
    this.#reader?.pause();
    this.#wire.pause();
  }

  inboxEmpty(): void {
    this.#chunks++;
    this.#goOn();
  }

  outgoing(opcode: OpCode, payload: Uint8Array): void {
    this.#sendSplit(opcode, payload, this.#settings.outgoingFrameSize || Infinity);
  }

  outgoingShared(message: SharedMessage, payload: Uint8Array): void {
    const limit = this.#settings.outgoingFrameSize || Infinity;
    if (this.#isClient) {
      // A client masks each frame with a key of its own.
      this.#sendSplit(message.opcodeOf(payload), payload, limit);
      return;
    }
    this.#openWriter().frames(message.frames(payload, limit));
    this.#flushSoon();
  }

  outboxEmpty(): void {
    const compression = this.#compression!;
    compression.emptied++;
    const { owedClose, isEndOwed } = compression;
    if (owedClose !== undefined) this.#sendControl(OpCode.Close, owedClose);
    if (isEndOwed) {
      this.flush();
      this.#wire.end();
    }
  }

  ping(payload: Buffer): void {
    this.#openMeter().ping(false, payload.length);
    this.#answer(payload);
  }

  pong(payload: Buffer): void {
    this.#openMeter().pong(false, payload.length);
    this.#events.pong(payload);
  }

  closeFrame(code: number, reason: string): void {
    const isFirst = this.#state === ClosingState.Open;
    if (isFirst) this.#sendClose(code, reason);
    this.#beginEnding();
    this.flush();
    // The server ends TCP first (RFC 6455 §7.1.1), so that the client can open the same one anew.
    if (!this.#isClient) this.#endWire();
    this.#watchClosing();
    if (isFirst) this.#tellClosing(true, code, reason);
  }

  violation(code: number, reason: string): void {
    const advice = code === 1009 ? 'QWebSocket has setters for its limits.' : undefined;
    this.#events.explained(
      explained(reason, { layer: 'protocol', detail: `closed with ${code}`, advice }),
    );
    this.#fail(code, reason);
  }

  /** Whether the rest of a frame or of a message is awaited. */
  isAwaiting(): boolean {
    return this.#canReceive() && !this.#isHeldBack() && this.#reader?.isAwaiting === true;
  }

  /** Fails the connection because the rest of a frame or message did not come. */
  stalled(): void {
    const reason = 'Timeout when reading data from socket.';
    const silence = `${this.#settings.incompleteMessageTimeout} ms without the rest of a message`;
    this.#events.explained(
      explained(reason, { layer: 'timeout', detail: `${silence}, closed with 1001` }),
    );
    this.#fail(1001, reason);
  }

  progress(): number {
    return this.#chunks + this.#wire.sent() + (this.#compression?.emptied ?? 0);
  }

  /** Whether messages are being compressed or inflated. */
  isAtWork(): boolean {
    return this.#isDeflating() || this.#isInflating();
  }

  closingTimedOut(timeout: number): void {
    if (this.#state === ClosingState.ClosedByUs) {
      const detail = `${timeout} ms, waiting for the peer to answer our Close frame`;
      this.#events.explained(explained('Socket operation timed out', { layer: 'timeout', detail }));
      this.#beginEnding();
    }
    this.#wire.destroy();
    this.#finish();
  }

  #finish(): void {
    const before = this.#state;
    this.#beginEnding();
    this.#tellEnd(before);
    // A slot may have given the connection up, perhaps to open another one.
    if (this.isGone) return;
    this.#stop();
    this.#openMeter().ended();
    this.#events.closed();
  }

  #fail(code: number, reason: string): void {
    const isFirst = this.#state === ClosingState.Open;
    if (isFirst) this.#sendClose(code, reason);
    this.#beginEnding();
    this.#end();
    if (isFirst) this.#tellClosing(false, code, reason);
  }

  #tellClosing(isByPeer: boolean, code: number, reason: string): void {
    this.#openMeter().closing(isByPeer, code, reason);
    this.#events.closing(code, reason);
  }

  /** Says why an end is none in order: the peer has sent no Close frame (RFC 6455 §7.1.5). */
  #tellEnd(before: ClosingState): void {
    const given = this.#failure;
    this.#failure = undefined;
    if (before === ClosingState.Ending && given === undefined) return;
    const { error, description, cause } = given ?? this.#wire.failure();
    const isLost = before !== ClosingState.ClosedByUs;
    const when = isLost ? 'before a Close frame' : 'without answering our Close frame';
    const text = explained(description, { ...cause, detail: `${cause.detail} ${when}` });
    if (!isLost) {
      this.#events.explained(text);
      return;
    }
    this.#openMeter().lost(given === undefined, error, text);
    this.#events.lost(error, text);
  }

  /** Whether something of the application's may be sent now. */
  #maySend(): boolean {
    if (this.#state !== ClosingState.Open) return false;
    const { backlogLimit } = this.#settings;
    return (
      backlogLimit < 0 || this.bytesToWrite() <= backlogLimit || this.#isRelieved(backlogLimit)
    );
  }

  /** Whether the system takes so much of what waits that it keeps within `limit`. */
  #isRelieved(limit: number): boolean {
    // Of what was sent in this turn it has not been asked to take anything yet.
    this.flush();
    const waiting = this.bytesToWrite();
    if (waiting <= limit) return true;
    if (this.#settings.backlogPolicy === BacklogPolicy.Disconnect) this.#giveUp(waiting);
    return false;
  }

  /** Cuts a peer off that does not read; that is told when the stream is gone. */
  #giveUp(waiting: number): void {
    this.#failure = {
      error: SocketError.SocketResourceError,
      description: `The peer does not read: ${waiting} bytes wait to be sent.`,
      cause: { layer: 'TCP', detail: 'cut off by the policy of setBacklogLimit()' },
    };
    this.#beginEnding();
    this.#wire.destroy();
  }

  #canReceive(): boolean {
    return this.#state === ClosingState.Open || this.#state === ClosingState.ClosedByUs;
  }

  /** Whether a message is still to be delivered that has come before. */
  #isInflating(): boolean {
    return this.#compression?.inbox.isBusy === true && this.#canReceive();
  }

  #isHeldBack(): boolean {
    return this.#hold !== undefined && this.#hold.count > 0;
  }

  /** Whether nothing may be delivered now, though more may have come. */
  #mustWait(): boolean {
    return this.#isInflating() || (this.#isHeldBack() && this.#canReceive());
  }

  /** Delivers what has come meanwhile, and how it has ended. */
  #goOn(): void {
    if (this.isGone || this.#mustWait()) return;
    this.#reader?.resume();
    this.#settleReader();
    if (this.isGone || this.#mustWait()) return;
    this.#wire.resume();
    const { hasEnded = false, hasGone = false } = this.#hold ?? {};
    if (hasEnded) {
      this.#hold!.hasEnded = false;
      this.ended();
    }
    if (hasGone) this.gone();
  }

  #openHold(): Hold {
    return (this.#hold ??= new Hold());
  }

  /** Whether a message is still to be sent that was given before. */
  #isDeflating(): boolean {
    return this.#compression?.outbox.isBusy === true;
  }

  /** Closes behind the messages that were sent before. */
  #sendClose(code: number, reason: string): void {
    const payload = writeClosePayload(code, reason);
    if (this.#isDeflating()) this.#compression!.owedClose = payload;
    else this.#sendControl(OpCode.Close, payload);
  }

  #endWire(): void {
    if (this.#isDeflating()) this.#compression!.isEndOwed = true;
    else this.#wire.end();
  }

  /** Sends a text message, now or when those before it are compressed; returns its bytes in UTF-8. */
  #queueText(message: string, compress: boolean | undefined): number {
    if (this.#compression !== undefined) {
      const data = encodeUtf8(message);
      this.#compression.outbox.send(true, data, compress);
      return data.length;
    }
    const limit = this.#settings.outgoingFrameSize || Infinity;
    if (3 * message.length <= limit) {
      const length = this.#openWriter().text(OpCode.Text, true, message, this.#nextKey());
      this.#flushSoon();
      return length;
    }
    if (Buffer.byteLength(message) === message.length) return this.#sendAscii(message, limit);
    const payload = encodeUtf8(message);
    this.#sendSplit(OpCode.Text, payload, limit);
    return payload.length;
  }

  /** Sends a text of which each unit is a byte. */
  #sendAscii(message: string, limit: number): number {
    const writer = this.#openWriter();
    for (let start = 0; start < message.length; start += limit) {
      const opcode = start === 0 ? OpCode.Text : OpCode.Continue;
      const isFinal = start + limit >= message.length;
      writer.ascii(opcode, isFinal, message.slice(start, start + limit), this.#nextKey());
    }
    this.#flushSoon();
    return message.length;
  }

  #sendSplit(opcode: OpCode, payload: Uint8Array, limit: number): void {
    const writer = this.#openWriter();
    let start = 0;
    do {
      const end = frameEnd(payload, start, limit, opcode === OpCode.Text);
      const frameCode = start === 0 ? opcode : OpCode.Continue;
      writer.binary(frameCode, end === payload.length, payload, this.#nextKey(), start, end);
      start = end;
    } while (start < payload.length);
    this.#flushSoon();
  }

  #sendControl(opcode: OpCode, payload: Uint8Array): void {
    this.#openWriter().binary(opcode, true, payload, this.#nextKey());
    this.#flushSoon();
  }

  /** Answers a Ping. */
  #answer(payload: Buffer): void {
    // Nothing follows our own Close frame (RFC 6455 §5.5.1).
    if (this.#state !== ClosingState.Open) return;
    if (this.#wire.backlog() >= PONGS_UP_TO) {
      this.#owedPong = Buffer.from(payload);
      return;
    }
    this.#sendControl(OpCode.Pong, payload);
    this.#openMeter().pong(true, payload.length);
  }

  #nextKey(): number {
    return this.#isClient ? this.#settings.maskGenerator.nextMask() : 0;
  }

  #flushSoon(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    this.#wire.flushSoon();
  }

  #openMeter(): Meter {
    return (this.#meter ??= this.#wire.meter());
  }

  #openWriter(): FrameWriter {
    return (this.#writer ??= new FrameWriter(this.#wire, this.#slab, this.#isClient));
  }

  #openReader(): MessageReader {
    const takesCompressed = this.#compression !== undefined;
    if (this.#reader !== undefined) return this.#reader;
    this.#reader = new MessageReader(this, !this.#isClient, this.#settings, takesCompressed);
    if (this.#mustWait()) this.#reader.pause();
    return this.#reader;
  }

  #settleReader(): void {
    if (this.isAwaiting()) this.#watchSilence();
    else if (!this.#mustWait()) this.#reader = undefined;
  }

  #watchSilence(): void {
    const timeout = this.#settings.incompleteMessageTimeout;
    if (timeout < 0) return;
    this.#stall ??= new StallTimer(this);
    this.#stall.touch(timeout);
  }

  /** From now on nothing that comes counts; the end of the stream is awaited. */
  #beginEnding(): void {
    this.#state = ClosingState.Ending;
    this.#stopReading();
  }

  /** Ends our side behind what is still to be sent. */
  #end(): void {
    this.flush();
    this.#endWire();
    this.#watchClosing();
  }

  /** Gives the stream up when neither we nor the peer get anywhere. */
  #watchClosing(): void {
    if (this.isGone) return;
    this.#closing ??= new ClosingTimer(this);
    this.#closing.start(this.#settings.closeTimeout);
  }

  #stopReading(): void {
    this.#reader?.stop();
    this.#reader = undefined;
    this.#stall?.clear();
    this.#owedPong = undefined;
  }

  #stop(): void {
    this.#state = ClosingState.Gone;
    this.#stopReading();
    this.#writer?.clear();
    this.#compression?.stop();
    this.#closing?.stop();
  }
}
