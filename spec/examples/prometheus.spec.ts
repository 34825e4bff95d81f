import { expect } from 'chai';
import { prometheusText } from '../../examples/support/prometheus.ts';
import { ServerCounters } from '../../lib/websockets/server-counters.ts';
import { NO_REFUSALS } from '../../lib/websockets/server-statistics.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { busyStatistics } from '../support/busy-statistics.ts';

const AWKWARD = 'a "quoted" \\ back\nslash';

describe('prometheusText()', () => {
  it('writes what Prometheus can read, also for several servers and awkward labels', () => {
    const text = prometheusText([
      { labels: { server: AWKWARD }, statistics: busyStatistics() },
      { labels: { server: 'idle' }, statistics: new ServerCounters().statistics(0) },
    ]);
    const samples = readMetrics(text);

    expect(new Set(samples.map(({ labels }) => labels['server']))).to.deep.equal(
      new Set([AWKWARD, 'idle']),
    );
    for (const { name } of samples) expect(name).to.match(/^qwebsockets_[a-z_]+$/);
  });

  it('has the counts of each kind', () => {
    const samples = readMetrics(prometheusText([{ labels: {}, statistics: busyStatistics() }]));
    const value = (name: string, labels: Record<string, string> = {}): number | undefined => {
      const wanted = JSON.stringify(labels);
      return samples.find((one) => one.name === name && JSON.stringify(one.labels) === wanted)
        ?.value;
    };

    expect(value('qwebsockets_connections_accepted_total')).to.equal(20);
    expect(value('qwebsockets_connections_opened_total')).to.equal(12);
    expect(value('qwebsockets_connections_handshaking')).to.equal(5);
    expect(value('qwebsockets_connections_open')).to.equal(8);
    expect(value('qwebsockets_connections_waiting')).to.equal(1);
    expect(value('qwebsockets_connections_refused_total', { reason: 'origin' })).to.equal(2);
    expect(value('qwebsockets_connections_closed_total', { by: 'peer', code: '1000' })).to.equal(1);
    expect(value('qwebsockets_connections_closed_total', { by: 'server', code: '1009' })).to.equal(
      1,
    );
    expect(
      value('qwebsockets_connections_lost_total', { error: 'RemoteHostClosedError' }),
    ).to.equal(2);
    expect(value('qwebsockets_messages_total', { direction: 'sent' })).to.equal(7);
    expect(value('qwebsockets_payload_bytes_total', { direction: 'received' })).to.equal(2 ** 40);
  });

  it('has a value for each reason from the start, as rates need it', () => {
    const statistics = new ServerCounters().statistics(0);
    const samples = readMetrics(prometheusText([{ labels: {}, statistics }]));
    const reasons = samples.map(({ labels }) => labels['reason']).filter(Boolean);

    expect(reasons).to.deep.equal(Object.keys(NO_REFUSALS));
  });
});

describe('readMetrics()', () => {
  const wrong: Record<string, string> = {
    'an end without a line feed': '# HELP a b\n# TYPE a gauge\na 1',
    'a type twice': '# HELP a b\n# TYPE a gauge\n# TYPE a gauge\na 1\n',
    'a help twice': '# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n',
    'a counter without its ending': '# HELP a b\n# TYPE a counter\na 1\n',
    'a sample without a type': 'a 1\n',
    'a sample twice': '# HELP a b\n# TYPE a gauge\na{b="1",c="2"} 1\na{c="2",b="1"} 1\n',
    'a quotation mark as it is': '# HELP a b\n# TYPE a gauge\na{b="c"d"} 1\n',
    'a backslash as it is': '# HELP a b\n# TYPE a gauge\na{b="\\d"} 1\n',
    'a value that is none': '# HELP a b\n# TYPE a gauge\na undefined\n',
  };
  for (const [what, text] of Object.entries(wrong)) {
    it(`does not take ${what}`, () => {
      expect(() => readMetrics(text)).to.throw();
    });
  }
});
