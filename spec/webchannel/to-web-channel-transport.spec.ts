import { expect } from 'chai';
import { toWebChannelTransport } from '../../lib/webchannel/to-web-channel-transport.ts';
import { emitted } from '../support/emitted.ts';
import { SocketPair } from '../support/socket-pair.ts';

describe('toWebChannelTransport()', () => {
  let pair: SocketPair;

  beforeEach(async () => {
    pair = await SocketPair.connect();
  });

  afterEach(() => {
    pair.close();
  });

  it('sends what the client says as text', async () => {
    const received = emitted(pair.accepted.textMessageReceived);

    toWebChannelTransport(pair.client).send('{"type":4}');

    expect(await received).to.deep.equal(['{"type":4}']);
  });

  it('gives texts to the client, and nothing else', async () => {
    const transport = toWebChannelTransport(pair.client);
    const got: unknown[] = [];
    const last = new Promise<void>((resolve) => {
      transport.onmessage = ({ data }) => {
        got.push(data);
        if (data === 'last') resolve();
      };
    });

    pair.accepted.sendTextMessage('first');
    pair.accepted.sendBinaryMessage(Buffer.from('bytes'));
    pair.accepted.sendTextMessage('last');

    await last;
    expect(got).to.deep.equal(['first', 'last']);
  });

  it('ends with the connection', async () => {
    const transport = toWebChannelTransport(pair.client);
    const got: string[] = [];
    transport.onmessage = ({ data }) => got.push(data);
    pair.accepted.abort();
    await emitted(pair.client.disconnected);
    const both = [emitted(pair.server.newConnection), emitted(pair.client.connected)];
    pair.client.open(pair.server.serverUrl());
    await Promise.all(both);
    const received = emitted(pair.client.textMessageReceived);

    pair.server.nextPendingConnection()!.sendTextMessage('for the next one');

    await received;
    expect(got).to.deep.equal([]);
  });

  it('waits for a client', async () => {
    toWebChannelTransport(pair.client);
    const received = emitted(pair.client.textMessageReceived);

    pair.accepted.sendTextMessage('Nobody is there.');

    await received;
  });
});
