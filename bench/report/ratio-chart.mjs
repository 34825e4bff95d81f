// How many times less CPU time than ws is taken, workload by workload.
import { digits } from '../support/table.mjs';
import { fixed, logScale, mark, path, picture, powersOfTwoAround, rect, text } from './svg.mjs';

const WIDTH = 900;
const ROW = 21;
const LABELS = 276;
const START = 290;
const END = 818;
const TOP = 92;

const GROUPS = [
  ['Server: echoes', /^server echo /],
  ['Server: broadcasts, handshakes, memory', /^server /],
  ['Client', /^client /],
];

const LEGEND = [
  ['qwebsockets', 'qwebsockets, median and quartiles'],
  ['target', 'target'],
  ['ws-addons', 'ws with bufferutil'],
  ['qt', 'Qt in C++'],
  ['raw', 'node:net, no WebSocket'],
];

const MARKS = ['raw', 'ws-addons', 'qt'];

/** @param results see `--json`; those without a ratio to ws are left out. */
export function ratioChart({ machine, results }) {
  const rows = grouped(results);
  const [from, to] = powersOfTwoAround(rows.flatMap(ratiosOf));
  const x = logScale([from, to], [START, END]);
  const height = TOP + rows.length * ROW + 34;
  const bottom = height - 30;
  const parts = [
    text(16, 28, 'How many times less CPU time, or memory, than ws', 'title'),
    text(16, 47, `${describe(machine)}. More is better; 1 is ws.`, 'faint'),
    ...legend(16, 70),
  ];
  for (let value = from; value <= to; value *= 2) {
    const isOne = value === 1;
    const line = `M${fixed(x(value))} ${TOP - 6}V${bottom}`;
    parts.push(path(line, isOne ? 'one' : 'grid'));
    parts.push(text(x(value), bottom + 16, `${value}×`, 'middle faint'));
  }
  rows.forEach((row, i) => {
    const y = TOP + i * ROW + ROW / 2;
    if (row.heading === undefined) parts.push(...bar(row, x, y));
    else parts.push(text(16, y + 4, row.heading, 'heading'));
  });
  return picture(WIDTH, height, 'How many times less CPU time than ws each workload takes', parts);
}

/** Headings and workloads in the order in which they are drawn. */
function grouped(results) {
  const left = new Set(results.filter(({ results: rivals }) => find(rivals, 'qwebsockets')));
  return GROUPS.flatMap(([heading, prefix]) => {
    const members = [...left].filter(({ name }) => prefix.test(name));
    for (const member of members) left.delete(member);
    if (members.length === 0) return [];
    return [
      { heading },
      ...members.map((one) => ({ ...one, label: one.name.replace(prefix, '') })),
    ];
  });
}

function ratiosOf({ target = 1, results = [] }) {
  return [target, ...results.map(({ ratio }) => ratio.median)];
}

function bar({ label, target, results }, x, y) {
  const { q1, median, q3 } = find(results, 'qwebsockets').ratio;
  const [left, right] = [Math.min(x(1), x(median)), Math.max(x(1), x(median))];
  const parts = [
    text(LABELS, y + 4, label, 'end'),
    rect(left, y - 6, Math.max(right - left, 1), 12, 'qwebsockets fill'),
    path(
      `M${fixed(x(q1))} ${y - 3}v6M${fixed(x(q1))} ${y}H${fixed(x(q3))}M${fixed(x(q3))} ${y - 3}v6`,
      'whisker',
    ),
  ];
  for (const rival of MARKS) {
    const ratio = find(results, rival)?.ratio.median;
    if (ratio !== undefined) parts.push(mark(rival, x(ratio), y));
  }
  if (target !== undefined) parts.push(mark('target', x(target), y));
  parts.push(text(WIDTH - 16, y + 4, `${digits(median)}×`, 'end'));
  return parts;
}

function legend(x, y) {
  let at = x;
  return LEGEND.flatMap(([rival, meaning]) => {
    const shape =
      rival === 'qwebsockets'
        ? rect(at, y - 10, 14, 12, 'qwebsockets fill')
        : mark(rival, at + 7, y - 4);
    const label = text(at + 20, y, meaning);
    at += 44 + meaning.length * 6.2;
    return [shape, label];
  });
}

function find(results, rival) {
  return results.find((result) => result.rival === rival);
}

/** What the figures were made on, with the system's load before they were. */
export function describe({ date, node, ws, processor, rounds, load }) {
  const machine = `${processor} with a load of ${load.toFixed(1)}`;
  return `${date}, Node ${node.slice(1)}, ws ${ws}, ${rounds} rounds on ${machine}`;
}
