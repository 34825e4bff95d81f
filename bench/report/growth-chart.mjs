// What one connection, subscriber or message costs as there are more of them.
import { growthOf } from '../support/growth-table.mjs';
import { describe } from './ratio-chart.mjs';
import { fixed, logScale, mark, path, picture, powersOfTwoAround, text } from './svg.mjs';

const WIDTH = 900;
const TOP = 92;
const PANEL = { width: 442, height: 256 };
const PLOT = { left: 58, right: 414, top: 48, bottom: 200 };

const RIVALS = ['raw', 'ws', 'qwebsockets'];
const LEGEND = { qwebsockets: 'qwebsockets', ws: 'ws', raw: 'node:net, no WebSocket' };

/** @param results see `--json`; only those of growth are drawn. */
export function growthChart({ machine, results }) {
  const points = results.filter(({ growth }) => growth !== undefined);
  const names = [...new Set(points.map(({ growth }) => growth.series))];
  const height = TOP + Math.ceil(names.length / 2) * PANEL.height;
  const parts = [
    text(16, 28, 'What one costs as there are more of them', 'title'),
    text(16, 47, `${describe(machine)}. Flat is good, and lower is better.`, 'faint'),
    ...legend(16, 70),
  ];
  names.forEach((name, i) => {
    const x = (i % 2) * PANEL.width;
    const y = TOP + Math.floor(i / 2) * PANEL.height;
    const own = points.filter(({ growth }) => growth.series === name);
    parts.push(`<g transform="translate(${x} ${y})">`, ...panel(name, own), '</g>');
  });
  return picture(WIDTH, height, 'What one costs as there are more of them', parts);
}

function panel(name, points) {
  const sizes = points.map(({ growth }) => growth.at);
  const costs = points.flatMap(({ results }) => results.flatMap(({ cost }) => [cost.q1, cost.q3]));
  const domain = powersOfTwoAround(costs);
  const x = logScale([sizes[0], sizes.at(-1)], [PLOT.left + 16, PLOT.right - 16]);
  const y = logScale(domain, [PLOT.bottom, PLOT.top]);
  const extents = growthOf(points).map(([, rival, , , extent]) => `${rival} ${extent}`);
  const parts = [
    text(16, 14, `${name}, ${points[0].unit.split('/')[0]}`, 'heading'),
    text(16, 32, `largest / smallest: ${extents.join(', ')}`, 'faint'),
  ];
  for (let value = domain[0]; value <= domain[1]; value *= 2) {
    parts.push(path(`M${PLOT.left} ${fixed(y(value))}H${PLOT.right}`, 'grid'));
    parts.push(text(PLOT.left - 8, y(value) + 4, String(value), 'end faint'));
  }
  for (const size of sizes) {
    parts.push(text(x(size), PLOT.bottom + 18, size.toLocaleString('en'), 'middle faint'));
  }
  for (const rival of RIVALS) {
    const own = points.map(({ growth, results }) => ({
      at: x(growth.at),
      cost: results.find((result) => result.rival === rival)?.cost,
    }));
    if (own.some(({ cost }) => cost === undefined)) continue;
    const line = own.map(({ at, cost }) => `${fixed(at)} ${fixed(y(cost.median))}`).join('L');
    parts.push(path(`M${line}`, `${rival} line`));
    for (const { at, cost } of own) {
      parts.push(path(`M${fixed(at)} ${fixed(y(cost.q1))}V${fixed(y(cost.q3))}`, 'whisker'));
      parts.push(mark(rival, at, y(cost.median)));
    }
  }
  return parts;
}

function legend(x, y) {
  let at = x;
  return Object.entries(LEGEND).flatMap(([rival, meaning]) => {
    const parts = [
      path(`M${at} ${y - 4}h24`, `${rival} line`),
      mark(rival, at + 12, y - 4),
      text(at + 32, y, meaning),
    ];
    at += 60 + meaning.length * 6.5;
    return parts;
  });
}
