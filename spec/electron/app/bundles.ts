import { build } from 'esbuild';
import { resolve } from 'node:path';

/** Where the scripts of the scenarios are once they are bundled. */
export const bundles = {
  preload: resolve('build/electron/preload.cjs'),
  page: resolve('build/electron/page.js'),
} as const;

/** Bundles them; fails when one needs what a sandboxed preload script or a page does not have. */
export async function makeBundles(): Promise<void> {
  const common = {
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  } as const;
  await Promise.all([
    build({
      ...common,
      entryPoints: [resolve('build/spec/electron/app/preload.js')],
      outfile: bundles.preload,
      format: 'cjs',
      external: ['electron'],
    }),
    build({
      ...common,
      entryPoints: [resolve('build/spec/electron/app/page.js')],
      outfile: bundles.page,
      format: 'esm',
    }),
  ]);
}
