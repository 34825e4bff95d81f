// Reading and writing of frames without any I/O: our codec against ws's Receiver and Sender.
//
// The rivals take turns in one process; each sample is some MiB of frames, which were made before.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Receiver, Sender } from 'ws';
import { FrameReader } from '../dist/esm/codec/frame-reader.js';
import { FrameWriter } from '../dist/esm/codec/frame-writer.js';
import { MaskMemory } from '../dist/esm/codec/mask-memory.js';
import { MessageAssembler } from '../dist/esm/codec/message-assembler.js';
import { Slab } from '../dist/esm/codec/slab.js';
import { batchOf, BINARY, payloadsOf, TEXT } from './support/frames.mjs';
import { rotated, spread } from './support/statistics.mjs';

const KiB = 1024;
const MiB = 1024 * KiB;

// What a socket reads at once.
const CHUNK = 64 * KiB;

// Bytes of frames in a sample of time, and in one of memory: the collector must not run meanwhile.
const SAMPLE = 2 * MiB;
const SMALL_SAMPLE = SAMPLE / 8;

// How many payloads there are of each kind.
const VARIETY = 64;

// What a turn of the event loop sends at once.
const TURN = 64;

// The first ones only warm up.
const SAMPLES_PER_ROUND = 10;
const WARM_UP = 40;

const SIZES = [32, 125, KiB, 16 * KiB, 64 * KiB, MiB];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

export const workloads = [
  ...SIZES.flatMap((size) => [
    reading({ kind: 'ascii', size, isMasked: true }),
    reading({ kind: 'mixed', size, isMasked: true }),
    reading({ kind: 'binary', size, isMasked: true }),
    reading({ kind: 'ascii', size, isMasked: false }),
    reading({ kind: 'mixed', size, isMasked: false }),
    reading({ kind: 'binary', size, isMasked: false }),
  ]),
  reading({ kind: 'ascii', size: 125, isMasked: true, isLent: false }),
  reading({ kind: 'binary', size: 16 * KiB, isMasked: true, isLent: false }),
  reading({ kind: 'ascii', size: 125, isMasked: true, chunk: 7 }),
  reading({ kind: 'binary', size: KiB, isMasked: true, chunk: 7 }),
  ...SIZES.flatMap((size) => [
    writing({ kind: 'ascii', size, masks: false }),
    writing({ kind: 'mixed', size, masks: false }),
    writing({ kind: 'binary', size, masks: false }),
    writing({ kind: 'ascii', size, masks: true }),
    writing({ kind: 'mixed', size, masks: true }),
    writing({ kind: 'binary', size, masks: true }),
  ]),
];

/** @param {(typeof workloads)[number]} workload */
export async function compare({ name, create }, { rounds, isQuick, say }) {
  say(name);
  const { rivals, frames } = create(SAMPLE);
  const small = create(SMALL_SAMPLE);
  const names = Object.keys(rivals);
  const times = Object.fromEntries(names.map((rival) => [rival, []]));
  const memory = Object.fromEntries(names.map((rival) => [rival, []]));

  for (let i = 0; i < (isQuick ? WARM_UP / 4 : WARM_UP); i++) {
    for (const rival of names) await timed(rivals[rival]);
  }
  for (let i = 0; i < rounds * (isQuick ? SAMPLES_PER_ROUND / 2 : SAMPLES_PER_ROUND); i++) {
    for (const rival of rotated(names, i)) times[rival].push((await timed(rivals[rival])) / frames);
  }
  for (let i = 0; i < 5; i++) {
    for (const rival of names)
      memory[rival].push((await allocated(small.rivals[rival])) / small.frames);
  }

  return {
    name,
    unit: 'ns/frame',
    results: names.map((rival) => ({
      rival,
      cost: spread(times[rival]),
      ratio: spread(times[rival].map((time, i) => times.ws[i] / time)),
      more: { 'B/frame': spread(memory[rival]) },
    })),
  };
}

/** In nanoseconds, without what goes before each part of the work. */
export async function timed({ parts, prepare, run, check }) {
  await nextTurn();
  let time = 0;
  for (let part = 0; part < parts; part++) {
    prepare?.(part);
    const start = performance.now();
    run(part);
    time += performance.now() - start;
  }
  check();
  return 1e6 * time;
}

/** The bytes that one run takes. */
async function allocated({ parts, prepare, run, check }) {
  await nextTurn();
  collect();
  const before = inUse();
  for (let part = 0; part < parts; part++) {
    prepare?.(part);
    run(part);
  }
  check();
  return inUse() - before;
}

function inUse() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Lets a Writable get rid of what it has put off. */
function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Frames from bytes to messages; text becomes a string.
 *
 * Sockets lend the library what they read, in memory that is always the same. TLS and other streams give
 * chunks away, as all do to ws; what comes by a few bytes is measured so.
 */
function reading({ kind, size, isMasked, chunk = CHUNK, isLent = chunk === CHUNK }) {
  const mask = isMasked ? 'masked' : 'unmasked';
  const how = chunk < CHUNK ? `, by ${chunk} bytes` : isLent ? '' : ', from a stream';
  return {
    name: `codec read ${nameOf(kind, size)}, ${mask}${how}`,
    create: (bytes) => {
      const isText = kind !== 'binary';
      const frames = framesOf(chunk < CHUNK ? bytes / 8 : bytes, size);
      const payloads = payloadsOf(kind, size, Math.min(frames, VARIETY));
      const all = Array.from({ length: frames }, (_, i) => payloads[i % payloads.length]);
      const stream = batchOf(isText ? TEXT : BINARY, all, isMasked);
      return {
        frames,
        rivals: {
          qwebsockets: ourReader(stream, chunk, isMasked, isLent, frames),
          ws: theirReader(stream, chunk, isMasked, frames),
        },
      };
    },
  };
}

