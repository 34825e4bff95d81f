import { expect } from 'chai';
import { MAX_INTRODUCED, MAX_PENDING_CALLS } from '../../lib/webchannel/channel-client.ts';
import { MAX_GIVEN_DEPTH } from '../../lib/webchannel/json-values.ts';
import {
  BACKLOG_LIMIT,
  HIGH_WATER,
  LOOK_INTERVAL,
  PATIENCE,
} from '../../lib/webchannel/websocket-transport.ts';
import { readPage } from './support/pages.ts';

const PAGE = 'docs/webchannel.md';

describe(PAGE, () => {
  const limits = new Map(
    Array.from(readPage(PAGE).matchAll(/^\| (.+?) +\| (.+?) +\|/gm), ([, what, value]) => [
      what!,
      value!,
    ]),
  );
  const expected: Record<string, string> = {
    'calls of a client that wait for a promise': String(MAX_PENDING_CALLS),
    'objects a client is shown that were not registered': MAX_INTRODUCED.toLocaleString('en'),
    'nesting of arguments and values': String(MAX_GIVEN_DEPTH),
    'bytes that wait for a client until it is heard again': `${HIGH_WATER / 1024} KiB`,
    'time in which a client that is not heard takes nothing': `${(PATIENCE * LOOK_INTERVAL) / 1000} s`,
    'bytes that wait for a client that reads nothing': `${BACKLOG_LIMIT / 1024 / 1024} MiB`,
  };

  for (const [what, value] of Object.entries(expected)) {
    it(`tells the limit of ${what}`, () => {
      expect(limits.get(what)).to.equal(value);
    });
  }
});
