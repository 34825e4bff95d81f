import { QUrl } from 'qwebsockets';
import { wholeNumber, type CommandLine } from './command-line.ts';

/** The options of a program that connects to a server, as Qt's examples have them. */
export const addressOptions = {
  hostname: {
    short: 'n',
    value: 'hostname',
    help: 'Hostname [default: localhost].',
    default: 'localhost',
  },
  port: { short: 'p', value: 'port', help: 'Port [default: 1234].', default: '1234' },
} as const;

/** The address that the options name; a port that is none ends the program. */
export function addressOf(parser: CommandLine<'hostname' | 'port'>, scheme: 'ws' | 'wss'): QUrl {
  const port = wholeNumber(parser.value('port'), 1, 65_535);
  if (port === undefined) {
    console.error(`Port invalid, must be a number between 1 and 65535\n${parser.helpText()}`);
    process.exit(1);
  }
  const url = new QUrl();
  url.setScheme(scheme);
  url.setHost(parser.value('hostname'));
  url.setPort(port);
  return url;
}
