import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import type { PagePort } from '../../lib/electron/ports.ts';
import { QWebSocket } from '../../lib/electron/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';

describe('PortBackend', () => {
  it('says that it leaves before it closes the port', async () => {
    const asked: unknown[] = [];
    let main: PagePort | undefined;
    const socket = new QWebSocket('', undefined, null, (_request, port) => {
      main = port;
      port.addEventListener('message', ({ data }) => asked.push(data));
      port.start();
    });
    socket.open('ws://server.example/');
    socket.abort();
    while (asked.length === 0) await setImmediate();

    expect(asked).to.deep.equal([{ ask: 'leave' }]);
    main?.close();
  });

  it('asks for what is opened: without user, password or fragment lost or added', async () => {
    const urls: string[] = [];
    const socket = new QWebSocket('', undefined, null, ({ url }, port) => {
      urls.push(url);
      port.close();
    });
    for (const url of ['ws://server.example', 'wss://u:p@[::1]:8443/a%20b?c=%C3%A4#d']) {
      const failed = emitted(socket.errorOccurred);
      socket.open(url);
      await failed;
    }

    expect(urls).to.deep.equal(['ws://server.example/', 'wss://u:p@[::1]:8443/a%20b?c=%C3%A4']);
  });
});
