import {
  answered,
  fragments,
  frameOf,
  heard,
  send,
  type Case,
  type CaseGroups,
  type Heard,
  type Step,
} from '../support/conversation.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const PIECES = [64, 128, 256, 512, KIB, 2 * KIB];
const SMALL_SIZES = [0, 16, 64, 256, KIB, 4 * KIB];
const ROUND_TRIPS = 1000;

interface Kind {
  readonly kind: 'text' | 'binary';
  readonly opcode: 1 | 2;
  readonly name: string;
}

const TEXT: Kind = { kind: 'text', opcode: 1, name: 'a text' };
const BINARY: Kind = { kind: 'binary', opcode: 2, name: 'a binary message' };

/** A message of `size` bytes; a text has characters of one to four bytes. */
function messageOf({ kind }: Kind, size: number): Buffer {
  if (kind === 'binary') return Buffer.alloc(size, Buffer.from('0001027f8081fefdff', 'hex'));
  const text = Buffer.alloc(size, 'BAsd7&jh23 äö€😀');
  // The last character may be cut.
  return text.fill('*', Math.max(0, size - 4)).fill('*', lastCharacter(text), size);
}

function lastCharacter(text: Buffer): number {
  let at = Math.max(0, text.length - 5);
  while (at > 0 && (text[at]! & 0xc0) === 0x80) at--;
  return at;
}

function whole(number: string, kind: Kind): Case[] {
  return SIZES.map((size, i) => {
    const message = messageOf(kind, size);
    return answered(
      `${number}.${i + 1}`,
      `echoes ${kind.name} of ${words(size)}`,
      [send(frameOf(kind.opcode, message))],
      [heard(kind.kind, message)],
    );
  });
}

function inFragments(number: string, kind: Kind): Case[] {
  const message = messageOf(kind, 4 * MIB);
  return FRAGMENTS.map((size, i) =>
    answered(
      `${number}.${i + 1}`,
      `echoes ${kind.name} of 4 MiB in fragments of ${words(size)}`,
      [send(fragments(kind.opcode, message, size))],
      [heard(kind.kind, message)],
    ),
  );
}

function inPieces(number: string, kind: Kind): Case[] {
  const message = messageOf(kind, MIB);
  return PIECES.map((size, i) =>
    answered(
      `${number}.${i + 1}`,
      `echoes ${kind.name} of 1 MiB that comes in pieces of ${words(size)}`,
      [send(frameOf(kind.opcode, message), size)],
      [heard(kind.kind, message)],
    ),
  );
}

function roundTrips(number: string, kind: Kind): Case[] {
  return SMALL_SIZES.map((size, i) => {
    const message = messageOf(kind, size);
    const steps: Step[] = [];
    const echoes: Heard[] = [];
    for (let count = 1; count <= ROUND_TRIPS; count++) {
      steps.push(send(frameOf(kind.opcode, message)), { kind: 'hear', count });
      echoes.push(heard(kind.kind, message));
    }
    return answered(
      `${number}.${i + 1}`,
      `echoes ${ROUND_TRIPS} times ${kind.name} of ${words(size)}, one after the other`,
      steps,
      echoes,
    );
  });
}

function words(size: number): string {
  if (size >= MIB) return `${size / MIB} MiB`;
  return size >= KIB ? `${size / KIB} KiB` : `${size} bytes`;
}

/** Made anew for each run: they are large. */
export function limits(): CaseGroups {
  return {
    '9.1 Texts of growing size': whole('9.1', TEXT),
    '9.2 Binary messages of growing size': whole('9.2', BINARY),
    '9.3 Texts in fragments': inFragments('9.3', TEXT),
    '9.4 Binary messages in fragments': inFragments('9.4', BINARY),
    '9.5 Texts in pieces': inPieces('9.5', TEXT),
    '9.6 Binary messages in pieces': inPieces('9.6', BINARY),
    '9.7 Round trips of texts': roundTrips('9.7', TEXT),
    '9.8 Round trips of binary messages': roundTrips('9.8', BINARY),
  };
}
