import { expect } from 'chai';
import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import {
  keep,
  listenTo,
  readFrom,
  type StreamKeeper,
  type StreamListener,
} from '../../lib/node/stream-listener.ts';

describe('the listener of a stream', () => {
  let near: Duplex;
  let far: Duplex;
  let heard: string[];

  beforeEach(() => {
    [near, far] = duplexPair();
    heard = [];
  });

  afterEach(() => {
    far.on('error', () => {});
    near.destroy();
    far.destroy();
  });

  function listener(name: string): StreamListener {
    return {
      takesLent: false,
      receivedLent: () => {},
      received: (chunk) => heard.push(`${name} received ${chunk.toString()}`),
      ended: () => heard.push(`${name} ended`),
      failed: ({ message }) => heard.push(`${name} failed: ${message}`),
      closed: () => heard.push(`${name} closed`),
    };
  }

  function keeper(name: string): StreamKeeper {
    return { forget: (stream) => heard.push(`${name} ${stream === near ? 'forgot' : 'erred'}`) };
  }

  async function say(text: string): Promise<void> {
    const come = once(near, 'data');
    far.write(text);
    await come;
  }

  function closed(): Promise<unknown> {
    // once() would fail with the error.
    return new Promise((resolve) => near.on('close', resolve));
  }

  it('hears everything', async () => {
    listenTo(near, listener('it'));
    readFrom(near);

    await say('a');
    near.destroy(new Error('broken'));
    await closed();

    expect(heard).to.deep.equal(['it received a', 'it failed: broken', 'it closed']);
  });

  it('hears of the end', async () => {
    listenTo(near, listener('it'));
    readFrom(near);

    far.end();
    await once(near, 'end');

    expect(heard).to.deep.equal(['it ended']);
  });

  it('gets no bytes before they are read', async () => {
    listenTo(near, listener('it'));
    far.write('a');
    await once(near, 'readable');
    expect(heard).to.deep.equal([]);

    readFrom(near);
    await once(near, 'data');

    expect(heard).to.deep.equal(['it received a']);
  });

  it('gives way to the next one', async () => {
    listenTo(near, listener('first'));
    readFrom(near);
    await say('a');
    near.pause();

    listenTo(near, listener('second'));
    readFrom(near);
    await say('b');
    near.destroy();
    await closed();

    expect(heard).to.deep.equal(['first received a', 'second received b', 'second closed']);
  });

  it('is one function for each event, whoever follows whom', () => {
    for (const name of ['first', 'second']) {
      keep(near, keeper(name));
      listenTo(near, listener(name));
      readFrom(near);
    }

    const counts = ['data', 'error', 'close'].map((event) => near.listenerCount(event));
    expect(counts).to.deep.equal([1, 1, 1]);
  });

  for (const [order, begin] of Object.entries({
    'that came first': () => {
      keep(near, keeper('keeper'));
      listenTo(near, listener('it'));
    },
    'that came later': () => {
      listenTo(near, listener('it'));
      keep(near, keeper('keeper'));
    },
  })) {
    it(`hears of the close after a keeper ${order}`, async () => {
      begin();

      near.destroy();
      await closed();

      expect(heard).to.deep.equal(['keeper forgot', 'it closed']);
    });
  }

  it('need not be there for a keeper to forget', async () => {
    keep(near, keeper('first'));
    keep(near, keeper('second'));

    near.destroy();
    await closed();

    expect(heard).to.deep.equal(['second forgot']);
  });
});
