import { InvalidArgumentError, Option, type Command } from 'commander';
import { repeatable, seconds, wholeNumber } from '../option-values.ts';

/** What `qws connect` is asked for. */
export interface ConnectOptions {
  readonly header: readonly string[];
  readonly subprotocol: readonly string[];
  readonly origin: string;
  readonly auth?: string;
  /** False for none, not even that of the environment. */
  readonly proxy?: string | false;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly check: boolean;
  readonly compress: boolean;
  readonly execute: readonly string[];
  /** In milliseconds; Infinity for as long as the server likes. */
  readonly wait: number;
  readonly json: boolean;
  readonly history: boolean;
  /** In milliseconds. */
  readonly pingInterval?: number;
  readonly maxMessage: number;
  /** In milliseconds. */
  readonly connectTimeout: number;
}

const LARGEST_MESSAGE = 2 ** 31 - 2;

/** Gives `command` the options of `qws connect`. */
export function withConnectOptions(command: Command): Command {
  return command
    .option('-H, --header <name:value>', 'send a header; repeatable', repeatable, [])
    .option('-s, --subprotocol <name>', 'ask for a subprotocol; repeatable', repeatable, [])
    .option('-o, --origin <origin>', 'send an Origin, as browsers do', '')
    .option(
      '--auth <user[:password]>',
      'log in where the server asks for it (Basic, Digest); without a password, QWS_PASSWORD or a question',
    )
    .option('--proxy <url>', 'http://, https:// or socks5:// and [user:password@]host[:port]')
    .option('--no-proxy', 'use no proxy, not even that of the environment')
    .option('--ca <file>', 'trust these authorities as well (PEM)')
    .option('--cert <file>', 'show this certificate to the server (PEM); with --key')
    .option('--key <file>', 'private key of the certificate (PEM)')
    .option('--passphrase <text>', 'of the key; better: QWS_PASSPHRASE, or the question')
    .option('--no-check', 'connect whoever the server is: for tests only')
    .option('--compress', 'offer to compress messages (RFC 7692)', false)
    .option(
      '-x, --execute <message>',
      'send a message, wait, and close; repeatable',
      repeatable,
      [],
    )
    .addOption(
      new Option(
        '-w, --wait <seconds>',
        'how long to wait behind the last message of -x or of standard input, or "forever"',
      )
        .argParser(patience)
        .default(2000, '2'),
    )
    .option('--json', 'print each event as an object of JSON, one in a line', false)
    .option('--no-history', 'neither read nor write the history file')
    .option('--ping-interval <seconds>', 'ping, and give up when no pong comes', interval)
    .option(
      '--max-message <bytes>',
      'largest message to accept',
      wholeNumber(1, LARGEST_MESSAGE),
      64 * 1024 * 1024,
    )
    .addOption(
      new Option('--connect-timeout <seconds>', 'how long connecting may take')
        .argParser(interval)
        .default(30_000, '30'),
    );
}

function patience(text: string): number {
  return text === 'forever' ? Infinity : seconds(text);
}

function interval(text: string): number {
  const milliseconds = seconds(text);
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError('Give more than 0 seconds.');
}
