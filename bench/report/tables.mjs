// The figures as tables in Markdown.
import { GROWTH_HEAD, growthOf } from '../support/growth-table.mjs';
import { digits, withQuartiles } from '../support/table.mjs';
import { describe } from './ratio-chart.mjs';

const RIVALS = ['ws-str', 'ws-addons', 'websocket', 'faye-websocket', 'qt', 'raw'];

/** @param runs what `--record` has written, one for each version of Node, the oldest first. */
export function tables(runs) {
  const [{ machine, results }] = runs;
  return [
    `${describe(machine)}.`,
    costs('server', results),
    costs('client', results),
    roundTrips(results),
    growth(results),
    `<details>\n<summary>The codec</summary>\n\n${codec(results)}\n\n</details>`,
    runs.length > 1 ? versions(runs) : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Costs of ours, and how many times cheaper than ws each is. */
function costs(role, results) {
  const rows = results.filter(({ name }) => name.startsWith(role));
  const rivals = RIVALS.filter((rival) => rows.some((row) => find(row, rival) !== undefined));
  return table(
    [role, 'cost', 'times ws [quartiles]', ...rivals, 'target', 'peer'],
    rows.map((row) => {
      const { cost, ratio, peer } = find(row, 'qwebsockets');
      return [
        shortName(row),
        `${digits(cost.median)} ${row.unit.split('/')[0]}`,
        withQuartiles(ratio),
        ...rivals.map((rival) => median(find(row, rival)?.ratio)),
        row.target === undefined ? '' : digits(row.target),
        digits((peer?.median ?? NaN) / cost.median),
      ];
    }),
  );
}

function roundTrips(results) {
  const rows = results.filter((row) => find(row, 'ws').more['p50 µs'] !== undefined);
  const rivals = ['qwebsockets', 'ws', ...RIVALS].filter((rival) =>
    rows.some((row) => find(row, rival) !== undefined),
  );
  return table(
    ['round trip, median (p99), µs', ...rivals],
    rows.map((row) => [
      shortName(row),
      ...rivals.map((rival) => {
        const { more } = find(row, rival);
        return `${median(more['p50 µs'])} (${median(more['p99 µs'])})`;
      }),
    ]),
  );
}

function growth(results) {
  return table(GROWTH_HEAD, growthOf(results));
}

function codec(results) {
  return table(
    ['codec', 'ns', 'times ws [quartiles]', 'bytes left to collect', 'ws'],
    results
      .filter(({ name }) => name.startsWith('codec'))
      .map((row) => {
        const { cost, ratio, more } = find(row, 'qwebsockets');
        return [
          shortName(row),
          digits(cost.median),
          withQuartiles(ratio),
          median(more['B/frame']),
          median(find(row, 'ws').more['B/frame']),
        ];
      }),
  );
}

/** Times ws on each version of Node. */
function versions(runs) {
  const rows = runs[0].results.filter(({ name }) => /^(server|client)/.test(name));
  return table(
    ['times ws', ...runs.map(({ machine }) => `Node ${machine.node.slice(1)}`)],
    rows.map(({ name }) => [
      name,
      ...runs.map(({ results }) => {
        const row = results.find((one) => one.name === name);
        return row === undefined ? '' : withQuartiles(find(row, 'qwebsockets').ratio);
      }),
    ]),
  );
}

function find({ results }, rival) {
  return results.find((result) => result.rival === rival);
}

function median(spread) {
  return spread === undefined ? '' : digits(spread.median);
}

function shortName({ name }) {
  return name.slice(name.indexOf(' ') + 1);
}

function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}
