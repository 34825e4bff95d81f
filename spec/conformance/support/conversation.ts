/** What is agreed on about compression (RFC 7692 §7.1), as values of Sec-WebSocket-Extensions. */
export interface Terms {
  /** What the peer offers as a client. */
  readonly offer: string;
  /** What our server has to answer to that; '' when it declines. */
  readonly agreed: string;
  /** What the peer answers as a server. */
  readonly answer: string;
}

/** A frame as a case tells the peer to send it; the peer masks it when it plays a client. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly isFinal: boolean;
  /** The bits RSV1 to RSV3 as they stand in the first byte. */
  readonly reserved: number;
  /** The number of bytes that the length takes beside the first one, when those are not the fewest. */
  readonly lengthSize?: 0 | 2 | 8;
  /** Whether the mask is there when it must not, and is not there when it must. */
  readonly isMaskWrong?: boolean;
}

/** What the peer does next. */
export type Step =
  /** Sends frames in one write, in one write each, or in writes of so many bytes. */
  | {
      readonly kind: 'send';
      readonly frames: readonly Frame[];
      readonly pieces: 'one' | 'frames' | number;
    }
  /** Sends a message, compressed, in fragments of at most so many bytes. */
  | {
      readonly kind: 'compressed';
      readonly opcode: 1 | 2;
      readonly message: Buffer;
      readonly fragmentSize: number;
    }
  /** Sends the bytes of a frame that hold the payload from `from` to `to`; the header goes first. */
  | { readonly kind: 'part'; readonly frame: Frame; readonly from: number; readonly to: number }
  /** Announces a frame of so many bytes and sends none of them. */
  | { readonly kind: 'announce'; readonly opcode: number; readonly length: number | bigint }
  /** Notes whether the endpoint, having read everything, has kept the connection. */
  | { readonly kind: 'pause' }
  /** Waits until the endpoint has sent so many things in all. */
  | { readonly kind: 'hear'; readonly count: number };

/** What the peer hears; a pause counts as something that was heard: that nothing has failed. */
export interface Heard {
  readonly kind: 'text' | 'binary' | 'ping' | 'pong' | 'pause';
  readonly payload: Buffer;
}

/** One test of an endpoint that sends every message back. */
export interface Case {
  /** The number of the case in the list that these are written after; letters for those of our own. */
  readonly id: string;
  /** What a good endpoint does, in the present tense. */
  readonly title: string;
  readonly terms?: Terms;
  readonly steps: readonly Step[];
  /** What a strict endpoint says. */
  readonly strict: readonly Heard[];
  /** What an endpoint says that is right and no better. */
  readonly lenient?: readonly Heard[];
  /** The code of the endpoint's Close frame; 1005 for none. */
  readonly closeCode: number;
  /** Who sends the first Close frame: the peer as its last step, the peer within its steps, or the endpoint. */
  readonly closing: 'peer' | 'steps' | 'endpoint';
  /** Whether something of what the endpoint says has to come compressed. */
  readonly isAnswerCompressed?: boolean;
  /** Whether RFC 6455 leaves open what is right, so that the outcome is for information only. */
  readonly isInformational?: boolean;
}

/** The groups of cases by what they look at, as `1 Framing`. */
export type CaseGroups = Readonly<Record<string, readonly Case[]>>;

const TEXT = 1;
const BINARY = 2;
const NOTHING = Buffer.alloc(0);

export function frameOf(
  opcode: number,
  payload: string | Buffer = NOTHING,
  options: Partial<Omit<Frame, 'opcode' | 'payload'>> = {},
): Frame {
  return {
    opcode,
    payload: bytesOf(payload),
    isFinal: true,
    reserved: 0,
    ...options,
  };
}

export const textFrame = (payload?: string | Buffer): Frame => frameOf(TEXT, payload);
export const binaryFrame = (payload?: string | Buffer): Frame => frameOf(BINARY, payload);
export const ping = (payload?: string | Buffer): Frame => frameOf(9, payload);
export const pong = (payload?: string | Buffer): Frame => frameOf(10, payload);
export const start = (opcode: number, payload?: string | Buffer): Frame =>
  frameOf(opcode, payload, { isFinal: false });
export const middle = (payload?: string | Buffer): Frame => frameOf(0, payload, { isFinal: false });
export const end = (payload?: string | Buffer): Frame => frameOf(0, payload);

/** A Close frame; without a code its payload is empty. */
export function closeFrame(code?: number, reason: string | Buffer = NOTHING): Frame {
  if (code === undefined) return frameOf(8);
  return frameOf(
    8,
    Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason as Buffer)]),
  );
}

/** One message in fragments of at most `size` bytes. */
export function fragments(opcode: number, message: Buffer, size: number): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < message.length || at === 0; at += size) {
    frames.push(
      frameOf(at === 0 ? opcode : 0, message.subarray(at, at + size), {
        isFinal: at + size >= message.length,
      }),
    );
  }
  return frames;
}

export function send(
  frames: Frame | readonly Frame[],
  pieces: 'one' | 'frames' | number = 'one',
): Step {
  return { kind: 'send', frames: 'opcode' in frames ? [frames] : frames, pieces };
}

export const pause: Step = { kind: 'pause' };

export function heard(kind: Heard['kind'], payload: string | Buffer = NOTHING): Heard {
  return { kind, payload: bytesOf(payload) };
}

/** A conversation that the endpoint goes through, and the peer closes. */
export function answered(id: string, title: string, steps: Step[], strict: Heard[]): Case {
  return { id, title, steps, strict, closeCode: 1000, closing: 'peer' };
}

/** A conversation that the endpoint has to fail with `closeCode`. */
export function failed(
  id: string,
  title: string,
  steps: Step[],
  closeCode: number,
  strict: Heard[] = [],
  lenient?: Heard[],
): Case {
  const rest = lenient === undefined ? {} : { lenient };
  return { id, title, steps, strict, closeCode, closing: 'endpoint', ...rest };
}

/** Megabytes are not copied for each frame that they are in. */
function bytesOf(payload: string | Buffer): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
