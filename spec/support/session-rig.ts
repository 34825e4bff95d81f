import { Slab } from '../../lib/codec/slab.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { Session } from '../../lib/session/session.ts';
import type {
  MessageCoder,
  SessionEvents,
  SessionSettings,
  Wire,
  WireFailure,
} from '../../lib/session/wire.ts';
import { RecordingMeter } from './recording-meter.ts';
import { wordsOf } from './words-of.ts';
import { frame, readFrames, type FrameOptions, type WireFrame } from './frames.ts';

/** A byte stream in memory, whose other end is the spec. */
export class TestWire implements Wire {
  /** What was written: copies, and the pieces themselves, whose memory may be used again. */
  readonly pieces: Buffer[] = [];
  readonly given: Buffer[] = [];
  /** What was asked for beside writing, in order. */
  readonly asked: ('end' | 'destroy' | 'start' | 'pause' | 'resume')[] = [];
  readonly takesAtOnce = false;
  /** What the session has counted. */
  readonly counted = new RecordingMeter();
  /** How often a flush was asked for. */
  flushes = 0;
  /** Whether the system takes nothing. */
  isStuck = false;
  #backlog = 0;
  #sent = 0;
  // What was handed over, and as it was then: until it is taken it must not change.
  #lent: [piece: Buffer, copy: Buffer][] = [];

  /** Everything that was written. */
  get bytes(): Buffer {
    this.#check();
    return Buffer.concat(this.pieces);
  }

  get frames(): WireFrame[] {
    return readFrames(this.bytes);
  }

  write(piece: Buffer): boolean {
    const copy = Buffer.from(piece);
    this.pieces.push(copy);
    this.given.push(piece);
    this.#lent.push([piece, copy]);
    if (this.isStuck) this.#backlog += piece.length;
    else this.#sent += piece.length;
    return false;
  }

  writeAll(pieces: readonly Buffer[]): boolean {
    for (const piece of pieces) this.write(piece);
    return false;
  }

  /** The system takes `count` bytes of the backlog. */
  take(count: number = this.#backlog): void {
    this.#check();
    this.#backlog -= count;
    this.#sent += count;
    // The next thing is that this is told, and then the memory may be used again.
    if (this.#backlog === 0) this.#lent = [];
  }

  /** Forgets what was written: it is with the system. */
  forget(): void {
    this.#check();
    this.pieces.length = 0;
    this.given.length = 0;
    this.#lent = [];
  }

  flushSoon(): void {
    this.flushes++;
  }

  end(): void {
    this.asked.push('end');
  }

  destroy(): void {
    this.asked.push('destroy');
  }

  start(): void {
    this.asked.push('start');
  }

  pause(): void {
    this.asked.push('pause');
  }

  resume(): void {
    this.asked.push('resume');
  }

  backlog(): number {
    return this.#backlog;
  }

  sent(): number {
    return this.#sent;
  }

  failure(): WireFailure {
    return {
      error: SocketError.NetworkError,
      description: 'Cut.',
      cause: { layer: 'TCP', detail: 'the peer' },
    };
  }

  meter(): RecordingMeter {
    return this.counted;
  }

  #check(): void {
    for (const [piece, copy] of this.#lent) {
      if (!piece.equals(copy)) throw new Error('What was handed over has changed.');
    }
  }
}

/** The name of an event and its arguments; bytes as hexadecimal digits. */
export type Told = readonly [name: keyof SessionEvents, ...args: (string | number | boolean)[]];

/** Remembers what a session tells. */
export class RecordingEvents implements SessionEvents {
  readonly told: Told[] = [];
  /** Why the connection has not ended in order. */
  readonly explanations: string[] = [];
  /** Called within each event. */
  during: (name: keyof SessionEvents) => void = () => {};

  textFrame(text: string, isLast: boolean): void {
    this.#note('textFrame', text, isLast);
  }

  textMessage(message: string): void {
    this.#note('textMessage', message);
  }

  binaryFrame(data: Uint8Array, isLast: boolean): void {
    this.#note('binaryFrame', Buffer.from(data).toString('hex'), isLast);
  }

  binaryMessage(message: Uint8Array): void {
    this.#note('binaryMessage', Buffer.from(message).toString('hex'));
  }

  pong(payload: Uint8Array): void {
    this.#note('pong', Buffer.from(payload).toString('hex'));
  }

  closing(code: number, reason: string): void {
    this.#note('closing', code, reason);
  }

  explained(description: string): void {
    this.explanations.push(description);
  }

  lost(error: SocketError, description: string): void {
    this.#note('lost', error, wordsOf(description));
  }

  closed(): void {
    this.#note('closed');
  }

  #note(...told: Told): void {
    this.told.push(told);
    this.during(told[0]);
  }
}

/** The key of every frame that a {@link SessionRig}'s client or its peer sends. */
export const RIG_KEY = 0x37fa213d;

/** A session between a wire and a listener that both belong to the spec. */
export class SessionRig {
  readonly isClient: boolean;
  readonly wire: TestWire = new TestWire();
  readonly events: RecordingEvents = new RecordingEvents();
  readonly settings: { -readonly [Name in keyof SessionSettings]: SessionSettings[Name] } = {
    maxIncomingFrameSize: 1_000_000,
    maxIncomingMessageSize: 1_000_000,
    outgoingFrameSize: 0,
    closeTimeout: 5000,
    incompleteMessageTimeout: 30_000,
    backlogLimit: -1,
    backlogPolicy: BacklogPolicy.RefuseMessages,
    maskGenerator: { nextMask: () => RIG_KEY },
  };
  readonly session: Session;

  constructor(isClient: boolean, coder?: MessageCoder, slab: Slab = new Slab()) {
    this.isClient = isClient;
    this.session = new Session(isClient, this.wire, slab, this.settings, this.events, coder);
  }

  get told(): Told[] {
    return this.events.told;
  }

  /** The opcodes and payloads of the frames that were sent. */
  get sent(): [opcode: number, payload: string][] {
    return this.wire.frames.map(({ opcode, payload }) => [opcode, payload.toString('latin1')]);
  }

  /** A frame as the peer of this session sends it. */
  frame(opcode: number, payload?: string | Uint8Array, options?: FrameOptions): Buffer {
    return frame(opcode, payload, { ...options, key: this.isClient ? undefined : RIG_KEY });
  }

  /** The peer sends a frame. */
  receive(opcode: number, payload?: string | Uint8Array, options?: FrameOptions): this {
    this.session.receive(this.frame(opcode, payload, options));
    return this;
  }

  /** The turn of the event loop is over. */
  turn(): this {
    this.session.flush();
    return this;
  }
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code), Buffer.from(reason)]);
}
