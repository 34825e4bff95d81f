import { PeerProgram } from './peer-program.ts';

/** Starts Qt's QWebChannel with the objects of tools/interop/qt-webchannel.py; returns its URL too. */
export async function startQtHost(): Promise<[host: PeerProgram, url: string]> {
  const host = await PeerProgram.start({
    command: process.env['PYTHON'] ?? '/usr/bin/python3',
    args: ['tools/interop/qt-webchannel.py'],
    needs:
      'Install Qt: apt-get install python3-pyqt6 python3-pyqt6.qtwebsockets python3-pyqt6.qtwebchannel',
  });
  host.tell({ do: 'listen', subprotocols: [] });
  const { port } = await host.next('listening');
  return [host, `ws://127.0.0.1:${port}/`];
}
