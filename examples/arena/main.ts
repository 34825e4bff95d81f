import { CommandLine } from '../support/command-line.ts';
import { createPageServer } from '../support/page-server.ts';
import { runWebProgram, webOptions } from '../support/web-program.ts';
import { ArenaServer } from './arenaserver.ts';

const parser = new CommandLine(
  'arena',
  'A small game for everyone who opens its page: collect more gems than the others.',
  webOptions,
).process();

const arena = new ArenaServer();
const http = createPageServer(
  { '/': 'index.html', '/protocol.js': 'protocol.js', '/motion.js': 'motion.js' },
  import.meta.url,
);
runWebProgram(parser, {
  title: 'Arena',
  http,
  start: () => arena.start(http),
  shutDown: () => arena.shutDown(),
});
