import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What npm says about the file that it has made. */
interface Packed {
  readonly filename: string;
  /** In bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** The package as users get it: packed, and installed in an empty folder with what it depends on. */
export class Installation {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'qwebsockets-'));
  #packed: Packed | undefined;

  static async make(): Promise<Installation> {
    const installation = new Installation();
    const { folder } = installation;
    // Packing would compile it anew, into the place that other specs read from.
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await execute('npm', pack);
    const [packed] = JSON.parse(stdout) as [Packed];
    installation.#packed = packed;
    await installation.install('.', `./${packed.filename}`);
    return installation;
  }

  get packed(): Packed {
    return this.#packed!;
  }

  /** Installs `packages` in `place`, a folder below the package or its own; it is made. */
  async install(place: string, ...packages: string[]): Promise<void> {
    const cwd = join(this.folder, place);
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'package.json'), '{ "private": true, "type": "module" }');
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages];
    await execute('npm', install, { cwd });
  }

  /** Puts a file of spec/runtimes beside the installed package. */
  add(name: string): void {
    cpSync(resolve('spec/runtimes', name), join(this.folder, name));
  }

  /** What a program says that runs there, when it has ended by itself. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { stdout } = await execute(command, args, { cwd: this.folder, timeout: 120_000 });
    return stdout;
  }

  /** What a program says that runs there, also when it fails. */
  async try(command: string, ...args: string[]): Promise<string> {
    return this.run(command, ...args).catch((error: { stdout?: string }) => {
      if (error.stdout === undefined || error.stdout === '') throw error;
      return error.stdout;
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
