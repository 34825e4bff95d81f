import { digits } from './table.mjs';

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
  const from = String(points[0].growth.at);
  const to = String(points.at(-1).growth.at);
  return points[0].results.map(({ rival }, i) => {
    const costs = points.map(({ results }) => costOf(results, rival));
    const extent = digits(Math.max(...costs) / Math.min(...costs));
    return [i === 0 ? name : '', rival, from, to, extent, digits(costs.at(-1) / costs[0])];
  });
}

function costOf(results, rival) {
  return results.find((result) => result.rival === rival).cost.median;
}
