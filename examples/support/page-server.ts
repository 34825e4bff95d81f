import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

const SHARED = ['page.css', 'live-socket.js', 'back-off.js'];

/** What is served under a path. */
export interface Content {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** What a page may do: run what came with it, and talk to the server it came from. */
const POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; " +
  "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Makes an HTTP server for a few files, beside which WebSocket servers can be attached.
 *
 * The files are read once, here. What the pages share is always among them, below `/support/`.
 *
 * @param files - what is served under which path: `{ '/': 'index.html' }`
 * @param folder - the URL against which the names of the files are resolved: `import.meta.url`
 * @param others - what is served beside the files; what changes is asked for with each request
 */
export function createPageServer(
  files: Readonly<Record<string, string>>,
  folder: string,
  others: Readonly<Record<string, Content | (() => Content)>> = {},
): Server {
  const shared = SHARED.map(
    (name) => [`/support/${name}`, new URL(name, import.meta.url)] as const,
  );
  const own = Object.entries(files).map(([path, name]) => [path, new URL(name, folder)] as const);
  const contents = new Map<string, Content | (() => Content)>(Object.entries(others));
  for (const [path, url] of [...shared, ...own]) {
    const type = TYPES[extname(url.pathname)] ?? 'text/plain';
    contents.set(path, { type, body: readFileSync(url) });
  }
  return createServer((request: IncomingMessage, response: ServerResponse) => {
    const found = contents.get(request.url?.split('?', 1)[0] ?? '');
    const file = typeof found === 'function' ? found() : found;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (file === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found.\n');
    } else {
      response
        .writeHead(200, {
          'content-type': file.type,
          'content-security-policy': POLICY,
          'x-content-type-options': 'nosniff',
        })
        .end(request.method === 'HEAD' ? undefined : file.body);
    }
  });
}
