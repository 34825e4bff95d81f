import { expect } from 'chai';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { settled } from '../../lib/testing/settled.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';
import { socketPair } from '../../lib/testing/socket-pair.ts';

describe('socketPair()', () => {
  it('connects two sockets', async () => {
    const { client, accepted } = await socketPair();
    const atServer = new SignalSpy(accepted.textMessageReceived);
    const atClient = new SignalSpy(client.binaryMessageReceived);
    client.sendTextMessage('hello');
    accepted.sendBinaryMessage(Uint8Array.of(1, 2, 3));
    await settled();

    expect([...atServer]).to.deep.equal([['hello']]);
    expect(Buffer.from(atClient.first()[0])).to.deep.equal(Buffer.of(1, 2, 3));
  });

  it('asks for what it is told to', async () => {
    const request = new QNetworkRequest(new QUrl('ws://chat.example/room?name=ann'));
    request.setRawHeader('X-Token', 'secret');
    const { accepted } = await socketPair(request);

    expect(accepted.requestUrl().toString()).to.equal('ws://chat.example/room?name=ann');
    expect(accepted.request().rawHeader('X-Token')).to.equal('secret');
  });

  it('asks for what a URL names', async () => {
    const { accepted } = await socketPair(new URL('ws://chat.example/garden'));

    expect(accepted.requestUrl().toString()).to.equal('ws://chat.example/garden');
  });

  it('passes on a close with its code and reason', async () => {
    const { client, accepted } = await socketPair();
    const over = new SignalSpy(accepted.disconnected);
    client.close(3001, 'enough');
    await settled();

    expect(over.count()).to.equal(1);
    expect(accepted.closeCode()).to.equal(3001);
    expect(accepted.closeReason()).to.equal('enough');
    expect(client.closeCode()).to.equal(3001);
  });

  it('keeps what is sent through a stalled link waiting', async () => {
    const { client, accepted, link } = await socketPair();
    const heard = new SignalSpy(accepted.textMessageReceived);
    link.stall();
    client.sendTextMessage('x'.repeat(1000));
    await settled();
    expect(heard.count()).to.equal(0);
    expect(client.bytesToWrite()).to.equal(1008);

    link.proceed();
    await settled();

    expect(heard.count()).to.equal(1);
    expect(client.bytesToWrite()).to.equal(0);
  });

  it('loses both ends when the link is cut', async () => {
    const { client, accepted, link } = await socketPair();
    const ends = [client, accepted].map((socket) => new SignalSpy(socket.disconnected));
    link.cut();
    await settled();

    expect(ends.map((end) => end.count())).to.deep.equal([1, 1]);
    expect([client.closeCode(), accepted.closeCode()]).to.deep.equal([1006, 1006]);
  });

  it('tells both ends where they are', async () => {
    const { client, accepted } = await socketPair();

    expect(accepted.peerAddress().toString()).to.equal('127.0.0.1');
    expect(accepted.peerPort()).to.equal(client.localPort());
    expect(client.peerPort()).to.equal(80);
  });
});
