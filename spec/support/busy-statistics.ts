import { ServerCounters } from '../../lib/websockets/server-counters.ts';
import type { ServerStatistics } from '../../lib/websockets/server-statistics.ts';

/** Of a server that has seen something of everything. */
export function busyStatistics(): ServerStatistics {
  const counters = new ServerCounters();
  Object.assign(counters, {
    accepted: 20,
    opened: 12,
    ended: 4,
    messagesReceived: 5,
    messagesSent: 7,
    payloadReceived: 2 ** 40,
    bytesSent: 900,
    pingsSent: 3,
  });
  for (const reason of ['origin', 'origin', 'left'] as const) counters.refuse(reason);
  counters.closedByPeer.add('1000');
  counters.closedByServer.add('1009');
  counters.lost.add('RemoteHostClosedError');
  counters.lost.add('RemoteHostClosedError');
  return counters.statistics(1);
}
