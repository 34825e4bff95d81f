import { CommandLine } from '../support/command-line.ts';
import { EchoServer } from './echoserver.ts';

const parser = new CommandLine('echoserver', 'QtWebSockets example: echoserver', {
  debug: { short: 'd', help: 'Debug output [default: off].' },
  port: {
    short: 'p',
    value: 'port',
    help: 'Port for echoserver [default: 1234].',
    default: '1234',
  },
}).process();

// As QString::toInt() and a cast to quint16: what is no number is 0, the rest is cut to 16 bits.
const wanted = parser.value('port');
const port = /^[+-]?\d{1,9}$/.test(wanted) ? Number(wanted) & 0xffff : 0;

const server = new EchoServer(port, parser.isSet('debug'));
server.on('closed', () => process.exit(0));

// Qt's example stays silent and does nothing for ever when the port is taken.
if (server.port() === 0) parser.fail(`Cannot listen on port ${port}: ${server.errorString()}`);
