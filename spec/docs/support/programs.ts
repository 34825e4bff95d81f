import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import type { CodeBlock } from './code-block.ts';

/** How a program may run at most, in milliseconds. */
const PATIENCE = 50_000;

/** How many programs run at a time: most of their time is Node's start. */
const AT_ONCE = 4;

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Blocks of code as a program each, compiled against the package as a user would. */
export class Programs {
  readonly #folder: string;
  readonly #names: ReadonlyMap<CodeBlock, string>;

  /** @param name of the folder below `build` in which they are compiled. */
  constructor(name: string, blocks: readonly CodeBlock[]) {
    this.#folder = resolve('build', name);
    this.#names = new Map(blocks.map((block) => [block, nameOf(block)]));
  }

  /** What the compiler finds wrong in each block, with the lines of its page. */
  compile(): Map<CodeBlock, string[]> {
    rmSync(this.#folder, { recursive: true, force: true });
    for (const [block, name] of this.#names) {
      const path = join(this.#folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, block.source);
    }
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(CONFIGURATION));

    const compiler = resolve('node_modules/typescript/bin/tsc');
    const args = [compiler, '-p', this.#folder, '--pretty', 'false'];
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: this.#folder,
    });
    const findings = this.#findings(stdout);
    if (status !== 0 && findings.size === 0) throw new Error(`The compiler ends with ${status}.`);
    return findings;
  }

  /** Runs what was compiled; the endings come as the programs end. */
  run(blocks: readonly CodeBlock[]): Map<CodeBlock, Promise<Ending>> {
    const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    return new Map(
      blocks.map((block, index) => {
        const lane = index % AT_ONCE;
        const ending = lanes[lane]!.then(() => this.#start(block));
        lanes[lane] = ending;
        return [block, ending];
      }),
    );
  }

  #findings(output: string): Map<CodeBlock, string[]> {
    const blocks = new Map(Array.from(this.#names, ([block, name]) => [name, block]));
    const findings = new Map<CodeBlock, string[]>();
    let current: string[] | undefined;
    for (const line of output.split('\n').filter((text) => text !== '')) {
      const place = /^(\S[^(]*)\((\d+),(\d+)\): (.*)/.exec(line);
      if (place !== null) {
        const [, name, row, column, text] = place as unknown as [
          string,
          string,
          string,
          string,
          string,
        ];
        const block = blocks.get(name.replaceAll('\\', '/'));
        if (block === undefined) throw new Error(`The compiler says of no block: ${line}`);
        current = findings.get(block) ?? [];
        findings.set(block, current);
        current.push(`${block.page}:${block.line + Number(row) - 1}:${column} ${text}`);
      } else if (current === undefined) {
        throw new Error(`The compiler says: ${output}`);
      } else {
        current.push(line);
      }
    }
    return findings;
  }

  async #start(block: CodeBlock): Promise<Ending> {
    const script = join(this.#folder, this.#names.get(block)!.replace(/ts$/, 'js'));
    const { PORT: _, NODE_OPTIONS: __, ...env } = process.env;
    const child = spawn(process.execPath, ['--enable-source-maps', script], {
      cwd: join(script, '..'),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }
}

const CONFIGURATION = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    // Pages show programs of browsers as well.
    lib: ['es2023', 'dom', 'dom.iterable'],
    skipLibCheck: true,
    moduleDetection: 'force',
    // What a page shows is for the reader to use.
    noUnusedLocals: false,
    noUnusedParameters: false,
    declaration: false,
    declarationMap: false,
  },
  include: ['.'],
  references: [],
};

/** The file of a block, below a folder of its page, so that blocks of a page can import each other. */
function nameOf({ page, line, marks }: CodeBlock): string {
  const file = marks.find(({ name }) => name === 'file')?.value ?? `line-${line}.ts`;
  return posix.join(page.replace(/\.md$/, ''), file);
}
