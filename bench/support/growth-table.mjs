import { digits } from './table.mjs';

/** The head of {@link growthOf}. */
export const GROWTH_HEAD = ['growth', 'rival', 'first', 'last', 'largest / smallest'];

/** How each rival's cost changes along each series of `results`. */
export function growthOf(results) {
  const points = results.filter(({ growth }) => growth !== undefined);
  const names = [...new Set(points.map(({ growth }) => growth.series))];
  return names.flatMap((name) =>
    rowsOf(
      name,
      points.filter(({ growth }) => growth.series === name),
    ),
  );
}

function rowsOf(name, points) {
  const unit = points[0].unit.split('/')[0];
  const [from, to] = [points[0], points.at(-1)].map(({ growth }) => growth.at);
  return points[0].results.map(({ rival }, i) => {
    const costs = points.map(({ results }) => costOf(results, rival));
    const extent = digits(Math.max(...costs) / Math.min(...costs));
    const first = `${digits(costs[0])} ${unit} (${from})`;
    const last = `${digits(costs.at(-1))} ${unit} (${to})`;
    return [i === 0 ? name : '', rival, first, last, extent];
  });
}

function costOf(results, rival) {
  return results.find((result) => result.rival === rival).cost.median;
}
