// Says what a page pays for the package, minified and compressed, and fails beyond the limits.
//
//   node tools/check-size.mjs
//
// Needs dist: `npm run check:size` compiles it first.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What pages import, and how many bytes of gzip that may take. Raise a limit with a reason. */
const LIMITS = [
  { what: `import { QWebSocket } from 'qwebsockets/browser'`, limit: 17_050 },
  { what: `import { WebSocket } from 'qwebsockets/browser/qml'`, limit: 22_650 },
  { what: `import { QWebSocket, Reconnector } from 'qwebsockets/browser'`, limit: 20_600 },
  { what: `import { QObject, connect } from 'qwebsockets/browser'`, limit: 4_000 },
];

/** How many of its files are named when something is too big. */
const NAMED = 10;

async function bundle(what) {
  const names = /\{(.*)\}/.exec(what)[1];
  const { outputFiles, metafile } = await build({
    stdin: { contents: `${what}; export {${names}};`, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return { code: outputFiles[0].contents, inputs: Object.values(metafile.outputs)[0].inputs };
}

function largest(inputs) {
  return Object.entries(inputs)
    .map(([path, { bytesInOutput }]) => [bytesInOutput, path])
    .toSorted(([one], [other]) => other - one)
    .slice(0, NAMED)
    .map(([bytes, path]) => `  ${String(bytes).padStart(7)}  ${path}`)
    .join('\n');
}

for (const { what, limit } of LIMITS) {
  const { code, inputs } = await bundle(what);
  const gzip = gzipSync(code, { level: 9 }).length;
  const brotli = brotliCompressSync(code).length;
  const isTooBig = gzip > limit;
  console.log(
    `${isTooBig ? 'TOO BIG' : 'ok'}  ${what}: ${gzip} bytes with gzip (limit ${limit}), ` +
      `${brotli} with brotli, ${code.length} minified`,
  );
  if (!isTooBig) continue;
  console.log(`Minified, the largest of its files are:\n${largest(inputs)}`);
  process.exitCode = 1;
}
