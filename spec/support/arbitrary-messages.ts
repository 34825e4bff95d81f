import fc from 'fast-check';
import { frame } from './frames.ts';
import type { Heard } from './recording-sink.ts';

/** A frame to be sent: what it holds and what the peer is to hear of it. */
interface Part {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

interface Sent {
  readonly parts: readonly Part[];
  /** What a receiver hears; text frames are left out, for their cuts are no one's business. */
  readonly heard: readonly Heard[];
}

/** Frames on the wire, and what a receiver makes of them. */
export interface Stream {
  readonly bytes: Buffer;
  readonly heard: readonly Heard[];
}

const sizes = fc.array(fc.nat({ max: 40 }), { maxLength: 5 });
const control = fc
  .tuple(fc.constantFrom(9, 10), fc.uint8Array({ maxLength: 125 }))
  .map(([opcode, bytes]): Sent => {
    const payload = Buffer.from(bytes);
    const name = opcode === 9 ? 'ping' : 'pong';
    return {
      parts: [{ opcode, isFinal: true, payload }],
      heard: [[name, payload.toString('hex')]],
    };
  });

// Long enough for each form of the length, and for either way of decoding.
const times = fc.constantFrom(1, 1, 1, 30, 3000);
const text = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 30 }), times)
  .map(([unit, count]) => unit.repeat(count));
const bytes = fc
  .tuple(fc.uint8Array({ maxLength: 30 }), times)
  .map(([unit, count]) => Buffer.concat(Array.from({ length: count }, () => unit)));

const textMessage = fc
  .tuple(text, sizes, fc.array(control, { maxLength: 2 }))
  .map(([message, at, between]): Sent =>
    spread(1, Buffer.from(message), at, between, () => [], [['textMessage', message]]),
  );
const binaryMessage = fc
  .tuple(bytes, sizes, fc.array(control, { maxLength: 2 }))
  .map(([message, at, between]): Sent => {
    const digits = message.toString('hex');
    return spread(
      2,
      message,
      at,
      between,
      (part) => [['binaryFrame', part.payload.toString('hex'), part.isFinal]],
      [['binaryMessage', digits]],
    );
  });

/**
 * Any messages, in frames of any sizes, with control frames before, in and behind them.
 *
 * @param isMasked whether a client sends them.
 */
export function anyStream(isMasked: boolean): fc.Arbitrary<Stream> {
  const messages = fc.array(fc.oneof(textMessage, binaryMessage, control), { maxLength: 6 });
  return fc.tuple(messages, fc.integer()).map(([sent, key]) => {
    const parts = sent.flatMap((one) => one.parts);
    return {
      bytes: Buffer.concat(
        parts.map(({ opcode, isFinal, payload }, i) =>
          frame(opcode, payload, { isFinal, key: isMasked ? key ^ (i * 0x01010101) : undefined }),
        ),
      ),
      heard: sent.flatMap((one) => one.heard),
    };
  });
}

/** One message in several frames, with control frames behind the first of them. */
function spread(
  opcode: number,
  payload: Buffer,
  lengths: readonly number[],
  between: readonly Sent[],
  hearFrame: (part: Part) => readonly Heard[],
  hearMessage: readonly Heard[],
): Sent {
  const parts: Part[] = [];
  const heard: Heard[] = [];
  let at = 0;
  for (const length of [...lengths, Infinity]) {
    const isFinal = length === Infinity;
    const part: Part = {
      opcode: parts.length === 0 ? opcode : 0,
      isFinal,
      payload: payload.subarray(at, at + length),
    };
    at += part.payload.length;
    const isFirst = parts.length === 0;
    parts.push(part);
    heard.push(...hearFrame(part));
    if (!isFirst || isFinal) continue;
    parts.push(...between.flatMap((one) => one.parts));
    heard.push(...between.flatMap((one) => one.heard));
  }
  return { parts, heard: [...heard, ...hearMessage] };
}
