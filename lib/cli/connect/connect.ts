import type { Command } from 'commander';
import { CloseCode } from '../../index.ts';
import { escapedLines } from '../escaped.ts';
import type { ExitCode } from '../exit-code.ts';
import { shutdownRequest } from '../shutdown-request.ts';
import { clientFor } from './client.ts';
import { withConnectOptions, type ConnectOptions } from './connect-options.ts';
import { Conversation, type Source } from './conversation.ts';
import { GivenMessages } from './given-messages.ts';
import { HistoryFile, historyPath } from './history-file.ts';
import { JsonVoice } from './json-voice.ts';
import { PipedMessages } from './piped-messages.ts';
import { PipeVoice } from './pipe-voice.ts';
import { TerminalVoice } from './terminal-voice.ts';
import { TypedMessages } from './typed-messages.ts';
import type { Voice } from './voice.ts';

const UNCHECKED =
  'The certificate of the server is not checked (--no-check): anybody on the way can read and change everything.';

/** How much of the output may wait for who reads it, in bytes. */
const MOST_UNREAD = 64 * 1024 * 1024;

/** Adds `qws connect` to the program. */
export function addConnect(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('connect')
    .summary('talk to a server')
    .description(
      'Connects to a server. At a terminal, what you type is sent and what comes is shown. ' +
        'Otherwise each line of standard input is a message, and each message a line of output.',
    )
    .argument('<url>', 'ws://, wss:// or ws+unix:; ws:// may be left out');
  withConnectOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  qws connect localhost:1234
  qws connect wss://api.example/feed -H 'Authorization: Bearer …' -s feed.v2
  qws connect wss://10.0.0.7 --ca authority.crt --proxy socks5://127.0.0.1:1080
  qws connect ws://localhost:1234 -x '{"op":"ping"}' --wait 1
  cat commands.txt | qws connect ws://localhost:1234 --wait forever --json

Other users of the machine can see the command line: QWS_PASSWORD and QWS_PASSPHRASE, or the
question at the terminal, keep a password and a passphrase from them. QWS_HISTORY names another
history file, or none when it is empty. HTTP_PROXY, HTTPS_PROXY, WS_PROXY, WSS_PROXY, ALL_PROXY and
NO_PROXY are heeded.`,
    )
    .action(async (url: string, options: ConnectOptions) => end(await connect(url, options)));
}

async function connect(url: string, options: ConnectOptions): Promise<ExitCode> {
  const client = await clientFor(url, options);
  const { source, voice } = participants(options);
  if (!options.check) voice.warning(UNCHECKED);
  const conversation = new Conversation(client, voice, source, options.pingInterval);
  // Where pipes are asynchronous, what nobody reads waits in memory.
  const checkReader = () => {
    if (process.stdout.writableLength > MOST_UNREAD) conversation.abort('Nobody reads the output.');
  };
  client.socket.textMessageReceived.connect(checkReader);
  client.socket.binaryMessageReceived.connect(checkReader);
  client.socket.pong.connect(checkReader);
  const ended = conversation.run();
  void shutdownRequest().then(() => conversation.close(CloseCode.CloseCodeGoingAway));
  return ended;
}

interface Participants {
  readonly source: Source;
  readonly voice: Voice;
}

function participants({ json, execute, wait, history }: ConnectOptions): Participants {
  const { stdin, stdout, stderr } = process;
  const isTyped = stdin.isTTY && stdout.isTTY && !json && execute.length === 0;
  if (isTyped) {
    const path = history ? historyPath(process.env) : undefined;
    const file = path === undefined ? undefined : new HistoryFile(path);
    const typed = new TypedMessages(stdin, stdout, file);
    return {
      source: typed,
      voice: new TerminalVoice((line) => typed.write(line), stdout.hasColors()),
    };
  }
  const source =
    execute.length > 0 ? new GivenMessages(execute, wait) : new PipedMessages(stdin, wait);
  const out = (line: string) => void stdout.write(`${line}\n`);
  const log = (line: string) => void stderr.write(`${line}\n`);
  const show = stdout.isTTY ? escapedLines : (text: string) => text;
  return { source, voice: json ? new JsonVoice(out) : new PipeVoice(out, log, show) };
}
