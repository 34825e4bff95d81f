import type * as Electron from 'electron';
import { readFileSync } from 'node:fs';
import { SocketBridge } from '../../../lib/electron/socket-bridge.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { WsEchoPeer } from '../../support/echo-peer.ts';
import { bundles } from './bundles.ts';

/** What mocha found out. */
export interface Outcome {
  readonly passed: string[];
  readonly failed: string[];
}

const PAGE = `<!doctype html><link rel="icon" href="data:," /><div id="mocha"></div>
<script src="mocha.js"></script>
<script>
  mocha.setup({ ui: 'bdd', timeout: 20000, reporter: class {} });
</script>
<script type="module" src="page.js"></script>`;

/** As much of Electron as is needed for it. */
export type ScenarioElectron = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'ipcMain' | 'protocol'
>;

/**
 * Goes through the contract of QWebSockets in a sandboxed, context-isolated page whose sockets live
 * in this process.
 */
export async function pageScenarios(electron: ScenarioElectron): Promise<Outcome> {
  const { app, BrowserWindow, ipcMain, protocol } = electron;
  const files = new Map<string, [type: string, body: string]>([
    ['/', ['text/html', PAGE]],
    ['/mocha.js', ['text/javascript', readFileSync('node_modules/mocha/mocha.js', 'utf8')]],
    ['/page.js', ['text/javascript', readFileSync(bundles.page, 'utf8')]],
  ]);
  const peers = new Map<string, WsEchoPeer>();
  const bridge = new SocketBridge(ipcMain, {
    admit: ({ page }) => (page.origin === 'app://scenarios' ? new QWebSocket() : null),
  });
  try {
    protocol.registerSchemesAsPrivileged([
      { scheme: 'app', privileges: { standard: true, secure: true } },
    ]);
    await app.whenReady();
    protocol.handle('app', ({ url }) => {
      const [type, body] = files.get(new URL(url).pathname) ?? ['text/plain', 'Not found.'];
      return new Response(body, { headers: { 'content-type': `${type}; charset=utf-8` } });
    });
    ipcMain.handle('startPeer', async () => {
      const peer = await WsEchoPeer.start();
      peers.set(peer.url, peer);
      return peer.url;
    });
    ipcMain.handle('stopPeer', (_event, url: string) => peers.get(url)?.stop());
    const outcome = new Promise<Outcome>((resolve) => {
      ipcMain.handle('report', (_event, found: Outcome) => resolve(found));
    });
    const window = new BrowserWindow({
      show: false,
      webPreferences: { preload: bundles.preload, sandbox: true, contextIsolation: true },
    });
    await window.loadURL('app://scenarios/');
    return await outcome;
  } finally {
    for (const peer of peers.values()) peer.stop();
    bridge.close();
  }
}
