import { WebSocket, WebSocketServer } from 'qwebsockets/qml';
import type { TerminalWindow } from '../support/terminal-window.ts';

/** Fills `window` as main.qml does: with a server, a client of it, and a click that sends. */
export function createView(window: TerminalWindow): void {
  const server = new WebSocketServer(
    {
      listen: true,
      onClientConnected: (webSocket) => {
        webSocket.textMessageReceived.connect((message) => {
          window.append(`Server received message: ${message}`);
          webSocket.sendTextMessage('Hello Client!');
        });
      },
      onErrorStringChanged: (errorString) => window.append(`Server error: ${errorString}`),
    },
    window,
  );

  const socket = new WebSocket(
    {
      url: () => server.url,
      onTextMessageReceived: (message) => window.append(`Client received message: ${message}`),
      onStatusChanged(status) {
        if (status === WebSocket.Error) window.append(`Client error: ${this.errorString}`);
        else if (status === WebSocket.Closed) window.append('Client socket closed.');
      },
    },
    window,
  );

  window.append('Click to send a message!');
  window.on('clicked', () => socket.sendTextMessage('Hello Server!'));

  const timer = setTimeout(() => (socket.active = true), 100);
  window.on('destroyed', () => clearTimeout(timer));
}
