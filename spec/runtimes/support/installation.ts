import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The package as users get it: packed, and installed in an empty folder with what it depends on. */
export class Installation {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'qwebsockets-'));

  static async make(): Promise<Installation> {
    const installation = new Installation();
    const { folder } = installation;
    // Packing would compile it anew, into the place that other specs read from.
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await execute('npm', pack);
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${filename}`];
    await execute('npm', install, { cwd: folder });
    return installation;
  }

  /** Puts a file of spec/runtimes beside the installed package. */
  add(name: string): void {
    cpSync(resolve('spec/runtimes', name), join(this.folder, name));
  }

  /** What a program says that runs there, when it has ended by itself. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { stdout } = await execute(command, args, { cwd: this.folder, timeout: 60_000 });
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
