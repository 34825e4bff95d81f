import { expect } from 'chai';
import { QWebSocket } from '../../lib/index.ts';
import { emitted } from '../support/emitted.ts';
import { itServesQtsClient, openClient } from '../webchannel/support/client-contract.ts';
import { OurHost } from '../webchannel/support/our-host.ts';
import type { PeerProgram } from './support/peer-program.ts';
import { startQtHost } from './support/qt-webchannel.ts';
import { WireClient } from './support/wire-client.ts';

describe("Qt's JavaScript client over our socket, and Qt's QWebChannel", () => {
  let host: PeerProgram;
  let url: string;

  beforeEach(async () => {
    [host, url] = await startQtHost();
  });

  afterEach(async () => {
    await host.stop();
  });

  itServesQtsClient(() => url);

  it('chooses among overloads by what it is given, or by their signatures', async () => {
    const [socket, { objects }] = await openClient(url);
    const overloaded = objects['overloaded']!;

    expect(await overloaded['describe'](7)).to.equal('int 7');
    expect(await overloaded['describe']('7')).to.equal('str 7');
    expect(await overloaded['describe'](7, '7')).to.equal('int 7, str 7');
    expect(await overloaded['describe(QString)'](7)).to.equal('str 7');
    socket.abort();
  });
});

describe("Qt's QWebChannel and ours", () => {
  let theirs: PeerProgram;
  let ours: OurHost;
  let both: WireClient[];

  beforeEach(async () => {
    let url: string;
    [theirs, url] = await startQtHost();
    ours = new OurHost();
    both = await Promise.all([url, ours.url].map(open));
  });

  afterEach(async () => {
    for (const { socket } of both) socket.abort();
    ours.stop();
    await theirs.stop();
  });

  async function open(url: string): Promise<WireClient> {
    const socket = new QWebSocket();
    socket.open(url);
    await emitted(socket.connected);
    return new WireClient(socket);
  }

  /** What both say while a client does the same with them; it has to be the same. */
  async function compare(act: (client: WireClient) => Promise<void>): Promise<unknown[]> {
    for (const client of both) {
      await client.initialize();
      await act(client);
    }
    const [qt, our] = both.map(({ said }) => said);
    expect(our).to.deep.equal(qt);
    return our!;
  }

  it('tell the same of the same object', async () => {
    expect(await compare(async () => {})).to.have.lengthOf(1);
  });

  it('answer calls', async () => {
    const said = await compare(async (client) => {
      await client.call('chat', 'add', [1, 2]);
      await client.call('chat', 'same', [{ list: [null, true, 'text'] }]);
      await client.call('chat', 'say', ['alice', 'nobody listens']);
    });

    expect(said).to.have.lengthOf(4);
  });

  it('emit signals, to those who have asked for them', async () => {
    const said = await compare(async (client) => {
      await client.call('chat', 'say', ['alice', 'unheard']);
      client.listen('chat', 'newMessage');
      await client.call('chat', 'say', ['alice', 'heard']);
      client.listen('chat', 'newMessage', false);
      await client.call('chat', 'say', ['alice', 'unheard again']);
    });

    expect(said).to.have.lengthOf(5);
  });

  it('tell of changed properties together, and only those who are ready', async () => {
    const said = await compare(async (client) => {
      await client.call('chat', 'login', ['alice']);
      client.set('chat', 'topic', 'music');
      client.idle();
      await client.next(2);
      await client.call('chat', 'login', ['bob']);
      client.idle();
      await client.next(2);
    });

    expect(said).to.have.lengthOf(5);
  });

  it('tell of objects that methods return, and of their end', async () => {
    const said = await compare(async (client) => {
      const room = await client.call('chat', 'openRoom', ['den']);
      client.listen(room, 'said');
      await client.call(room, 'say', ['Hello']);
      await client.call('chat', 'nameOf', [{ '__QObject*__': true, id: room }]);
      await client.call('chat', 'closeRoom', [{ '__QObject*__': true, id: room }]);
    });

    expect(said).to.have.lengthOf(7);
  });
});
