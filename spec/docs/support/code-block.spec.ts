import { expect } from 'chai';
import { codeBlocksOf } from './code-block.ts';

describe('codeBlocksOf()', () => {
  it('finds the fenced blocks of a page and where their code begins', () => {
    const page = 'Text\n\n```ts\nlet a;\n```\n\nmore\n\n```sh\nls\n\nps\n```\n';

    expect(codeBlocksOf('a.md', page)).to.deep.equal([
      { page: 'a.md', line: 4, language: 'ts', source: 'let a;\n', marks: [] },
      { page: 'a.md', line: 10, language: 'sh', source: 'ls\n\nps\n', marks: [] },
    ]);
  });

  it('takes the comments in front of a block as its marks', () => {
    const page = '<!-- run -->\n<!-- fragment: it shows\n  an error: two -->\n\n```ts\n```\n';

    expect(codeBlocksOf('a.md', page)[0]!.marks).to.deep.equal([
      { name: 'run', value: '' },
      { name: 'fragment', value: 'it shows an error: two' },
    ]);
  });

  it('gives a block no comment from before a text', () => {
    const page = '<!-- run -->\n\nText\n\n```ts\n```\n';

    expect(codeBlocksOf('a.md', page)[0]!.marks).to.deep.equal([]);
  });

  it('gives a comment to one block only', () => {
    const page = '<!-- run -->\n```ts\n```\n\n```ts\n```\n';

    expect(codeBlocksOf('a.md', page).map(({ marks }) => marks.length)).to.deep.equal([1, 0]);
  });

  it('takes the blocks of a list without their indentation', () => {
    const page = '- item\n\n  ```ts\n  if (a)\n    b();\n  ```\n';

    expect(codeBlocksOf('a.md', page)[0]!.source).to.equal('if (a)\n  b();\n');
  });

  it('leaves a fence alone that stands inside of a longer one', () => {
    const page = '````md\n```ts\n```\n````\n';

    expect(codeBlocksOf('a.md', page).map(({ language }) => language)).to.deep.equal(['md']);
  });
});
