import { QSslConfiguration, QUrl } from 'qwebsockets';
import { fileURLToPath } from 'node:url';
import { EchoServer } from '../echoserver/echoserver.ts';
import { SslEchoServer } from '../sslechoserver/sslechoserver.ts';
import { CommandLine } from '../support/command-line.ts';
import { TerminalWindow } from '../support/terminal-window.ts';
import { createView } from './view.ts';

// Qt's example has no options: its URLs, which need the internet, are the defaults.
const parser = new CommandLine('qmlwebsocketclient', 'QtWebSockets example: qmlwebsocketclient', {
  url: {
    value: 'url',
    help: 'Echo server [default: ws://ws.ifelse.io].',
    default: 'ws://ws.ifelse.io',
  },
  'secure-url': {
    value: 'url',
    help: 'Echo server with TLS [default: wss://ws.ifelse.io].',
    default: 'wss://ws.ifelse.io',
  },
  local: { short: 'l', help: 'Starts both echo servers on this computer and uses them.' },
}).process();

const [url, secureUrl] = [urlOption('url'), urlOption('secure-url')];
const window = new TerminalWindow();
if (!parser.isSet('local') && new QUrl(url).host() === 'ws.ifelse.io') {
  console.error('The servers are on the internet; without it, start the program with --local.');
}
if (parser.isSet('local')) createView(window, ...startServers());
else createView(window, url, secureUrl);
window.on('closed', () => window.deleteLater());

function urlOption(name: 'url' | 'secure-url'): string {
  const value = new QUrl(parser.value(name));
  if (value.isValid() && /^wss?$/.test(value.scheme())) return value.toString();
  return parser.fail(`The ${name} must be a URL that begins with ws:// or wss://.`);
}

function startServers(): readonly [url: string, secureUrl: string] {
  const certificate = new URL('../sslechoserver/localhost.cert', import.meta.url);
  const configuration = QSslConfiguration.defaultConfiguration();
  configuration.addCaCertificates(fileURLToPath(certificate));
  // A WebSocket of QML has no property for it.
  QSslConfiguration.setDefaultConfiguration(configuration);

  const [server, secureServer] = [new EchoServer(0), new SslEchoServer(0)];
  window.on('closed', () => {
    server.close();
    secureServer.close();
  });
  return [`ws://localhost:${server.port()}`, `wss://localhost:${secureServer.port()}`];
}
