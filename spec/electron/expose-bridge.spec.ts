import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { exposeBridge } from '../../lib/electron/expose-bridge.ts';
import { QWebSocket } from '../../lib/electron/qwebsocket.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { FakeIpc, FakeWindow } from '../support/fake-electron.ts';

describe('exposeBridge()', () => {
  let page: FakeWindow;
  let ipc: FakeIpc;
  let heard: unknown[];

  beforeEach(() => {
    page = new FakeWindow();
    ipc = new FakeIpc();
    heard = [];
    ipc.on('qwebsockets', (_event, request) => heard.push(request));
    exposeBridge({ contextBridge: page.contextBridge, ipcRenderer: ipc });
  });

  afterEach(() => {
    page.remove();
    for (const port of ipc.ports) port.close();
  });

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  }

  it('shows the page that there is a bridge, and nothing else', () => {
    const shown = (globalThis as { qwebsockets?: object }).qwebsockets;

    expect(shown).to.deep.equal({ version: 1 });
    expect(Object.isFrozen(shown)).to.equal(true);
  });

  it('passes on what the page asks for, with its port', async () => {
    page.post({ qwebsockets: { version: 1 } }, [new MessageChannel().port1], globalThis);
    await settle();

    expect(heard).to.deep.equal([{ version: 1 }]);
    expect(ipc.ports).to.have.lengthOf(1);
  });

  it('keeps it from other listeners of the page', async () => {
    const others: unknown[] = [];
    globalThis.addEventListener('message', (event) => others.push(event));
    page.post({ qwebsockets: {} }, [], globalThis);
    page.post({ another: {} }, [], globalThis);
    await settle();

    expect(others).to.have.lengthOf(1);
  });

  it('does not hear frames inside the page', async () => {
    page.post({ qwebsockets: { version: 1 } }, [new MessageChannel().port1], {});
    await settle();

    expect(heard).to.deep.equal([]);
  });

  for (const message of [null, 'qwebsockets', 5, [], { other: 1 }]) {
    it(`does not hear ${JSON.stringify(message)}`, async () => {
      page.post(message, [], globalThis);
      await settle();

      expect(heard).to.deep.equal([]);
    });
  }

  it('has a page of another version fail at once', () => {
    page.contextBridge.exposeInMainWorld('qwebsockets', { version: 2 });
    const socket = new QWebSocket();
    socket.open('ws://server.example/');

    expect(socket.error()).to.equal(SocketError.UnsupportedSocketOperationError);
    expect(socket.errorString()).to.include('different versions');
  });
});
