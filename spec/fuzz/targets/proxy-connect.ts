import { CLIENT_HEAD_LIMITS, type HttpHead } from '../../../lib/codec/http-head.ts';
import { HttpExchange, type ExchangeEvents } from '../../../lib/node/http-exchange.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { field, strayField } from '../engine/http-texts.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame } from '../engine/violated.ts';
import { FakeStream } from '../models/fake-stream.ts';
import { readAnswer, valuesOf } from '../models/head.ts';

const MAX_SKIPPED = 1024 * 1024;
const REQUEST = Buffer.from('CONNECT a:1 HTTP/1.1\r\n\r\n');

const seeds = seedsOf('proxy-connect');

/** The answers to CONNECT, with the bodies that stand between them: HttpExchange. */
export const proxyConnect: FuzzTarget = {
  name: 'proxy-connect',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyAnswers(random);
    return mutate(base, random, () => anyAnswers(random));
  },
  check(input, random) {
    const pieces = inPieces(input, random);
    const tunnel = new Tunnel();
    for (const piece of pieces) if (!tunnel.stream.deliver(piece)) break;
    expectSame(tunnel.told, expectedOf(input, pieces), 'What is told');
    const isWaiting = tunnel.stream.listenerCount('data') === 1;
    expectSame(
      isWaiting,
      !/^(?:open|garbled|refused|dropped)/.test(tunnel.told.at(-1) ?? ''),
      'Waiting',
    );
  },
  hard: {
    'many answers': (size) => filled(size, 'HTTP/1.1 407 a\r\nContent-Length: 0\r\n\r\n'),
    'a long body': (size) => filled(size, 'a', `HTTP/1.1 407 a\r\nContent-Length: ${size}\r\n\r\n`),
    'a list of lengths': (size) =>
      filled(size, '5,', 'HTTP/1.1 407 a\r\nContent-Length: ', '\r\n\r\n'),
    'connection options': (size) =>
      filled(size, 'a,', 'HTTP/1.1 407 a\r\nConnection: ', '\r\n\r\n'),
  },
};

/** Asks anew on the same connection as long as the answer is 407. */
class Tunnel implements ExchangeEvents {
  readonly stream = new FakeStream();
  readonly told: string[] = [];
  #exchange!: HttpExchange;

  constructor() {
    this.skipped(true);
  }

  answered(head: HttpHead, early: Buffer): void {
    if (/^HTTP\/\d\.\d 407(?: |$)/.test(head.startLine)) {
      this.told.push('407');
      this.#exchange.skipBody();
    } else {
      const isOpen = /^HTTP\/\d\.\d 2\d\d(?: |$)/.test(head.startLine);
      this.told.push(isOpen ? `open ${early.toString('hex')}` : 'refused');
    }
  }

  garbled(): void {
    this.told.push('garbled');
  }

  broken(): void {
    this.told.push('broken');
  }

  skipped(isReusable: boolean): void {
    if (!isReusable) {
      this.told.push('dropped');
      return;
    }
    this.#exchange = new HttpExchange(this.stream.duplex, this);
    this.#exchange.start(REQUEST);
  }

  bytesWritten(): void {}
}

/** The same from the whole input, and from where it was cut. */
function expectedOf(input: Buffer, pieces: readonly Buffer[]): string[] {
  // Where the chunk ends that brings the byte before a place: what is behind that has come as well.
  let cut = 0;
  let next = 0;
  const cutFrom = (place: number): number => {
    while (cut < place && next < pieces.length) cut += pieces[next++]!.length;
    return cut < place ? Infinity : cut;
  };
  const text = input.toString('latin1');

  const told: string[] = [];
  for (let at = 0; ;) {
    const head = readAnswer(text.slice(at), CLIENT_HEAD_LIMITS);
    if (head.kind === 'unfinished') return told;
    if (head.kind !== 'whole') return [...told, 'garbled'];
    const { startLine, fields } = head;
    at += head.size;
    if (!/^HTTP\/\d\.\d 407(?: |$)/.test(startLine)) {
      const isOpen = /^HTTP\/\d\.\d 2\d\d(?: |$)/.test(startLine);
      const early = input.toString('hex', at, cutFrom(at));
      return [...told, isOpen ? `open ${early}` : 'refused'];
    }
    told.push('407');
    const length = lengthOf(startLine, fields);
    if (length === undefined || length > MAX_SKIPPED) return [...told, 'dropped'];
    // What is behind the body is nobody's when it comes together with the end of that.
    const end = cutFrom(at + length);
    if (end === Infinity) return told;
    if (end !== at + length) return [...told, 'dropped'];
    at = end;
  }
}

/** The length of a body that something may follow (RFC 9112 §6.3); undefined when nothing may. */
function lengthOf(startLine: string, fields: readonly string[]): number | undefined {
  const options = [...valuesOf(fields, 'connection'), ...valuesOf(fields, 'proxy-connection')];
  const isLast =
    !startLine.startsWith('HTTP/1.1 ') ||
    options.some((value) => /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(withoutQuotes(value))) ||
    valuesOf(fields, 'transfer-encoding').length > 0;
  const lengths = valuesOf(fields, 'content-length')
    .flatMap((value) => withoutQuotes(value).split(','))
    .map((text) => text.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    .filter((text) => text !== '');
  const isOne = new Set(lengths).size === 1 && /^\d{1,15}$/.test(lengths[0]!);
  return isLast || !isOne ? undefined : Number(lengths[0]);
}

function withoutQuotes(text: string): string {
  return text.replaceAll(/"(?:\\[^]|[^"\\])*(?:\\?$|")/g, '"');
}

function anyAnswers(random: Random): Buffer {
  let text = '';
  do {
    const status = random.pick([407, 407, 407, 407, 200, 403, 103]);
    const body = 'x'.repeat(random.pick([0, 0, 1, 10]));
    const fields = [field('Content-Length', anyLength(body.length, random), random)];
    while (random.oneIn(4)) fields.push(strayField(random));
    text += `HTTP/1.1 ${status} Reason\r\n${fields.join('')}\r\n${body}`;
  } while (random.oneIn(2));
  return Buffer.from(text, 'latin1');
}

function anyLength(length: number, random: Random): string {
  if (!random.oneIn(8)) return String(length);
  return random.pick([
    `${length}, ${length}`,
    `${length},1`,
    `+${length}`,
    `0${length}`,
    '1048577',
    '-1',
  ]);
}
