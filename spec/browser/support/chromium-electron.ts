import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { decoded, encoded, WORLD_SCRIPT, type Told } from './electron-world.ts';

/** The name of the isolated world of preload scripts, which Electron calls so, too. */
const WORLD = 'Electron Isolated Context';

type Handler = (request: { readonly url: string }) => Response | Promise<Response>;

interface WindowOptions {
  readonly webPreferences?: { readonly preload?: string };
}

/** A MessagePortMain whose other end is in Chromium. */
class RemotePort extends EventEmitter {
  readonly #post: (message: unknown) => void;
  readonly #disconnect: () => void;
  #early: unknown[] | undefined = [];
  #isClosed = false;

  constructor(post: (message: unknown) => void, disconnect: () => void) {
    super();
    this.#post = post;
    this.#disconnect = disconnect;
  }

  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const data of early) this.receive(data);
  }

  receive(data: unknown): void {
    if (this.#early !== undefined) this.#early.push(data);
    else this.emit('message', { data, ports: [] });
  }

  postMessage(message: unknown): void {
    // Electron's says nothing either when nobody is there any more.
    if (!this.#isClosed) this.#post(message);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#disconnect();
    this.emit('close');
  }

  gone(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit('close');
  }
}

/**
 * As much of Electron as the library, its example and their scenarios use, with Node in the place of
 * the main process and Chromium's pages for windows: preload scripts run in an isolated world, and
 * everything that passes between the processes is written down and read again.
 *
 * Schemes of an application come over http here: Chromium knows them only when it is built so.
 */
export class ChromiumElectron {
  readonly app: EventEmitter & { whenReady(): Promise<void>; quit(): void };
  readonly ipcMain: EventEmitter & {
    handle(channel: string, listener: (event: object, ...args: unknown[]) => unknown): void;
  };
  readonly powerMonitor = new EventEmitter();
  readonly protocol = {
    registerSchemesAsPrivileged: (): void => {},
    handle: (scheme: string, handler: Handler): void => void this.#schemes.set(scheme, handler),
  };
  readonly BrowserWindow: new (options: WindowOptions) => {
    loadURL(url: string): Promise<void>;
    close(): void;
  };
  /** The pages of the windows, in the order in which they were opened. */
  readonly pages: Page[] = [];
  readonly #schemes = new Map<string, Handler>();
  readonly #invokable = new Map<string, (event: object, ...args: unknown[]) => unknown>();
  readonly #context: Promise<BrowserContext>;
  #contents = 0;

  constructor(browser: Browser) {
    this.#context = browser.newContext();
    const quit = (): void => void this.app.emit('quit');
    this.app = Object.assign(new EventEmitter(), { whenReady: () => Promise.resolve(), quit });
    this.ipcMain = Object.assign(new EventEmitter(), {
      handle: (channel: string, listener: (event: object, ...args: unknown[]) => unknown) =>
        void this.#invokable.set(channel, listener),
    });
    // eslint-disable-next-line typescript/no-this-alias -- the class inside has a `this` of its own
    const electron = this;
    this.BrowserWindow = class {
      readonly #page: Promise<Page>;

      constructor({ webPreferences }: WindowOptions) {
        this.#page = electron.#open(webPreferences?.preload);
      }

      async loadURL(url: string): Promise<void> {
        await (await this.#page).goto(electron.#fromApplication(url));
      }

      close(): void {
        void this.#page.then((page) => page.close());
      }
    };
  }

  async close(): Promise<void> {
    await (await this.#context).close();
  }

  async #open(preload: string | undefined): Promise<Page> {
    const context = await this.#context;
    const page = await context.newPage();
    await page.route('http://*.application.invalid/**', async (route) => {
      const url = this.#toApplication(route.request().url());
      const handler = this.#schemes.get(new URL(url).protocol.slice(0, -1));
      const response = (await handler?.({ url })) ?? new Response('', { status: 404 });
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      });
    });
    if (preload !== undefined) await this.#preload(page, readFileSync(preload, 'utf8'));
    this.pages.push(page);
    page.on('close', () => {
      this.pages.splice(this.pages.indexOf(page), 1);
      if (this.pages.length === 0) this.app.emit('window-all-closed');
    });
    return page;
  }

  async #preload(page: Page, source: string): Promise<void> {
    const contents = ++this.#contents;
    const session = await page.context().newCDPSession(page);
    const ports = new Map<string, RemotePort>();
    const parts: string[] = [];
    session.on('Runtime.bindingCalled', ({ payload, executionContextId }) => {
      parts.push(payload.slice(1));
      if (payload.startsWith('+')) return;
      const told = decoded(parts.splice(0).join('')) as Told;
      this.#hear(told, { page, contents, session, world: executionContextId, ports });
    });
    const forget = (): void => {
      for (const port of ports.values()) port.gone();
      ports.clear();
    };
    session.on('Runtime.executionContextsCleared', forget);
    page.on('close', forget);
    await session.send('Runtime.enable');
    await session.send('Page.enable');
    await session.send('Runtime.addBinding', { name: 'toMain', executionContextName: WORLD });
    const { page: inPage, preload: inWorld } = WORLD_SCRIPT;
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: `(${inPage})()` });
    await session.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `(${inWorld})((require, module, exports) => {${source}\n});`,
      worldName: WORLD,
    });
  }

  #hear(told: Told, visit: Visit): void {
    const { page, contents, session, world, ports } = visit;
    const tell = (...args: unknown[]): void => {
      const expression = `fromMain(${JSON.stringify(encoded(args))})`;
      // The page may be gone.
      void session.send('Runtime.evaluate', { expression, contextId: world }).catch(() => {});
    };
    const url = this.#toApplication(page.mainFrame().url());
    const { origin, protocol, host } = new URL(url);
    const senderFrame = { url, origin: origin === 'null' ? `${protocol}//${host}` : origin };
    switch (told.kind) {
      case 'message': {
        const opened = told.ports.map((id) => {
          const port = new RemotePort(
            (message) => tell('message', id, message),
            () => tell('close', id),
          );
          ports.set(id, port);
          return port;
        });
        const event = { sender: { id: contents }, senderFrame, ports: opened };
        this.ipcMain.emit(told.channel, event, told.message);
        break;
      }
      case 'invoke':
        void Promise.resolve(
          this.#invokable.get(told.channel)?.({ senderFrame }, ...told.args),
        ).then((result) => tell('result', told.id, result));
        break;
      case 'port':
        ports.get(told.id)?.receive(told.message);
        break;
      case 'closed':
        ports.get(told.id)?.gone();
        ports.delete(told.id);
        break;
    }
  }

  /** `app://ui/x` as `http://ui.app.application.invalid/x`. */
  #fromApplication(url: string): string {
    return url.replace(/^(\w+):\/\/([\w-]+)/, (whole, scheme: string, host: string) =>
      this.#schemes.has(scheme) ? `http://${host}.${scheme}.application.invalid` : whole,
    );
  }

  #toApplication(url: string): string {
    return url.replace(/^http:\/\/([\w-]+)\.(\w+)\.application\.invalid/, '$2://$1');
  }
}

interface Visit {
  readonly page: Page;
  readonly contents: number;
  readonly session: CDPSession;
  readonly world: number;
  readonly ports: Map<string, RemotePort>;
}
