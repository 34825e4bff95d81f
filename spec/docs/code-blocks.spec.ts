import { expect } from 'chai';
import { codeBlocksOf, type CodeBlock } from './support/code-block.ts';
import { allPages, readPage } from './support/pages.ts';
import { Programs, type Ending } from './support/programs.ts';

/** What may stand in a comment in front of a `ts` block. */
const MARKS: Record<string, RegExp> = {
  /** The block is run as a program and ends with exit code 0. */
  run: /^$/,
  /** The block is no module, or must not compile: the value says why. */
  fragment: /^\S.{9}/,
  /** The name under which other blocks of the page import it. */
  file: /^[a-z\d-]+\.ts$/,
  'prettier-ignore': /^$/,
};

describe('code in the documents', () => {
  const blocks = allPages().flatMap((page) => codeBlocksOf(page, readPage(page)));
  const modules = blocks.filter((block) => block.language === 'ts' && !has(block, 'fragment'));
  const fragments = blocks.filter((block) => block.language === 'ts' && has(block, 'fragment'));
  const programs = modules.filter((block) => has(block, 'run'));
  const compiled = new Programs('code-blocks', modules);
  let findings: Map<CodeBlock, string[]>;
  let endings: Map<CodeBlock, Promise<Ending>>;

  before(function () {
    this.timeout(60_000);
    findings = compiled.compile();
    endings = compiled.run(programs.filter((block) => !findings.has(block)));
  });

  it('is there', () => {
    expect(modules.length).to.be.greaterThan(5);
  });

  it('is TypeScript, which the compiler checks, and not JavaScript', () => {
    const script = blocks.filter(({ language }) =>
      /^(?:js|mjs|cjs|javascript|typescript|tsx)$/.test(language),
    );

    expect(script.map(place)).to.deep.equal([]);
  });

  for (const block of modules) {
    it(`${place(block)} compiles`, () => {
      expect(marksAmiss(block)).to.deep.equal([]);
      expect(findings.get(block) ?? []).to.deep.equal([]);
    });
  }

  for (const block of fragments) {
    it(`${place(block)} is a fragment: ${reason(block)}`, () => {
      expect(marksAmiss(block)).to.deep.equal([]);
    });
  }

  for (const block of programs) {
    it(`${place(block)} runs`, async function () {
      this.timeout(60_000);
      const ending = await endings.get(block);

      expect(ending, 'it does not compile').to.not.equal(undefined);
      expect(ending!.code, ending!.stderr).to.equal(0);
      const output = outputBehind(block);
      if (output !== undefined) expect(ending!.stdout).to.equal(output);
    });
  }

  for (const block of blocks.filter((one) => has(one, 'output'))) {
    it(`${place(block)} is the output of a program`, () => {
      const program = blocks[blocks.indexOf(block) - 1];

      expect(block.language).to.equal('text');
      expect(program?.page === block.page && has(program, 'run')).to.equal(true);
    });
  }

  /** The output that the page shows in the next block. */
  function outputBehind(block: CodeBlock): string | undefined {
    const next = blocks[blocks.indexOf(block) + 1];
    return next?.page === block.page && has(next, 'output') ? next.source : undefined;
  }
});

function place({ page, line }: CodeBlock): string {
  return `${page}:${line}`;
}

function has(block: CodeBlock | undefined, mark: string): boolean {
  return block?.marks.some(({ name }) => name === mark) === true;
}

function reason({ marks }: CodeBlock): string {
  return marks.find(({ name }) => name === 'fragment')!.value;
}

/** The marks of the block that mean nothing, or lack what they need. */
function marksAmiss({ marks }: CodeBlock): string[] {
  return marks
    .filter(({ name, value }) => MARKS[name]?.test(value) !== true)
    .map(({ name, value }) => `${name}: ${value}`);
}