function ourReader(stream, chunk, isMasked, isLent, frames) {
  let messages = 0;
  const sink = {
    textFrame() {},
    textMessage() {
      messages++;
    },
    binaryFrame() {},
    binaryMessage() {
      messages++;
    },
    ping() {},
    pong() {},
    closeFrame: fail,
    violation: fail,
  };
  const limits = { maxIncomingFrameSize: 2 * MiB, maxIncomingMessageSize: 2 * MiB };
  const reader = new FrameReader(new MessageAssembler(sink, limits), isMasked, limits);
  const check = checkOf(frames, () => messages);
  if (isLent) return lender(stream, (memory, length) => reader.pushLent(memory, length), check);
  return giver(stream, chunk, (bytes) => reader.push(bytes), check);
}

function theirReader(stream, chunk, isMasked, frames) {
  let messages = 0;
  const receiver = new Receiver({ isServer: isMasked, maxPayload: 2 * MiB });
  receiver.on('message', (data, isBinary) => {
    if (!isBinary) data.toString();
    messages++;
  });
  receiver.on('error', fail);
  const check = checkOf(frames, () => messages);
  return giver(stream, chunk, (bytes) => receiver.write(bytes), check);
}

/** Puts `stream` into the same memory, a read after the other. */
function lender(stream, push, check) {
  const memory = new MaskMemory(CHUNK);
  let length = 0;
  return {
    parts: Math.ceil(stream.length / CHUNK),
    prepare(part) {
      length = stream.copy(memory.bytes, 0, part * CHUNK);
    },
    run() {
      push(memory, length);
    },
    check,
  };
}

/** Cuts `stream` into chunks, which are filled anew for each run as they are unmasked in place. */
function giver(stream, size, push, check) {
  const parts = Array.from({ length: Math.ceil(stream.length / CHUNK) }, (_, part) => {
    const start = part * CHUNK;
    const end = Math.min(start + CHUNK, stream.length);
    return Array.from({ length: Math.ceil((end - start) / size) }, (__, i) => {
      const at = start + i * size;
      return { at, bytes: Buffer.allocUnsafeSlow(Math.min(size, end - at)) };
    });
  });
  return {
    parts: parts.length,
    prepare(part) {
      for (const { at, bytes } of parts[part]) stream.copy(bytes, 0, at);
    },
    run(part) {
      for (const { bytes } of parts[part]) push(bytes);
    },
    check,
  };
}

/** Messages to bytes; strings are encoded, whoever would do that in the end. */
function writing({ kind, size, masks }) {
  return {
    name: `codec write ${nameOf(kind, size)}, ${masks ? 'masked' : 'unmasked'}`,
    create: (bytes) => {
      const isText = kind !== 'binary';
      const frames = framesOf(bytes, size);
      const payloads = payloadsOf(kind, size, Math.min(frames, VARIETY));
      const contents = isText ? payloads.map(String) : payloads;
      return {
        frames,
        rivals: {
          qwebsockets: ourWriter(contents, masks, frames),
          ws: theirWriter(contents, masks, frames),
        },
      };
    },
  };
}

function ourWriter(contents, masks, frames) {
  let bytes = 0;
  // As a socket does it nearly always: the system takes all at once.
  const output = {
    takesAtOnce: true,
    write(piece) {
      bytes += piece.length;
      return true;
    },
    writeAll(pieces) {
      for (const piece of pieces) this.write(piece);
      return true;
    },
  };
  const writer = new FrameWriter(output, new Slab(), masks);
  const write =
    typeof contents[0] === 'string'
      ? (content, key) => writer.text(TEXT, true, content, key)
      : (content, key) => writer.binary(BINARY, true, content, key);
  const turn = turnOf(contents[0]);
  return {
    parts: 1,
    run() {
      for (let i = 1; i <= frames; i++) {
        write(contents[i % contents.length], Math.imul(i, 0x9e3779b1));
        if (i % turn === 0) writer.flush();
      }
      writer.flush();
    },
    check() {
      if (!(bytes > 0)) fail();
    },
  };
}

function theirWriter(contents, masks, frames) {
  let bytes = 0;
  const socket = {
    cork() {},
    uncork() {},
    // A socket of Node encodes the strings that ws gives it.
    write(data) {
      bytes += typeof data === 'string' ? Buffer.from(data).length : data.length;
    },
  };
  const sender = new Sender(socket, {});
  const options = {
    binary: typeof contents[0] !== 'string',
    compress: false,
    fin: true,
    mask: masks,
  };
  return {
    parts: 1,
    run() {
      for (let i = 1; i <= frames; i++) sender.send(contents[i % contents.length], options);
    },
    check() {
      if (bytes === 0) fail();
    },
  };
}

function turnOf(content) {
  return Math.max(1, Math.min(TURN, Math.floor((256 * KiB) / content.length)));
}

/** Checks after each run that all messages have come; otherwise a fast codec may be an idle one. */
function checkOf(frames, count) {
  let expected = 0;
  return () => {
    expected += frames;
    if (count() !== expected) throw new Error(`${count()} of ${expected} messages have come.`);
  };
}

function fail(...details) {
  throw new Error(`The codec has failed: ${details.join(' ')}`);
}

function framesOf(bytes, size) {
  return Math.max(2, Math.floor(bytes / size));
}

function nameOf(kind, size) {
  const amount =
    size >= MiB ? `${size / MiB} MiB` : size >= KiB ? `${size / KiB} KiB` : `${size} B`;
  return `${amount} ${kind === 'ascii' ? 'text' : kind === 'mixed' ? 'mixed text' : 'binary'}`;
}
