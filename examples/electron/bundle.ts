import { build, type BuildOptions } from 'esbuild';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the preload script and the page's script, each into one file: a sandboxed preload script
 * can require next to nothing, and a page nothing at all.
 */
export async function bundle(): Promise<void> {
  const common = { bundle: true, minify: true, target: 'es2022', platform: 'browser' } as const;
  const preload: BuildOptions = { ...common, format: 'cjs', external: ['electron'] };
  await Promise.all([
    build({ ...preload, entryPoints: [at('preload.js')], outfile: at('bundle/preload.cjs') }),
    build({ ...common, entryPoints: [at('page.js')], outfile: at('bundle/page.js') }),
  ]);
}

function at(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
