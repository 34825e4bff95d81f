import { itWorksTogetherWith } from './support/interop-contract.ts';
import { PeerProgram } from './support/peer-program.ts';

// Qt 6.4 has limits of its own, and is asked for nothing beyond them:
//
// - A text frame that ends inside a character fails the message: ours do not end there.
// - Without a Close frame its closeCode() stays what it was: codeWhenCut.
// - Its server loses what arrives before nextPendingConnection() is called: the peer program calls
//   it in the slot of newConnection, and clients speak when they are connected.
// - close() shuts TCP down at once: nothing is on its way any more when the peer is told to close.
// - Its server answers 40 ms late over TLS 1.3: 1000 connections in a row have TLS 1.2.
describe("Qt's QWebSocket and QWebSocketServer", () => {
  itWorksTogetherWith({
    start: () =>
      PeerProgram.start({
        command: process.env['PYTHON'] ?? '/usr/bin/python3',
        args: ['tools/interop/qt-peer.py'],
        needs: 'Install Qt: apt-get install python3-pyqt6 python3-pyqt6.qtwebsockets',
      }),
    codeWhenCut: 1000,
    oneAfterAnother: 1000,
    atOnce: 200,
  });
});
