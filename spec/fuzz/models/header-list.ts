/** The elements of a list: what stands between commas that no quoted string contains. */
export function elementsOf(text: string, separator: ',' | ';' = ','): string[] {
  // A piece is made of quoted strings, the last of which may lack its end, and of other characters.
  const piece =
    separator === ','
      ? /(?:"(?:\\[^]|[^"\\])*(?:\\?$|")|[^",])*/y
      : /(?:"(?:\\[^]|[^"\\])*(?:\\?$|")|[^";])*/y;
  const pieces: string[] = [];
  for (let at = 0; at <= text.length;) {
    piece.lastIndex = at;
    const [found] = piece.exec(text)!;
    pieces.push(withoutEnds(found));
    at += found.length + 1;
  }
  return pieces;
}

/** Name and value of a parameter; undefined when it is none. */
export function parameterOf(text: string): [name: string, value: string | undefined] | undefined {
  const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  const alone = new RegExp(`^${token}$`).exec(text);
  if (alone !== null) return [text, undefined];
  const both = new RegExp(
    `^[ \\t]*(${token})[ \\t]*=[ \\t]*(?:(${token})|"((?:\\\\[^]|[^"\\\\])*)")[ \\t]*$`,
  ).exec(text);
  if (both === null) return undefined;
  return [both[1]!, both[2] ?? both[3]!.replaceAll(/\\([^])/g, '$1')];
}

function withoutEnds(text: string): string {
  let start = 0;
  let end = text.length;
  while (text[start] === ' ' || text[start] === '\t') start++;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(start, end);
}
