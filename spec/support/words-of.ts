const LAYERS = 'request|DNS|TCP|local socket|TLS|proxy|HTTP|timeout|protocol|browser|bridge';
const EXPLAINED = new RegExp(
  `^([^]*?) \\((${LAYERS}): ([^]+?)(?:\\)\\.|\\.\\))(?: [A-Z][^]*[.?])?$`,
);

/** The parts of an error text: Qt's words, the layer, and the detail behind it. */
export function partsOf(text: string): [words: string, layer: string, detail: string] {
  const parts = EXPLAINED.exec(text);
  if (parts === null) throw new Error(`No layer is named: ${text}`);
  return [parts[1]!, parts[2]!, parts[3]!];
}

/** Qt's words in an error text, which has to name a layer and a detail behind them. */
export function wordsOf(text: string): string {
  return partsOf(text)[0];
}
