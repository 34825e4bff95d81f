// Where scenarios and traces live, and how traces are written.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Where the port's traces go: the project's build folder, so that they are never checked in.
export const PORT_TRACES = fileURLToPath(new URL('../../../build/oracle', import.meta.url));

export function walk(dir, skip = (name) => name.endsWith('traces')) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const p = path.join(dir, e.name);
    if (e.isDirectory()) return skip(e.name) ? [] : walk(p, skip);
    return e.name.endsWith('.json') ? [p] : [];
  });
}

export function findScenarios(paths, pattern) {
  const re = pattern ? new RegExp(pattern) : null;
  const all = paths.flatMap((p) => (fs.statSync(p).isDirectory() ? walk(p) : [p])).map((p) => path.resolve(p));
  return [...new Set(all)].filter((f) => !re || re.test(f)).sort();
}

export function tracePath(file, out, kind) {
  const parts = file.split(path.sep);
  const i = parts.lastIndexOf('scenarios');
  if (i < 0) return path.join(out ?? path.join(path.dirname(file), kind), path.basename(file));
  return path.join(out ?? [...parts.slice(0, i), kind].join(path.sep), ...parts.slice(i + 1));
}

// JSON with one event per line.
export function dumpTrace(o) {
  const { actors, ...head } = o;
  const ascii = (v) => JSON.stringify(v).replace(/[\u007f-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
  const top = Object.entries(head).map(([k, v]) => '\n  ' + JSON.stringify(k) + ': ' + ascii(v) + ',').join('');
  const list = (evs) => '[' + evs.map((e) => '\n      ' + ascii(e)).join(',') + (evs.length ? '\n    ' : '') + ']';
  const acts = Object.entries(actors).map(([n, evs]) => '\n    ' + JSON.stringify(n) + ': '
    + (Array.isArray(evs) ? list(evs) : '{"$variants": [\n    ' + evs.$variants.map(list).join(', ') + '\n    ]}'));
  return '{' + top + '\n  "actors": {' + acts.join(',') + '\n  }\n}\n';
}
