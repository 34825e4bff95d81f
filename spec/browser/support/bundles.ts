import { build, type BuildOptions } from 'esbuild';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A program as a page would write it. */
export interface Bundled {
  readonly code: string;
  /** The files that it was made from, seen from here. */
  readonly inputs: readonly string[];
}

/**
 * A folder like that of a web application that has installed this package, so that bundlers find
 * it by its name and its conditions.
 */
export function applicationFolder(name: string): string {
  const folder = resolve('build/bundles', name);
  const packages = join(folder, 'node_modules');
  mkdirSync(packages, { recursive: true });
  try {
    symlinkSync(resolve('.'), join(packages, 'qwebsockets'), 'junction');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return folder;
}

/** Bundles a program for browsers with esbuild; fails when it needs anything of Node. */
export async function bundle(program: string, options: BuildOptions = {}): Promise<Bundled> {
  const result = await build({
    stdin: { contents: program, resolveDir: applicationFolder('esbuild') },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    write: false,
    metafile: true,
    ...options,
  });
  return { code: result.outputFiles![0]!.text, inputs: Object.keys(result.metafile!.inputs) };
}
