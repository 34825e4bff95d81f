import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { prometheusText } from '../../examples/support/prometheus.ts';
import { busyStatistics } from '../support/busy-statistics.ts';
import { describeWith } from '../support/describe-with.ts';

describe('the counters, for Prometheus', () => {
  describeWith('promtool', 'apt-get install prometheus', (path) => {
    function check(text: string): { status: number | null; stderr: string } {
      return spawnSync(path, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    }

    it('are read by its own tool, which has nothing against them', () => {
      const text = prometheusText([
        { labels: { server: 'a "quoted" \\ back\nslash' }, statistics: busyStatistics() },
        { labels: { server: 'b' }, statistics: busyStatistics() },
      ]);
      const { status, stderr } = check(text);

      expect(stderr).to.equal('');
      expect(status).to.equal(0);
    });

    it('would not be, were they written otherwise', () => {
      const text = prometheusText([{ labels: {}, statistics: busyStatistics() }]);

      expect(check(text.replaceAll('_total', '')).status).not.to.equal(0);
      expect(check(text.replace('"origin"', '"ori"gin"')).status).not.to.equal(0);
    });
  });
});
