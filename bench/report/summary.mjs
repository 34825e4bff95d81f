// The costs of a few workloads beside each other, for those who want no more.
import { digits } from '../support/table.mjs';
import { describe } from './ratio-chart.mjs';

const WORKLOADS = {
  'server echo 125 B text, 50 x 32': 'send 125 B of text back',
  'server echo 1 KiB binary, 50 x 32': 'send 1 KiB of bytes back',
  'server echo 64 KiB binary, 10 x 4': 'send 64 KiB of bytes back',
  'server broadcast to 500, 16 at a time': 'deliver a broadcast, to each',
  'server broadcast to 500, 1 at a time': 'the same, one broadcast at a time',
  'server handshakes, 2000, 64 at once': 'accept a connection',
  'server memory of an idle connection, 5000': 'memory of an idle connection',
};
const RIVALS = { qwebsockets: 'qwebsockets', ws: 'ws', websocket: 'websocket', qt: 'Qt, C++' };

/** @param run what `--record` has written for one version of Node. */
export function summary({ machine, results }) {
  const rows = Object.entries(WORKLOADS).map(([name, title]) => {
    const row = results.find((one) => one.name === name);
    const [unit] = row.unit.split('/');
    const costs = Object.keys(RIVALS).map((rival) => {
      const found = row.results.find((one) => one.rival === rival);
      return found === undefined ? '' : `${digits(found.cost.median)} ${unit}`;
    });
    return `| ${[title, ...costs].join(' | ')} |`;
  });
  const head = ['a server', ...Object.values(RIVALS)];
  const rule = ['---', ...Object.keys(RIVALS).map(() => '---:')];
  const table = [`| ${head.join(' | ')} |`, `| ${rule.join(' | ')} |`, ...rows].join('\n');
  return `${table}\n\n${describe(machine)}; CPU time of the process, medians. Of Qt's server the memory is what is resident.`;
}
