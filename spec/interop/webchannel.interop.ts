import { expect } from 'chai';
import { QWebSocket } from '../../lib/index.ts';
import { toWebChannelTransport } from '../../lib/webchannel.ts';
import { emitted } from '../support/emitted.ts';
import {
  heard,
  openChannel,
  type QWebChannelClient,
  type RemoteObject,
} from '../support/qwebchannel.ts';
import { startQtHost } from './support/qt-webchannel.ts';
import type { PeerProgram } from './support/peer-program.ts';

describe("Qt's JavaScript client over our socket, and Qt's QWebChannel", () => {
  let host: PeerProgram;
  let url: string;
  let socket: QWebSocket;
  let objects: QWebChannelClient['objects'];
  let chat: RemoteObject;

  beforeEach(async () => {
    [host, url] = await startQtHost();
    [socket, { objects }] = await open();
    chat = objects['chat']!;
  });

  afterEach(async () => {
    socket.abort();
    await host.stop();
  });

  async function open(): Promise<[QWebSocket, QWebChannelClient]> {
    const client = new QWebSocket();
    client.open(url);
    await emitted(client.connected);
    return [client, await openChannel(toWebChannelTransport(client))];
  }

  it('shows the objects, their properties and enumerations', () => {
    expect(Object.keys(objects)).to.include.members(['chat', 'overloaded']);
    expect(chat['greeting']).to.equal('Grüße, 再见 😀');
    expect(chat['topic']).to.equal('weather');
    expect(chat['Kind']).to.deep.equal({ Open: 0, Closed: 5 });
  });

  it('calls methods, and gets what they return', async () => {
    expect(await chat['login']('alice')).to.equal(true);
    expect(await chat['login']('alice')).to.equal(false);
    expect(await chat['add'](1.5, 2)).to.equal(3.5);
    expect(await chat['say']('alice', 'Hello')).to.equal(null);
  });

  it('passes values of every kind', async () => {
    const value = { text: '再见 😀', list: [1, true, null, ['']], map: { '': -0.5 } };

    expect(await chat['same'](value)).to.deep.equal(value);
  });

  it('hears signals', async () => {
    const message = heard(chat['newMessage']);

    await chat['say']('alice', 'Hello');

    expect(await message).to.deep.equal(['alice', 'Hello']);
  });

  it('sets properties, and hears that they have changed', async () => {
    const [other, { objects: others }] = await open();
    const changed = heard(others['chat']!['topicChanged']);

    chat['topic'] = 'music';

    expect(await changed).to.deep.equal(['music']);
    expect(others['chat']!['topic']).to.equal('music');
    other.abort();
  });

  it('goes on hearing, update after update', async () => {
    for (const name of ['alice', 'bob', 'carol']) {
      const changed = heard(chat['usersHaveChanged']);
      await chat['login'](name);
      await changed;
    }

    expect(chat['users']).to.deep.equal(['alice', 'bob', 'carol']);
  });

  it('chooses among overloads by what it is given, or by their signatures', async () => {
    const overloaded = objects['overloaded']!;

    expect(await overloaded['describe'](7)).to.equal('int 7');
    expect(await overloaded['describe']('7')).to.equal('str 7');
    expect(await overloaded['describe'](7, '7')).to.equal('int 7, str 7');
    expect(await overloaded['describe(QString)'](7)).to.equal('str 7');
  });

  it('gets objects that methods return and properties hold, and passes them back', async () => {
    const room = (await chat['openRoom']('den')) as RemoteObject;
    const said = heard(room['said']);
    await room['say']('Hello');

    expect(await said).to.deep.equal(['Hello']);
    expect(await chat['nameOf'](room)).to.equal('den');
    expect(await chat['nameOf'](chat['lobby'])).to.equal('lobby');
  });

  it('hears of changes of such objects, and of their end', async () => {
    const room = (await chat['openRoom']('den')) as RemoteObject;
    const changed = heard(room['nameChanged']);
    room['name'] = 'kitchen';
    expect(await changed).to.deep.equal(['kitchen']);

    const destroyed = heard(room['destroyed']);
    await chat['closeRoom'](room);

    await destroyed;
    expect(Object.keys(room)).to.deep.equal([]);
  });

  it('destroys such objects', async () => {
    const room = (await chat['openRoom']('den')) as RemoteObject;
    const destroyed = heard(room['destroyed']);

    room['deleteLater']();

    await destroyed;
  });
});
