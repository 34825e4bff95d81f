import type * as Electron from 'electron';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KeepAlive, QHttpHeaders, QWebSocket } from 'qwebsockets';
import { SocketBridge } from 'qwebsockets/electron';
import { RoomServer } from './roomserver.ts';

const SCHEME = 'app';
const ORIGIN = `${SCHEME}://chat`;

/** The page connects to nothing itself: its socket lives in this process. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; " +
  "base-uri 'none'; form-action 'none'";

const FILES = new Map([
  ['/', { type: 'text/html', path: './index.html' }],
  ['/bundle/page.js', { type: 'text/javascript', path: './bundle/page.js' }],
  ['/support/page.css', { type: 'text/css', path: '../support/page.css' }],
]);

/** What the application uses of Electron; a spec has something else in its place. */
export type ChatElectron = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'ipcMain' | 'powerMonitor' | 'protocol'
>;

/** Opens a chat room and two windows of it. To be called before Electron is ready. */
export async function startApplication(electron: ChatElectron): Promise<void> {
  const { app, BrowserWindow, ipcMain, powerMonitor, protocol } = electron;
  // Without `standard` the origin of its pages would be "null", as that of many on the web.
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true } },
  ]);
  const room = new RoomServer(ORIGIN);
  app.on('window-all-closed', () => app.quit());

  await app.whenReady();
  if (!room.listen()) throw new Error(room.errorString());
  const keepAlive = new KeepAlive({ wakeSource: powerMonitor });
  const bridge = new SocketBridge(ipcMain, {
    admit: ({ url, page }) => {
      if (page.origin !== ORIGIN || url !== room.url()) return null;
      const socket = new QWebSocket(ORIGIN);
      keepAlive.add(socket);
      // The secret stays in this process; no page sees it.
      const headers = QHttpHeaders.fromListOfPairs([['Authorization', room.authorization]]);
      return { socket, headers };
    },
  });
  bridge.refused.connect((reason) => console.error(reason));
  app.on('quit', () => {
    keepAlive.deleteLater();
    bridge.close();
    room.close();
  });

  protocol.handle(SCHEME, ({ url }) => answer(url, room.url()));
  for (let i = 0; i < 2; i++) {
    const window = new BrowserWindow({
      width: 480,
      height: 560,
      webPreferences: {
        preload: fileURLToPath(new URL('./bundle/preload.cjs', import.meta.url)),
        sandbox: true,
        contextIsolation: true,
      },
    });
    await window.loadURL(`${ORIGIN}/`);
  }
}

function answer(url: string, roomUrl: string): Response {
  const { host, pathname } = new URL(url);
  const file = host === 'chat' ? FILES.get(pathname) : undefined;
  if (file === undefined) return new Response('Not found.', { status: 404 });
  const body = readFileSync(new URL(file.path, import.meta.url), 'utf8');
  const headers = {
    'content-type': `${file.type}; charset=utf-8`,
    'content-security-policy': POLICY,
  };
  return new Response(body.replace('{{room}}', roomUrl), { headers });
}
