import { isIPv4, isIPv6 } from 'node:net';
import { ProxyHeaderReader, type ProxyHeaderResult } from '../../../lib/codec/proxy-header.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const PORT = '(0|[1-9][0-9]{0,4})';
const LINE = new RegExp(`^PROXY TCP([46]) ([^ ]+) ([^ ]+) ${PORT} ${PORT}$`);
const ADDRESSES = ['1.2.3.4', '255.255.255.255', '::', '2001:db8::1', '1:2:3:4:5:6:7:8', '1.2.3'];

const seeds = seedsOf('proxy-header');

/** The header of the PROXY protocol, against a reading of the whole input. */
export const proxyHeader: FuzzTarget = {
  name: 'proxy-header',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyHeader(random);
    return mutate(base, random, () => anyHeader(random));
  },
  check(input, random) {
    const reader = new ProxyHeaderReader();
    let result: ProxyHeaderResult | undefined;
    let given = 0;
    for (const piece of inPieces(input, random)) {
      result = reader.push(piece);
      given += piece.length;
      if (result !== undefined) break;
    }
    const expected = expectedOf(input);
    if (result === undefined) {
      expectSame(expected, 'unfinished', 'A header that is not at its end');
    } else if ('fault' in result) {
      expectSame(expected, 'wrong', `What is wrong (${result.fault})`);
    } else {
      expectThat(typeof expected !== 'string', 'A header that is read is good');
      const { ends, size } = expected as Good;
      expectSame(result.ends === undefined ? null : [...flat(result.ends)], ends, 'The ends');
      expectSame(result.rest.toString('hex'), input.toString('hex', size, given), 'What follows');
    }
  },
  hard: {
    'a long tail': (size) => filled(size, 'a', `${SIGNATURE}!\0\xff\xff`),
    'a line': (size) => filled(size, 'a', 'PROXY UNKNOWN '),
    'the first half of it': (size) => filled(size, '\r\n\r\n\0\r\nQUIT'),
  },
};

interface Good {
  readonly ends: (string | number)[] | null;
  readonly size: number;
}

function expectedOf(input: Buffer): Good | 'unfinished' | 'wrong' {
  const text = input.toString('latin1');
  if (text.startsWith(SIGNATURE.slice(0, input.length))) return expectedOfBinary(input);
  if (text.startsWith('PROXY '.slice(0, input.length))) return expectedOfLine(text);
  return 'wrong';
}

function expectedOfBinary(input: Buffer): Good | 'unfinished' | 'wrong' {
  if (input.length < 16) return 'unfinished';
  const [command, kind] = [input[12]!, input[13]!];
  const length = 256 * input[14]! + input[15]!;
  const size = 16 + length;
  if (command === 0x20) return input.length < size ? 'unfinished' : { ends: null, size };
  if (command !== 0x21 || kind >> 4 > 3 || (kind & 15) > 2) return 'wrong';
  const isIP = kind === 0x11 || kind === 0x12 || kind === 0x21 || kind === 0x22;
  const width = kind >> 4 === 1 ? 4 : 16;
  if (isIP && length < 2 * width + 4) return 'wrong';
  if (input.length < size) return 'unfinished';
  if (!isIP) return { ends: null, size };
  const [source, target, ports] = [16, 16 + width, 16 + 2 * width].map((at) => input.subarray(at));
  return {
    ends: [
      addressOf(source!.subarray(0, width)),
      ports!.readUInt16BE(0),
      addressOf(target!.subarray(0, width)),
      ports!.readUInt16BE(2),
    ],
    size,
  };
}

function expectedOfLine(text: string): Good | 'unfinished' | 'wrong' {
  const end = text.indexOf('\r\n');
  if (end < 0 || end > 105) return text.length < 107 ? 'unfinished' : 'wrong';
  const line = text.slice(0, end);
  if (/^PROXY UNKNOWN($| )/.test(line) && !/[\r\n]/.test(line))
    return { ends: null, size: end + 2 };
  const [, version, source, target, from, to] = LINE.exec(line) ?? [];
  const isAddress = version === '4' ? isIPv4 : isIPv6;
  const isGood =
    source !== undefined &&
    target !== undefined &&
    isAddress(source) &&
    isAddress(target) &&
    !/%/.test(line) &&
    Number(from) <= 65_535 &&
    Number(to) <= 65_535;
  if (!isGood) return 'wrong';
  return {
    ends: [normal(source), Number(from), normal(target), Number(to)],
    size: end + 2,
  };
}

/** The text of an address, as the platform writes it; mapped ones as it was told to. */
function normal(text: string): string {
  if (!text.includes(':')) return text;
  const written = new URL(`ws://[${text}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(written);
  if (mapped === null) return written;
  const [high, low] = [mapped[1]!, mapped[2]!].map((group) => Number.parseInt(group, 16));
  return `::ffff:${high! >> 8}.${high! & 255}.${low! >> 8}.${low! & 255}`;
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return normal(bytes.toString('hex').match(/.{4}/g)!.join(':'));
}

function* flat(ends: {
  readonly peer: { address: string; port: number };
  readonly local: { address: string; port: number };
}): Generator<string | number> {
  yield* [ends.peer.address, ends.peer.port, ends.local.address, ends.local.port];
}

function anyHeader(random: Random): Buffer {
  if (random.oneIn(3)) return anyLine(random);
  const kind = random.pick([0x11, 0x21, 0x12, 0x22, 0x31, 0, 0x10, 0x41, 0x13]);
  const addresses = kind >> 4 === 1 ? 12 : kind >> 4 === 2 ? 36 : random.below(4);
  const tail = random.oneIn(2) ? 0 : random.below(80);
  const head = Buffer.alloc(16);
  head.write(SIGNATURE, 'latin1');
  head.set([random.pick([0x20, 0x21, 0x21, 0x21, 0x22, 0x11]), kind], 12);
  head.writeUInt16BE(addresses + tail, 14);
  const behind = random.bytes(random.below(4));
  return Buffer.concat([head, random.bytes(addresses + tail), behind]);
}

function anyLine(random: Random): Buffer {
  const words = random.oneIn(4)
    ? ['UNKNOWN', ...(random.oneIn(2) ? ['a'.repeat(random.below(120))] : [])]
    : [
        random.pick(['TCP4', 'TCP6']),
        random.pick(ADDRESSES),
        random.pick(ADDRESSES),
        random.pick(['0', '80', '65535', '65536', '08']),
        '443',
      ];
  return Buffer.from(`PROXY ${words.join(' ')}\r\n${random.oneIn(2) ? 'GET' : ''}`, 'latin1');
}
