import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { frame } from '../support/frames.ts';
import { decisiveActions, otherActions, ownActions } from './support/actions.ts';
import { playSockets, type Life } from './support/socket-play.ts';
import type { World } from './support/world.ts';

const ENDED = ['stateChanged Unconnected', 'disconnected', 'readChannelFinished'];
const CLOSED = ['aboutToClose', 'stateChanged Closing', ...ENDED];

/** A life with a client of ours, which the server greets. */
function greeted(world: World): void {
  const { greet } = world;
  world.greet = (peer) => {
    greet(peer);
    peer.sendTextMessage('welcome');
  };
  world.listen();
  world.client.open(world.url);
  world.client.connected.connect(() => {
    world.client.sendTextMessage('hello');
    world.client.sendBinaryMessage(new Uint8Array(3));
  });
}

/** A life with a client that says `bytes` and does `last` when it was let in. */
function scripted(bytes: readonly Buffer[], last: (client: RawClient) => void): Life['begin'] {
  return async (world) => {
    world.listen();
    const client = await RawClient.connect(world.server.serverPort());
    world.atTheEnd(() => client.socket.destroy());
    client.write(Buffer.concat([Buffer.from(upgradeRequest()), ...bytes]));
    await client.hears('\r\n\r\n');
    last(client);
  };
}

const masked = { key: 0x01020304 };

const lives: Readonly<Record<string, Life>> = {
  'a talk that the client ends': {
    isOfServer: true,
    begin: greeted,
    after: {
      'textMessageReceived hello': ({ peer }) => peer!.ping(),
      pong: ({ client }) => client.close(4000, 'over'),
    },
    signals: [
      'bytesWritten',
      'textFrameReceived hello',
      'textMessageReceived hello',
      'binaryFrameReceived',
      'binaryMessageReceived',
      'pong',
      ...CLOSED,
    ],
  },
  'a connection that it closes itself': {
    isOfServer: true,
    begin: greeted,
    after: { 'textMessageReceived hello': ({ peer }) => peer!.close() },
    signals: CLOSED,
  },
  'a connection that it gives up': {
    isOfServer: true,
    begin: greeted,
    after: { 'textMessageReceived hello': ({ peer }) => peer!.abort() },
    signals: ['aboutToClose', ...ENDED],
  },
  'a connection that ends with the object': {
    isOfServer: true,
    begin: greeted,
    after: { 'textMessageReceived hello': ({ peer }) => peer![Symbol.dispose]() },
    signals: ['aboutToClose', 'stateChanged Closing', 'destroyed'],
  },
  'a connection that ends with the server': {
    isOfServer: true,
    begin: greeted,
    after: { 'textMessageReceived hello': ({ server }) => server[Symbol.dispose]() },
    signals: ['aboutToClose', ...ENDED],
  },
};

const others: Readonly<Record<string, Life>> = {
  'messages that are inflated while others wait': {
    isOfServer: true,
    begin: (world) => {
      const { client, server } = world;
      server.setCompressionEnabled(true);
      client.setCompressionEnabled(true);
      client.connected.connect(() => {
        for (const length of [3_000, 300_000, 3_001]) client.sendTextMessage('ab'.repeat(length));
        client.close();
      });
      world.listen();
      client.open(world.url);
    },
    signals: ['textMessageReceived', 'disconnected'],
  },
  'words that came with the request': {
    isOfServer: true,
    begin: scripted(
      [
        frame(1, 'a', { ...masked, isFinal: false }),
        frame(9, 'ping', masked),
        frame(0, 'b', masked),
        frame(2, 'c', masked),
        frame(8, '', masked),
      ],
      (client) => client.socket.end(),
    ),
    signals: [
      'textFrameReceived a',
      'textFrameReceived b',
      'textMessageReceived ab',
      'binaryMessageReceived',
      ...CLOSED,
    ],
  },
  'a client that breaks the protocol': {
    isOfServer: true,
    begin: scripted([frame(1, 'a', masked), frame(1, 'not masked')], (client) =>
      client.socket.end(),
    ),
    signals: ['textMessageReceived a', ...CLOSED],
  },
  'a client that leaves without a word': {
    isOfServer: true,
    begin: scripted([], (client) => client.socket.end()),
    signals: ['errorOccurred', 'error', 'stateChanged Closing', ...ENDED],
  },
  'a client that resets the connection': {
    isOfServer: true,
    begin: scripted([], (client) => client.socket.resetAndDestroy()),
    signals: ['errorOccurred', 'error', 'stateChanged Closing', ...ENDED],
  },
};

describe('a slot of a socket of a server', () => {
  playSockets(lives, { ...ownActions, ...otherActions });
  playSockets(others, decisiveActions);
});
