// Reading and writing of frames without any I/O: our codec against ws's Receiver and Sender.
//
// The rivals take turns in one process; each sample is some MiB of frames, which were made before.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Receiver, Sender } from 'ws';
import { FrameReader } from '../dist/esm/codec/frame-reader.js';
import { FrameWriter } from '../dist/esm/codec/frame-writer.js';
import { MessageAssembler } from '../dist/esm/codec/message-assembler.js';
import { Slab } from '../dist/esm/codec/slab.js';
import { batchOf, BINARY, payloadsOf, TEXT } from './support/frames.mjs';
import { rotated, spread } from './support/statistics.mjs';

const KiB = 1024;
const MiB = 1024 * KiB;

// What a socket of Node reads at once.
const CHUNK = 64 * KiB;

// Bytes of frames in a sample of time, and in one of memory: the collector must not run meanwhile.
const SAMPLE = 2 * MiB;
const SMALL_SAMPLE = SAMPLE / 32;

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

async function timed(rival) {
  await nextTurn();
  rival.prepare();
  const start = performance.now();
  rival.run();
  return 1e6 * (performance.now() - start);
}

/** The bytes that one run takes. */
async function allocated(rival) {
  await nextTurn();
  rival.prepare();
  collect();
  const before = inUse();
  rival.run();
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

/** Frames from bytes to messages; text becomes a string. */
function reading({ kind, size, isMasked, chunk = CHUNK }) {
  const how = `${isMasked ? 'masked' : 'unmasked'}${chunk < 64 ? `, by ${chunk} bytes` : ''}`;
  return {
    name: `codec read ${nameOf(kind, size)}, ${how}`,
    create: (bytes) => {
      const isText = kind !== 'binary';
      const frames = framesOf(chunk < 64 ? bytes / 8 : bytes, size);
      const payloads = payloadsOf(kind, size, Math.min(frames, VARIETY));
      const all = Array.from({ length: frames }, (_, i) => payloads[i % payloads.length]);
      const stream = batchOf(isText ? TEXT : BINARY, all, isMasked);
      return {
        frames,
        rivals: {
          qwebsockets: ourReader(stream, chunk, isMasked, frames),
          ws: theirReader(stream, chunk, isMasked, frames),
        },
      };
    },
  };
}

function ourReader(stream, chunk, isMasked, frames) {
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
  return readerOf(
    stream,
    chunk,
    (bytes) => reader.push(bytes),
    checkOf(frames, () => messages),
  );
}

function theirReader(stream, chunk, isMasked, frames) {
  let messages = 0;
  const receiver = new Receiver({ isServer: isMasked, maxPayload: 2 * MiB });
  receiver.on('message', (data, isBinary) => {
    if (!isBinary) data.toString();
    messages++;
  });
  receiver.on('error', fail);
  return readerOf(
    stream,
    chunk,
    (bytes) => receiver.write(bytes),
    checkOf(frames, () => messages),
  );
}

/** Both unmask in place, so each run has to have its bytes afresh. */
function readerOf(stream, chunk, push, check) {
  const chunks = [];
  for (let at = 0; at < stream.length; at += chunk) {
    chunks.push(Buffer.allocUnsafeSlow(Math.min(chunk, stream.length - at)));
  }
  return {
    prepare() {
      for (const [i, bytes] of chunks.entries()) stream.copy(bytes, 0, i * chunk);
    },
    run() {
      for (const bytes of chunks) push(bytes);
      check();
    },
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
  const output = {
    write(pieces) {
      for (const piece of pieces) bytes += piece.length;
    },
  };
  const writer = new FrameWriter(output, new Slab(), masks);
  const write =
    typeof contents[0] === 'string'
      ? (content, key) => writer.text(TEXT, true, content, key)
      : (content, key) => writer.binary(BINARY, true, content, key);
  const turn = turnOf(contents[0]);
  return {
    prepare() {},
    run() {
      for (let i = 1; i <= frames; i++) {
        write(contents[i % contents.length], Math.imul(i, 0x9e3779b1));
        if (i % turn === 0) writer.flush();
      }
      writer.flush();
      if (bytes === 0) fail();
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
    prepare() {},
    run() {
      for (let i = 1; i <= frames; i++) sender.send(contents[i % contents.length], options);
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
