import { expect } from 'chai';
import sinon from 'sinon';
import { readRefusal } from '../../../lib/node/openers/read-refusal.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('readRefusal()', () => {
  beforeEach(() => sinon.useFakeTimers({ now: NOW, toFake: ['Date'] }));
  afterEach(() => sinon.restore());

  it('tells the status', () => {
    expect(readRefusal({ startLine: 'HTTP/1.1 403 Forbidden', fields: [] })).to.deep.equal({
      status: 403,
      retryAfter: -1,
    });
  });

  it('knows no refusal in what opens a WebSocket, nor without a status', () => {
    for (const startLine of ['HTTP/1.1 101 Switching Protocols', 'SSH-2.0-OpenSSH_9.2']) {
      expect(readRefusal({ startLine, fields: [] })).to.equal(undefined);
    }
  });

  const pauses: Record<string, number> = {
    '0': 0,
    '120': 120_000,
    '99999999999999': 2 ** 31 - 1,
    '99999999999999999999': 2 ** 31 - 1,
    'Fri, 02 Jan 2026 03:05:05 GMT': 60_000,
    'Fri, 02 Jan 2026 03:04:05 GMT': 0,
    'Fri, 02 Jan 1998 03:04:05 GMT': 0,
    'Fri, 02 Jan 2999 03:04:05 GMT': 2 ** 31 - 1,
    'Fri, 99 Jan 2026 03:04:05 GMT': -1,
    'Friday, 02-Jan-26 03:05:05 GMT': 60_000,
    'Friday, 02-Jan-98 03:05:05 GMT': 0,
    'Fri Jan  2 03:05:05 2026': 60_000,
    'Fri Jan 12 03:05:05 2026': 864_060_000,
    'Fri Jan 2 03:05:05 2026': -1,
    'Fri, 02 Jan 2026 03:05:05 CET': -1,
    '-1': -1,
    '1.5': -1,
    '1e3': -1,
    '2026-01-02T04:04:05Z': -1,
    soon: -1,
    '': -1,
  };
  for (const [value, retryAfter] of Object.entries(pauses)) {
    it(`takes "${value}" for ${retryAfter} ms`, () => {
      const fields = ['Date', 'x', 'Retry-After', value];
      const startLine = 'HTTP/1.1 503 Service Unavailable';

      expect(readRefusal({ startLine, fields })).to.deep.equal({ status: 503, retryAfter });
    });
  }

  it('goes by the clock of the server where it tells the time, since ours may be wrong', () => {
    const date = ['Date', 'Mon, 05 Jan 2026 00:00:00 GMT'];
    const fields = [...date, 'Retry-After', 'Mon, 05 Jan 2026 00:01:00 GMT'];

    expect(readRefusal({ startLine: 'HTTP/1.1 503 Busy', fields })!.retryAfter).to.equal(60_000);
  });

  it('goes by none of two that could mean either', () => {
    const fields = ['Retry-After', '1', 'retry-after', '2'];

    expect(readRefusal({ startLine: 'HTTP/1.1 503 Busy', fields })!.retryAfter).to.equal(-1);
  });
});
