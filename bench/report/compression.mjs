// What compression costs us and ws.
import { digits } from '../support/table.mjs';
import { describe } from './ratio-chart.mjs';

const CARRIED_OVER = 'server echo 4 KiB of JSON, compressed, 20 x 8';
const ALONE = 'server echo 4 KiB of JSON, compressed alone, 20 x 8';
const MEMORY = 'server memory of a compressed connection, 500';

const percent = (share) => `${digits(share * 100)} %`;
const thousands = (count) => `${digits(count)} thousand`;
const memory = (size) => `${digits(size)} KiB`;

// Its workload, and which of its figures, how written; without that its cost.
const ROWS = {
  'CPU per message, context carried over': [CARRIED_OVER],
  'CPU per message, each by itself': [ALONE],
  'messages a second, carried over': [CARRIED_OVER, 'thousand/s', thousands],
  'messages a second, each by itself': [ALONE, 'thousand/s', thousands],
  'size on the wire, carried over': [CARRIED_OVER, 'of the size', percent],
  'size on the wire, each by itself': [ALONE, 'of the size', percent],
  'memory of a connection that has carried 128 KiB': [MEMORY],
  'of which in the heap': [MEMORY, 'in the heap', memory],
};

/** @param run what `--record` has written for one version of Node. */
export function compression({ machine, results }) {
  const rows = Object.entries(ROWS).map(([title, [name, figure, written]]) => {
    const row = results.find((one) => one.name === name);
    const [unit] = row.unit.split('/');
    const [ours, other] = ['qwebsockets', 'ws'].map((rival) =>
      row.results.find((one) => one.rival === rival),
    );
    const cells =
      figure === undefined
        ? [
            ...[ours, other].map(({ cost }) => `${digits(cost.median)} ${unit}`),
            digits(ours.ratio.median),
          ]
        : [...[ours, other].map(({ more }) => written(more[figure].median)), ''];
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  const head =
    '| server, 4 KiB of JSON and back | qwebsockets | ws | times ws |\n| --- | ---: | ---: | ---: |';
  return (
    `${head}\n${rows.join('\n')}\n\n` +
    `${describe(machine)}; medians, level 6 on both sides. The memory is what is resident.`
  );
}
