import type { Command } from 'commander';
import {
  BacklogPolicy,
  KeyAlgorithm,
  PeerVerifyMode,
  QSslCertificate,
  QSslConfiguration,
  QSslKey,
  QWebSocketServer,
  SslMode,
  type QWebSocket,
} from '../../index.ts';
import { escaped } from '../escaped.ts';
import { ExitCode } from '../exit-code.ts';
import { wholeNumber } from '../option-values.ts';
import { shutdownRequest } from '../shutdown-request.ts';
import { shownUrl } from '../shown-url.ts';
import { UsageError } from '../usage-error.ts';
import { leave } from './leave.ts';
import { applyOriginRule } from './origin-rule.ts';
import {
  tlsFilesOf,
  withServerOptions,
  type ServerOptions,
  type TlsFiles,
} from './server-options.ts';

interface EchoOptions extends ServerOptions {
  readonly compress: boolean;
  readonly maxConnections: number;
}

const PORT = 1234;

/** What may wait for a client that sends and does not read, in bytes. */
const BACKLOG_LIMIT = 16 * 1024 * 1024;

/** Adds `qws echo` to the program. */
export function addEcho(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('echo')
    .summary('run a server that sends everything back')
    .description('Runs a server that sends every message back to where it came from.');
  withServerOptions(command, PORT)
    .option('--compress', 'compress messages for clients that offer it (RFC 7692)', false)
    .option(
      '--max-connections <count>',
      'how many clients may be there at a time',
      wholeNumber(1, 1_000_000),
      1000,
    )
    .addHelpText(
      'after',
      `
Examples:
  qws echo
  qws echo --port 0 --verbose
  qws echo --cert server.crt --key server.key --host 0.0.0.0

Prints "Listening on URL" on standard output once it listens. SIGINT and SIGTERM close
all connections with 1001.`,
    )
    .action(async (options: EchoOptions) => end(await echo(options)));
}

async function echo(options: EchoOptions): Promise<ExitCode> {
  const server = serverOf(options);
  const sockets = new Set<QWebSocket>();
  const log = (text: string) => {
    if (options.verbose) process.stderr.write(`${text}\n`);
  };
  server.newConnection.connect(() => {
    const socket = server.nextPendingConnection();
    if (socket === null) return;
    const peer = `${socket.peerAddress().toString()} port ${socket.peerPort()}`;
    log(`connected: ${peer}, ${escaped(socket.requestUrl().path())}`);
    sockets.add(socket);
    socket.setMaxAllowedIncomingMessageSize(options.maxMessage);
    socket.setMaxAllowedIncomingFrameSize(options.maxMessage);
    socket.textMessageReceived.connect((message) => socket.sendTextMessage(message));
    socket.binaryMessageReceived.connect((message) => socket.sendBinaryMessage(message));
    socket.disconnected.connect(() => {
      log(`disconnected: ${peer}, ${socket.closeCode()} ${escaped(socket.closeReason())}`);
      sockets.delete(socket);
      socket.deleteLater();
    });
  });
  server.serverError.connect(() => log(`refused: ${escaped(server.errorString())}`));

  if (!server.listen(options.host, options.port)) {
    process.stderr.write(`error: ${escaped(server.errorString())}\n`);
    return ExitCode.Failed;
  }
  process.stdout.write(`Listening on ${shownUrl(server.serverUrl())}\n`);

  await shutdownRequest();
  server.close();
  await Promise.all(Array.from(sockets, leave));
  return ExitCode.Ok;
}

function serverOf(options: EchoOptions): QWebSocketServer {
  const files = tlsFilesOf(options);
  const mode = files === undefined ? SslMode.NonSecureMode : SslMode.SecureMode;
  const server = new QWebSocketServer('qws echo', mode);
  if (files !== undefined) server.setSslConfiguration(sslConfigurationOf(files));
  server.setCompressionEnabled(options.compress);
  server.setMaxConnections(options.maxConnections);
  server.setBacklogLimit(BACKLOG_LIMIT, BacklogPolicy.Disconnect);
  applyOriginRule(server, options.allowOrigin);
  return server;
}

function sslConfigurationOf({ cert, key }: TlsFiles): QSslConfiguration {
  const chain = QSslCertificate.fromData(cert);
  if (chain.length === 0) throw new UsageError('--cert holds no certificate in PEM.');
  const privateKey = new QSslKey(key, KeyAlgorithm.Opaque);
  if (privateKey.isNull()) throw new UsageError('--key holds no private key in PEM.');
  const configuration = QSslConfiguration.defaultConfiguration();
  configuration.setLocalCertificateChain(chain);
  configuration.setPrivateKey(privateKey);
  // Browsers would ask their users which certificate to show.
  configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
  return configuration;
}
