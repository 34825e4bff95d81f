/** What an HTML comment in front of a code block says of it: `<!-- name: value -->`. */
export interface Mark {
  readonly name: string;
  readonly value: string;
}

/** A fenced block of code of a page. */
export interface CodeBlock {
  readonly page: string;
  /** Where its first line of code stands. */
  readonly line: number;
  readonly language: string;
  readonly source: string;
  readonly marks: readonly Mark[];
}

/** The fenced blocks of a page, with the comments that stand directly in front of each. */
export function codeBlocksOf(page: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = text.split('\n');
  let marks: Mark[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const fence = /^( *)(`{3,}|~{3,}) *(\S*)/.exec(line);
    if (fence !== null) {
      const [, indent, ticks, language] = fence as unknown as [string, string, string, string];
      const end = lines.findIndex(
        (other, index) => index > at && other.trim().startsWith(ticks) && other.trim() === ticks,
      );
      const last = end === -1 ? lines.length : end;
      const source = lines
        .slice(at + 1, last)
        .map((code) => (code.startsWith(indent) ? code.slice(indent.length) : code.trimStart()))
        .join('\n');
      blocks.push({ page, line: at + 2, language, source: `${source}\n`, marks });
      marks = [];
      at = last;
    } else if (line.trim().startsWith('<!--')) {
      let comment = line;
      while (!comment.includes('-->') && at + 1 < lines.length) comment += `\n${lines[++at]}`;
      marks.push(markOf(comment));
    } else if (line.trim() !== '') {
      marks = [];
    }
  }
  return blocks;
}

function markOf(comment: string): Mark {
  const text = comment.replace(/^\s*<!--/, '').replace(/-->[^]*$/, '');
  const [name, ...value] = text.replaceAll(/\s+/g, ' ').trim().split(': ');
  return { name: name!, value: value.join(': ') };
}
