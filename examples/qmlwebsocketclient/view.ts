import { WebSocket } from 'qwebsockets/qml';
import type { TerminalWindow } from '../support/terminal-window.ts';

/** Fills `window` as main.qml does; a click opens and closes the connections to both URLs. */
export function createView(window: TerminalWindow, url: string, secureUrl: string): void {
  let isUntouched = true;

  const append = (line: string): void => {
    isUntouched = false;
    window.append(line);
  };

  const socket = new WebSocket(
    {
      url,
      onTextMessageReceived: (message) => append(`Received message: ${message}`),
      onStatusChanged(status) {
        if (status === WebSocket.Error) {
          console.error(`Error: ${this.errorString}`);
        } else if (status === WebSocket.Open) {
          // In QML a binding shows it, until something is appended.
          if (isUntouched) window.append('Sending...');
          this.sendTextMessage('Hello World');
        } else if (status === WebSocket.Closed) {
          append('Socket closed');
        }
      },
    },
    window,
  );

  const secureSocket = new WebSocket(
    {
      url: secureUrl,
      onTextMessageReceived: (message) => append(`Received secure message: ${message}`),
      onStatusChanged(status) {
        if (status === WebSocket.Error) console.error(`Error: ${this.errorString}`);
        else if (status === WebSocket.Open) this.sendTextMessage('Hello Secure World');
        else if (status === WebSocket.Closed) append('Secure socket closed');
      },
    },
    window,
  );

  window.append('Welcome!');
  window.on('clicked', () => {
    socket.active = !socket.active;
    secureSocket.active = !secureSocket.active;
  });
}
