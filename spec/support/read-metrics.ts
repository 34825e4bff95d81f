const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/** A value of a metric. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads the text format 0.0.4 of Prometheus as strictly as its description is; throws on everything
 * else, also on what is only advised against there.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readMetrics(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (helps.has(name) || !NAME.test(name)) throw new Error(`Wrong or second: ${line}`);
      helps.add(name);
      current = name;
    } else if (keyword === 'TYPE') {
      if (types.has(name) || name !== current) throw new Error(`Second or out of place: ${line}`);
      if (!['counter', 'gauge'].includes(rest)) throw new Error(`No type: ${line}`);
      if ((rest === 'counter') !== name.endsWith('_total')) throw new Error(`Misnamed: ${line}`);
      types.set(name, rest);
    } else {
      const sample = readSample(line);
      if (sample.name !== current || !types.has(current)) throw new Error(`Out of place: ${line}`);
      const labels = Object.entries(sample.labels).map((label) => label.join('='));
      const key = [sample.name, ...labels.toSorted()].join('\n');
      if (seen.has(key)) throw new Error(`Twice: ${line}`);
      seen.add(key);
      samples.push(sample);
    }
  }
  return samples;
}

function readSample(line: string): Sample {
  const [, name, list = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined || !Number.isFinite(Number(value))) {
    throw new Error(`No sample: ${line}`);
  }
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < list.length) {
    const [, label, text] = LABEL.exec(list) ?? [];
    if (label === undefined || text === undefined) throw new Error(`No labels: ${line}`);
    if (label in labels) throw new Error(`A label twice: ${line}`);
    labels[label] = text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
  }
  return { name, labels, value: Number(value) };
}
