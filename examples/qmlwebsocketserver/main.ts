import { CommandLine } from '../support/command-line.ts';
import { TerminalWindow } from '../support/terminal-window.ts';
import { createView } from './view.ts';

new CommandLine('qmlwebsocketserver', 'QtWebSockets example: qmlwebsocketserver', {}).process();

const window = new TerminalWindow();
createView(window);
window.on('closed', () => window.deleteLater());
