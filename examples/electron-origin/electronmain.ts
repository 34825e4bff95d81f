// The main process of an Electron application: package.json's "main" leads here.
import { app, BrowserWindow, protocol } from 'electron';
import { page } from './page.ts';
import { PageServer } from './pageserver.ts';

const SCHEME = 'app';
const ORIGIN = `${SCHEME}://ui`;

// Before the application is ready. Without `standard` the origin of its pages would be "null", as
// that of every sandboxed page on the web.
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true } },
]);

const server = new PageServer(ORIGIN);

app.on('window-all-closed', () => app.quit());
app.on('quit', () => server.close());
void start();

async function start(): Promise<void> {
  await app.whenReady();
  if (!server.listen()) throw new Error(server.errorString());
  protocol.handle(SCHEME, ({ url }) =>
    url === `${ORIGIN}/` ? page(server.url()) : new Response('Not found.', { status: 404 }),
  );
  await new BrowserWindow({ width: 480, height: 240 }).loadURL(`${ORIGIN}/`);
}
