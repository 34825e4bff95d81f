import { expect } from 'chai';
import { QWebSocket } from '../../../lib/index.ts';
import { toWebChannelTransport } from '../../../lib/webchannel/to-web-channel-transport.ts';
import { emitted } from '../../support/emitted.ts';
import {
  heard,
  openChannel,
  type QWebChannelClient,
  type RemoteObject,
} from '../../support/qwebchannel.ts';

/** What Qt's JavaScript client finds over our socket at a host that has the chat registered. */
export function itServesQtsClient(urlOfHost: () => string): void {
  let socket: QWebSocket;
  let objects: QWebChannelClient['objects'];
  let chat: RemoteObject;

  beforeEach(async () => {
    [socket, { objects }] = await openClient(urlOfHost());
    chat = objects['chat']!;
  });

  afterEach(() => {
    socket.abort();
  });

  it('shows the objects, their properties and enumerations', () => {
    expect(Object.keys(objects)).to.include('chat');
    expect(chat['greeting']).to.equal('Grüße, 再见 😀');
    expect(chat['topic']).to.equal('weather');
    expect(chat['Kind']).to.deep.equal({ Open: 0, Closed: 5 });
  });

  it('calls methods, and gives what they return', async () => {
    expect(await chat['login']('alice')).to.equal(true);
    expect(await chat['login']('alice')).to.equal(false);
    expect(await chat['add'](1.5, 2)).to.equal(3.5);
    expect(await chat['add(double,double)'](1.5, 2)).to.equal(3.5);
    expect(await chat['say']('alice', 'Hello')).to.equal(null);
  });

  it('passes values of every kind', async () => {
    const value = { text: '再见 😀', list: [1, true, null, ['']], map: { '': -0.5 } };

    expect(await chat['same'](value)).to.deep.equal(value);
  });

  it('emits signals', async () => {
    const message = heard(chat['newMessage']);

    await chat['say']('alice', 'Hello');

    expect(await message).to.deep.equal(['alice', 'Hello']);
  });

  it('sets properties, and says that they have changed', async () => {
    const [other, { objects: others }] = await openClient(urlOfHost());
    const changed = heard(others['chat']!['topicChanged']);

    chat['topic'] = 'music';

    expect(await changed).to.deep.equal(['music']);
    expect(others['chat']!['topic']).to.equal('music');
    other.abort();
  });

  it('goes on saying so, update after update', async () => {
    for (const name of ['alice', 'bob', 'carol']) {
      const changed = heard(chat['usersHaveChanged']);
      await chat['login'](name);
      await changed;
    }

    expect(chat['users']).to.deep.equal(['alice', 'bob', 'carol']);
  });

  it('gives objects that methods return and properties hold, and takes them back', async () => {
    const room = (await chat['openRoom']('den')) as RemoteObject;
    const said = heard(room['said']);
    await room['say']('Hello');

    expect(await said).to.deep.equal(['Hello']);
    expect(await chat['nameOf'](room)).to.equal('den');
    expect(await chat['nameOf'](chat['lobby'])).to.equal('lobby');
  });

  it('tells of changes of such objects, and of their end', async () => {
    const room = (await chat['openRoom']('den')) as RemoteObject;
    const changed = heard(room['nameChanged']);
    room['name'] = 'kitchen';
    expect(await changed).to.deep.equal(['kitchen']);

    const destroyed = heard(room['destroyed']);
    await chat['closeRoom'](room);

    await destroyed;
    expect(Object.keys(room)).to.deep.equal([]);
  });

  it('destroys such objects when asked', async () => {
    const room = (await chat['openRoom']('den')) as RemoteObject;
    const destroyed = heard(room['destroyed']);

    room['deleteLater']();

    await destroyed;
  });
}

/** Connects to a host; the socket comes with the channel. */
export async function openClient(url: string): Promise<[QWebSocket, QWebChannelClient]> {
  const socket = new QWebSocket();
  socket.open(url);
  await emitted(socket.connected);
  return [socket, await openChannel(toWebChannelTransport(socket))];
}
