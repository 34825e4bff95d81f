// The part of Electron's own types that the example needs: the package is not installed here. In an
// application of yours, leave this file out.
declare module 'electron' {
  export const app: {
    whenReady(): Promise<void>;
    on(event: 'window-all-closed' | 'quit', listener: () => void): unknown;
    quit(): void;
  };

  export class BrowserWindow {
    constructor(options: { width: number; height: number });
    loadURL(url: string): Promise<void>;
  }

  export const protocol: {
    registerSchemesAsPrivileged(
      schemes: { scheme: string; privileges: { standard: boolean; secure: boolean } }[],
    ): void;
    handle(scheme: string, handler: (request: { readonly url: string }) => Response): void;
  };
}
