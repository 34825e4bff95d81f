import { CommandLine } from '../support/command-line.ts';
import { addressOf, addressOptions } from '../support/server-address.ts';
import { SslEchoClient } from './sslechoclient.ts';

const parser = new CommandLine(
  'sslechoclient',
  'QtWebSockets example: sslechoclient',
  addressOptions,
).process();

const client = new SslEchoClient(addressOf(parser, 'wss'));
client.once('closed', (failure) => {
  // With it goes its socket, which leaves the server with 1001; nothing then keeps Node alive.
  client.deleteLater();
  if (failure !== undefined) {
    console.error(`WebSocket error: ${failure}`);
    process.exitCode = 1;
  }
});
