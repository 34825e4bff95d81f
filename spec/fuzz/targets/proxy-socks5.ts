import { Socks5Handshake } from '../../../lib/codec/socks5.ts';
import { RecordingSocks5Sink } from '../../support/recording-socks5-sink.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame } from '../engine/violated.ts';

const TARGETS = [
  { host: 'a.example', sent: '0309612e6578616d706c65' },
  { host: '192.0.2.1', sent: '01c0000201' },
  { host: '2001:db8::1', sent: '0420010db8000000000000000000000001' },
].map(({ host, sent }) => ({ host, request: `050100${sent}1f90` }));

const seeds = seedsOf('proxy-socks5');

/** A client's side of SOCKS 5, against a reading of RFC 1928 and RFC 1929. */
export const proxySocks5: FuzzTarget = {
  name: 'proxy-socks5',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyReplies(random);
    return mutate(base, random, () => anyReplies(random));
  },
  check(input, random) {
    const { host, request } = random.pick(TARGETS);
    const hasLogin = random.oneIn(2);
    const credentials = { user: hasLogin ? 'u' : '', password: hasLogin ? 'pw' : '' };
    const sink = new RecordingSocks5Sink();
    const handshake = new Socks5Handshake({ host, port: 8080 }, credentials, sink);
    handshake.start();
    let given = 0;
    for (const piece of inPieces(input, random)) {
      if (sink.outcome !== undefined) break;
      handshake.push(piece);
      given += piece.length;
    }
    const { outcome, used, sent } = expectedOf(input, hasLogin, request);
    expectSame(sink.outcome?.[0], outcome, 'The outcome');
    expectSame(sink.sent, sent, 'What is sent');
    expectSame(sink.calls, outcome === undefined ? 0 : 1, 'How often it ends');
    if (sink.outcome?.[0] !== 'connected') return;
    expectSame(sink.outcome[1], input.toString('hex', used, given), "The peer's first bytes");
  },
  hard: {
    'bytes behind the end': (size) => filled(size, 'a', '\x05\0\x05\0\0\x01abcdef'),
    zeros: (size) => filled(size, '\0'),
  },
};

interface Expected {
  readonly outcome: 'connected' | 'refused' | 'failed' | undefined;
  /** The bytes that the proxy's own words take. */
  readonly used: number;
  readonly sent: string[];
}

function expectedOf(input: Buffer, hasLogin: boolean, request: string): Expected {
  const sent = [hasLogin ? '050102' : '050100'];
  const end = (outcome: Expected['outcome'], used = 0): Expected => ({ outcome, used, sent });
  let at = 2;
  if (input.length < 2) return end(undefined);
  const method = input[1]!;
  if (input[0] !== 5) return end('failed');
  if (method === 0xff) return end('refused');
  if (method === 2 && hasLogin) {
    sent.push('010175027077');
    if (input.length < 4) return end(undefined);
    if (input[2] !== 1 || input[3] !== 0) return end('refused');
    at = 4;
  } else if (method !== 0) {
    return end('failed');
  }
  sent.push(request);
  const reply = input.subarray(at);
  if (reply.length < 2) return end(undefined);
  if (reply[0] !== 5 || reply[1] !== 0) return end('failed');
  // The reserved byte and the kind of address are looked at when five bytes are there.
  if (reply.length < 5) return end(undefined);
  const addressSize = new Map([
    [1, 4],
    [3, 1 + reply[4]!],
    [4, 16],
  ]).get(reply[3]!);
  if (addressSize === undefined) return end('failed');
  const size = 4 + addressSize + 2;
  if (reply.length < size) return end(undefined);
  return reply[2] === 0 ? end('connected', at + size) : end('failed');
}

function anyReplies(random: Random): Buffer {
  const method = random.pick([0, 0, 2, 2, 1, 0xff]);
  const login = method === 2 ? [1, random.oneIn(4) ? 1 : 0] : [];
  const kind = random.pick([1, 3, 4, 1, 3, 4, 2]);
  const address = kind === 1 ? 4 : kind === 4 ? 16 : random.pick([0, 1, 9, 255]);
  const length = kind === 3 ? [address] : [];
  const status = random.oneIn(4) ? random.below(10) : 0;
  return Buffer.concat([
    Buffer.from([5, method, ...login, 5, status, 0, kind, ...length]),
    random.bytes(address + 2),
    random.bytes(random.below(4)),
  ]);
}
