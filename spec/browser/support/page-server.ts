import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { listenOnLoopback } from '../../support/ports.ts';

export interface PagesOptions {
  /** With what the pages come by https. */
  readonly tls?: TlsOptions;
  /** What is done with what a page sends, by path; what comes of it is the answer. */
  readonly posts?: Readonly<Record<string, (body: string) => unknown>>;
}

/** Serves pages and scripts from memory on loopback. */
export class Pages {
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param files what there is, by path; the ending tells the type. */
  static async serve(
    files: Readonly<Record<string, string>>,
    { tls, posts = {} }: PagesOptions = {},
  ): Promise<Pages> {
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const path = request.url ?? '/';
      const post = request.method === 'POST' ? posts[path] : undefined;
      const content = post === undefined ? files[path] : await post(await text(request));
      const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
      response
        .writeHead(path in files || post !== undefined ? 200 : 404, {
          'Content-Type': `${type}; charset=utf-8`,
        })
        .end(content ?? '');
    };
    const listener: RequestListener = (request, response) => void answer(request, response);
    const server =
      tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
    await listenOnLoopback(server);
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
