import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { stub, useFakeTimers, type SinonFakeTimers, type SinonStub } from 'sinon';
import { Channel } from '../../../examples/bridge/channel.ts';
import type { Upstream, UpstreamEvents } from '../../../examples/bridge/upstream.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { Peer } from '../support/peer.ts';

describe('Channel', function () {
  this.timeout(60_000);

  let clock: SinonFakeTimers;
  let http: Server;
  let base: string;
  let service: UpstreamEvents;
  let send: SinonStub<[string], boolean>;
  let upstream: Upstream;
  let channel: Channel;
  let log: string[];

  beforeEach(async () => {
    clock = useFakeTimers({ now: 1000, toFake: ['Date'] });
    http = createServer();
    base = `ws://127.0.0.1:${await listenOnLoopback(http)}`;
    send = stub<[string], boolean>().returns(true);
    upstream = {
      name: 'the service',
      start: (events) => (service = events),
      stop: stub(),
      send,
    };
    log = [];
    channel = open('/tcp', true);
  });

  afterEach(async () => {
    Peer.killAll();
    http.close();
    await channel.shutDown();
    clock.restore();
  });

  function open(path: string, isTwoWay: boolean): Channel {
    const opened = new Channel(path, upstream, isTwoWay);
    opened.start(http, (line) => log.push(line));
    return opened;
  }

  function listen(): Promise<Peer> {
    return Peer.connect(`${base}/tcp`);
  }

  function listenToStatus(): Promise<Peer> {
    return Peer.connect(`${base}/tcp`, undefined, undefined, ['status']);
  }

  it('passes each message on to everyone', async () => {
    const peers = [await listen(), await listen()];
    for (const peer of peers) await peer.pinged();

    service.message('one');
    service.message('two');

    for (const peer of peers) {
      expect([await peer.next(), await peer.next()]).to.deep.equal(['one', 'two']);
    }
  });

  it('tells newcomers the last message', async () => {
    service.message('one');
    service.message('two');

    const peer = await listen();
    expect(await peer.next()).to.equal('two');

    service.message('three');
    expect(await peer.next()).to.equal('three');
  });

  it('tells an empty message as well', async () => {
    service.message('');

    expect(await (await listen()).next()).to.equal('');
  });

  it('tells who asks for it how the service is', async () => {
    const peer = await listenToStatus();
    const state = { type: 'service', name: 'the service' };
    expect(await peer.nextObject()).to.deep.equal({ ...state, isConnected: false, reason: '' });

    service.connected();
    service.message('one');
    service.lost('It is away.', 1500);

    expect(await peer.nextObject()).to.deep.equal({ ...state, isConnected: true, reason: '' });
    expect(await peer.nextObject()).to.deep.equal({ type: 'message', text: 'one', time: 1000 });
    expect(await peer.nextObject()).to.deep.equal({
      ...state,
      isConnected: false,
      reason: 'It is away.',
    });
  });

  it('tells newcomers who ask for it the state and the last message', async () => {
    service.connected();
    service.message('one');

    const peer = await listenToStatus();

    expect(await peer.nextObject()).to.include({ type: 'service', isConnected: true });
    expect(await peer.nextObject()).to.include({ type: 'message', text: 'one' });
  });

  it('tells nothing of it to those who do not ask', async () => {
    const peer = await listen();
    await peer.pinged();

    service.connected();
    service.message('one');

    expect(await peer.next()).to.equal('one');
  });

  it('logs how the service comes and goes', () => {
    service.connected();
    service.lost('It is away.', 1500);
    service.skipped('A line is too long.');

    expect(log).to.deep.equal([
      'the service: Connected.',
      'the service: It is away. Next attempt in 1.5 s.',
      'the service: A line is too long. It is skipped.',
    ]);
  });

  it('passes what clients send to the service', async () => {
    const peer = await listen();

    peer.send('set 21');
    await peer.pinged();

    expect(send.args).to.deep.equal([['set 21']]);
  });

  const refusals: Record<string, [message: string | Uint8Array, code: number, reason: string]> = {
    'two lines in one message': ['one\ntwo', 1008, 'A message must be one line.'],
    'a line break at the end': ['one\r', 1008, 'A message must be one line.'],
    'a NUL': ['one\0', 1008, 'A message must be one line.'],
    'a binary message': [Uint8Array.of(1), 1003, 'Messages must be text.'],
  };
  for (const [what, [message, code, reason]] of Object.entries(refusals)) {
    it(`closes with ${code} on ${what}`, async () => {
      const peer = await listen();

      peer.send(message);
      peer.send('behind it');

      expect(await peer.closed).to.deep.equal([code, reason]);
      expect(send.args).to.deep.equal([]);
    });
  }

  it('closes with 1009 on a message that is longer than any line for the service', async () => {
    const peer = await listen();

    peer.send('x'.repeat(4097));

    expect((await peer.closed)[0]).to.equal(1009);
  });

  it('closes with 1013 when a line cannot be passed on, so that nobody thinks it was', async () => {
    send.returns(false);
    const peer = await listen();

    peer.send('set 21');

    expect(await peer.closed).to.deep.equal([1013, 'The service cannot be reached now.']);
  });

  it('says so instead to those who have asked for reports', async () => {
    send.returns(false);
    const peer = await listenToStatus();
    await peer.next();

    peer.send('set 21');

    expect(await peer.nextObject()).to.deep.equal({
      type: 'refused',
      reason: 'The service cannot be reached now.',
    });
  });

  it('closes with 1008 on any message where there is only one way', async () => {
    const oneWay = open('/one-way', false);
    const peer = await Peer.connect(`${base}/one-way`);

    peer.send('set 21');

    expect(await peer.closed).to.deep.equal([1008, 'This service takes no messages.']);
    expect(send.args).to.deep.equal([]);
    await oneWay.shutDown();
  });

  it('is one-way where the service takes nothing', () => {
    const deaf: Upstream = { name: 'deaf', start: stub(), stop: stub() };

    expect(new Channel('/deaf', deaf, true).isTwoWay).to.equal(false);
  });

  it('cuts off who does not read, and nobody else', async () => {
    const [slow, quick] = [await listen(), await listen()];
    await slow.pinged();
    slow.socket.pause();
    const line = 'x'.repeat(60_000);

    // More than the buffers of the system hold.
    for (let count = 0; count < 300; count += 1) {
      service.message(`${count}${line}`);
      expect(await quick.next()).to.include(line);
    }
    slow.socket.resume();

    expect((await slow.closed)[0]).to.equal(1006);
    service.message('on we go');
    expect(await quick.next()).to.equal('on we go');
  });

  it('says goodbye with 1001, and leaves the service', async () => {
    const peers = [await listen(), await listenToStatus()];

    await channel.shutDown();

    for (const peer of peers) {
      expect(await peer.closed).to.deep.equal([1001, 'Server is shutting down.']);
    }
    expect((upstream.stop as SinonStub).callCount).to.equal(1);
  });
});
