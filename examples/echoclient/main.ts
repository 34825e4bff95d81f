import { CommandLine } from '../support/command-line.ts';
import { addressOf, addressOptions } from '../support/server-address.ts';
import { EchoClient } from './echoclient.ts';

const parser = new CommandLine('echoclient', 'QtWebSockets example: echoclient', {
  debug: { short: 'd', help: 'Debug output [default: off].' },
  ...addressOptions,
}).process();

const client = new EchoClient(addressOf(parser, 'ws'), parser.isSet('debug'));
client.on('closed', () => process.exit(0));
