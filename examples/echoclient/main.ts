import { QUrl } from 'qwebsockets';
import { CommandLine, wholeNumber } from '../support/command-line.ts';
import { EchoClient } from './echoclient.ts';

const parser = new CommandLine('echoclient', 'QtWebSockets example: echoclient', {
  debug: { short: 'd', help: 'Debug output [default: off].' },
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
url.setScheme('ws');
url.setHost(parser.value('hostname'));
url.setPort(port);

new EchoClient(url, parser.isSet('debug')).on('closed', () => process.exit(0));
