import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';

/** Serves pages and scripts from memory on loopback. */
export class Pages {
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param files what there is, by path; the ending tells the type. */
  static async serve(files: Readonly<Record<string, string>>, tls?: TlsOptions): Promise<Pages> {
    const answer: RequestListener = (request, response) => {
      const path = request.url ?? '/';
      const content = files[path];
      const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
      response
        .writeHead(content === undefined ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` })
        .end(content);
    };
    const server = tls === undefined ? createHttpServer(answer) : createHttpsServer(tls, answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Pages(server, tls === undefined ? 'http' : 'https');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A page that runs the module at `script`. */
export function pageWith(script: string): string {
  return `<!doctype html><link rel="icon" href="data:," /><script type="module" src="${script}"></script>`;
}
