import type { ServerStatistics } from 'qwebsockets';

/** The media type of {@link prometheusText}. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** A server, and the labels that tell it from others. */
export interface Metered {
  readonly labels: Readonly<Record<string, string>>;
  readonly statistics: ServerStatistics;
}

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Its values, each with labels of its own. */
  values(statistics: ServerStatistics): Value[];
}

type Value = readonly [labels: Readonly<Record<string, string | number>>, value: number];

const METRICS: readonly Metric[] = [
  counter('connections_accepted', 'Connections that have come.', (of) => [[{}, of.accepted]]),
  counter('connections_opened', 'Connections of which a WebSocket became.', (of) => [
    [{}, of.opened],
  ]),
  counter('connections_refused', 'Connections of which none became.', (of) =>
    split('reason', of.refused),
  ),
  counter(
    'connections_closed',
    'Connections that were closed, by whom and with what code.',
    (of) => [
      ...split('code', of.closedByPeer).map(([labels, value]): Value => [
        { by: 'peer', ...labels },
        value,
      ]),
      ...split('code', of.closedByServer).map(([labels, value]): Value => [
        { by: 'server', ...labels },
        value,
      ]),
    ],
  ),
  counter('connections_lost', 'Connections that have broken off.', (of) => split('error', of.lost)),
  gauge('connections_handshaking', 'Connections in their opening handshake.', (of) => [
    [{}, of.handshaking],
  ]),
  gauge('connections_open', 'Connections that are open or closing.', (of) => [[{}, of.open]]),
  gauge('connections_waiting', 'Open connections that the program has not taken.', (of) => [
    [{}, of.waiting],
  ]),
  counter('messages', 'Whole messages.', (of) =>
    split('direction', { received: of.messagesReceived, sent: of.messagesSent }),
  ),
  counter('payload_bytes', 'Bytes of messages, before compression.', (of) =>
    split('direction', { received: of.payloadReceived, sent: of.payloadSent }),
  ),
  counter('frame_bytes', 'Bytes of frames, headers included and compressed.', (of) =>
    split('direction', { received: of.bytesReceived, sent: of.bytesSent }),
  ),
  counter('pings', 'Ping frames.', (of) =>
    split('direction', { received: of.pingsReceived, sent: of.pingsSent }),
  ),
  counter('pongs', 'Pong frames.', (of) =>
    split('direction', { received: of.pongsReceived, sent: of.pongsSent }),
  ),
];

/** What Prometheus asks for, in its text format 0.0.4. */
export function prometheusText(servers: readonly Metered[]): string {
  const lines = METRICS.flatMap(({ name, type, help, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...servers.flatMap(({ labels, statistics }) =>
      values(statistics).map(([own, value]) => `${name}${written({ ...labels, ...own })} ${value}`),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function counter(name: string, help: string, values: Metric['values']): Metric {
  return { name: `qwebsockets_${name}_total`, type: 'counter', help, values };
}

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name: `qwebsockets_${name}`, type: 'gauge', help, values };
}

/** A value for each name in `counts`, under a label. */
function split(label: string, counts: Readonly<Record<string, number>>): Value[] {
  return Object.entries(counts).map(([name, count]) => [{ [label]: name }, count]);
}

function written(labels: Readonly<Record<string, string | number>>): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return all.length === 0 ? '' : `{${all.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
