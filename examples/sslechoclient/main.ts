import { QUrl } from 'qwebsockets';
import { CommandLine, wholeNumber } from '../support/command-line.ts';
import { SslEchoClient } from './sslechoclient.ts';

const parser = new CommandLine('sslechoclient', 'QtWebSockets example: sslechoclient', {
  hostname: {
    short: 'n',
    value: 'hostname',
    help: 'Hostname [default: localhost].',
    default: 'localhost',
  },
  port: { short: 'p', value: 'port', help: 'Port [default: 1234].', default: '1234' },
}).process();

const port = wholeNumber(parser.value('port'), 1, 65_535);
if (port === undefined) {
  console.error(`Port invalid, must be a number between 1 and 65535\n${parser.helpText()}`);
  process.exit(1);
}

const url = new QUrl();
url.setScheme('wss');
url.setHost(parser.value('hostname'));
url.setPort(port);

const client = new SslEchoClient(url);
client.once('closed', (failure) => {
  // With it goes its socket, which leaves the server with 1001; nothing then keeps Node alive.
  client.deleteLater();
  if (failure !== undefined) {
    console.error(`WebSocket error: ${failure}`);
    process.exitCode = 1;
  }
});
