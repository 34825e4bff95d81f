import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Rollup } from 'vite';
import { applicationFolder, type Bundled } from './bundles.ts';

/** Bundles a program for browsers with Vite, as `vite build` makes it of a page; fails when it warns of anything. */
export async function bundleWithVite(name: string, program: string): Promise<Bundled> {
  const root = applicationFolder(`vite-${name}`);
  writeFileSync(join(root, 'index.html'), '<script type="module" src="/main.js"></script>');
  writeFileSync(join(root, 'main.js'), program);
  const result = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      modulePreload: false,
      rollupOptions: {
        onwarn: (warning) => {
          throw new Error(warning.message);
        },
      },
    },
  });
  const { output } = result as Rollup.RollupOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  return {
    code: chunks.map(({ code }) => code).join('\n'),
    inputs: chunks.flatMap(({ moduleIds }) => moduleIds),
  };
}
