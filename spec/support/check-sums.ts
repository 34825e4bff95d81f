import { expect } from 'chai';
import type { ServerStatistics } from '../../lib/websockets/server-statistics.ts';

/** The sum of all counts of a kind. */
export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((one, other) => one + other, 0);
}

/** Fails when a connection is counted twice, or not at all. */
export function checkSums(statistics: ServerStatistics): void {
  const { accepted, opened, handshaking, open, refused } = statistics;
  const { closedByPeer, closedByServer, lost } = statistics;
  expect(handshaking, 'handshaking').to.be.at.least(0);
  expect(open, 'open').to.be.at.least(0);
  expect(opened + handshaking + sum(refused), 'accepted').to.equal(accepted);
  expect(open + sum(closedByPeer) + sum(closedByServer) + sum(lost), 'opened').to.equal(opened);
}
