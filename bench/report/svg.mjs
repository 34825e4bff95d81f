// Pieces of pictures. They bring their own background, as the page around them may be light or dark
// whatever the reader's system says.

/** The colours of what is compared, in light and dark mode. */
export const STYLE = `
  text { font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: var(--ink) }
  .title { font-size: 16px; font-weight: 600 }
  .heading { font-weight: 600 }
  .faint { fill: var(--faint) }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .page { fill: var(--page) }
  .grid { stroke: var(--grid) }
  .one { stroke: var(--faint); stroke-width: 1.5 }
  .qwebsockets { --is: var(--ours) }
  .ws { --is: var(--ws) }
  .ws-addons { --is: var(--addons) }
  .qt { --is: var(--qt) }
  .raw { --is: var(--raw) }
  .target { --is: var(--ink) }
  .fill { fill: var(--is) }
  .line { stroke: var(--is); stroke-width: 2; fill: none }
  .mark { stroke: var(--is); stroke-width: 1.75; fill: var(--page) }
  .whisker { stroke: var(--ink); stroke-width: 1.25; fill: none }
  svg {
    --page: #ffffff; --ink: #1f2328; --faint: #656d76; --grid: #d8dee4;
    --ours: #4c8dd6; --ws: #8250df; --addons: #8250df; --qt: #1a7f37; --raw: #bc4c00;
  }
  @media (prefers-color-scheme: dark) {
    svg {
      --page: #0d1117; --ink: #e6edf3; --faint: #8d96a0; --grid: #30363d;
      --ours: #3f7cc4; --ws: #b78aff; --addons: #b78aff; --qt: #4ac26b; --raw: #f0883e;
    }
  }`;

/** A picture of `width` by `height` pixels; `title` is what those are told who cannot see it. */
export function picture(width, height, title, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

export function text(x, y, content, classes = '') {
  return `<text x="${fixed(x)}" y="${fixed(y)}" class="${classes}">${escaped(content)}</text>`;
}

/** @param {string} path its commands, with numbers from {@link fixed}. */
export function path(commands, classes) {
  return `<path d="${commands}" class="${classes}"/>`;
}

export function rect(x, y, width, height, classes) {
  const [a, b, c, d] = [x, y, width, height].map(fixed);
  return `<rect x="${a}" y="${b}" width="${c}" height="${d}" class="${classes}"/>`;
}

/** A mark of its own shape for each of what is compared, so that colour is not all there is. */
export function mark(rival, x, y) {
  const [a, b] = [fixed(x), fixed(y)];
  const shapes = {
    qwebsockets: `M${a} ${b}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`,
    ws: `M${a} ${b}m-3.5 -3.5h7v7h-7z`,
    'ws-addons': `M${a} ${b}m-3.5 -3.5h7v7h-7z`,
    qt: `M${a} ${b}m0 -5l5 5l-5 5l-5 -5z`,
    raw: `M${a} ${b}m0 -5l4.5 8h-9z`,
    target: `M${a} ${b}m0 -8v16`,
  };
  return path(shapes[rival], `${rival} ${rival === 'target' ? 'line' : 'mark'}`);
}

/** The place of a value on an axis that is so long and has a step of the same length per factor. */
export function logScale([from, to], [start, end]) {
  const length = Math.log(to / from);
  return (value) => start + ((end - start) * Math.log(value / from)) / length;
}

export function powersOfTwoAround(values) {
  return [
    2 ** Math.floor(Math.log2(Math.min(...values))),
    2 ** Math.ceil(Math.log2(Math.max(...values))),
  ];
}

export function fixed(value) {
  return String(Math.round(value * 10) / 10);
}

function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
