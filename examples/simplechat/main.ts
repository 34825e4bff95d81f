import { CommandLine } from '../support/command-line.ts';
import { numberOption, portOption } from '../support/web-program.ts';
import { ChatServer } from './chatserver.ts';

// Qt's example has no options.
const parser = new CommandLine('simplechat', 'QtWebSockets example: simplechat', {
  port: portOption,
}).process();

const port = numberOption(parser, 'port', 0, 65_535) ?? 0;
const server = new ChatServer(port);

// Qt's example stays silent and does nothing for ever when the port is taken.
if (server.port() === 0) parser.fail(`Cannot listen on port ${port}: ${server.errorString()}`);
