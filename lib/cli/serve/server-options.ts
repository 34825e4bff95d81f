import type { Command } from 'commander';
import { repeatable, wholeNumber } from '../option-values.ts';
import { readNamed } from '../read-named.ts';
import { UsageError } from '../usage-error.ts';

/** What the servers have in common. */
export interface ServerOptions {
  readonly port: number;
  readonly host: string;
  readonly cert?: string;
  readonly key?: string;
  readonly allowOrigin: readonly string[];
  readonly maxMessage: number;
  readonly verbose: boolean;
}

/** Certificate and key in PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const LARGEST_MESSAGE = 2 ** 31 - 2;

/** Gives `command` the options of a server. */
export function withServerOptions(command: Command, port: number): Command {
  return command
    .option('-p, --port <port>', 'port to listen on; 0 for any', wholeNumber(0, 65535), port)
    .option('--host <address>', 'address to listen on; 0.0.0.0 or :: for all', '127.0.0.1')
    .option('--cert <file>', 'certificate with its chain, in PEM; with --key: wss')
    .option('--key <file>', 'private key of the certificate, in PEM')
    .option(
      '--allow-origin <origin>',
      'let in pages of this origin, such as https://app.example, and no other pages; repeatable',
      repeatable,
      [],
    )
    .option(
      '--max-message <bytes>',
      'largest message to accept',
      wholeNumber(1, LARGEST_MESSAGE),
      1024 * 1024,
    )
    .option('-v, --verbose', 'tell of connections on standard error', false);
}

/** The files that the options name; undefined for a server without TLS. */
export function tlsFilesOf({ cert, key }: ServerOptions): TlsFiles | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UsageError('--cert and --key are needed both.');
  }
  return { cert: readNamed('--cert', cert), key: readNamed('--key', key) };
}
