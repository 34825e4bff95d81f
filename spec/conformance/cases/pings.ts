import {
  answered,
  failed,
  heard,
  ping,
  pong,
  send,
  type CaseGroups,
} from '../support/conversation.ts';

const BYTES = Buffer.from('00fffefdfcfb00ff', 'hex');
const LONGEST = Buffer.alloc(125, 0xfe);
const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`);

export const pings: CaseGroups = {
  '2 Pings and pongs': [
    answered('2.1', 'answers a ping without a payload', [send(ping())], [heard('pong')]),
    answered(
      '2.2',
      'answers a ping with text',
      [send(ping('Hello, world!'))],
      [heard('pong', 'Hello, world!')],
    ),
    answered(
      '2.3',
      'answers a ping with bytes that are no text',
      [send(ping(BYTES))],
      [heard('pong', BYTES)],
    ),
    answered('2.4', 'answers a ping of 125 bytes', [send(ping(LONGEST))], [heard('pong', LONGEST)]),
    failed('2.5', 'fails a ping of 126 bytes', [send(ping(Buffer.alloc(126, 0xfe)))], 1002),
    answered(
      '2.6',
      'answers a ping of 125 bytes that comes byte by byte',
      [send(ping(LONGEST), 1)],
      [heard('pong', LONGEST)],
    ),
    answered('2.7', 'says nothing to a pong that nobody asked for', [send(pong())], []),
    answered('2.8', 'says nothing to such a pong with a payload', [send(pong('unsolicited'))], []),
    answered(
      '2.9',
      'answers the ping behind such a pong',
      [send([pong('unsolicited'), ping('ping')])],
      [heard('pong', 'ping')],
    ),
    answered(
      '2.10',
      'answers ten pings in their order',
      [send(TEN.map(ping))],
      TEN.map((text) => heard('pong', text)),
    ),
    answered(
      '2.11',
      'answers ten pings that come byte by byte',
      [send(TEN.map(ping), 1)],
      TEN.map((text) => heard('pong', text)),
    ),
  ],
};
