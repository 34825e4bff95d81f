import { expect } from 'chai';
import sinon from 'sinon';
import { settled } from '../../lib/testing/settled.ts';
import { socketPair } from '../../lib/testing/socket-pair.ts';

describe('settled()', () => {
  it('waits until everything that was sent has been answered', async () => {
    const { client, accepted } = await socketPair();
    const heard: string[] = [];
    const answer = (message: string): void => {
      if (message.length < 100) accepted.sendTextMessage(`${message}!`);
    };
    accepted.textMessageReceived.connect(answer);
    client.textMessageReceived.connect((message) => {
      heard.push(message);
      client.sendTextMessage(message);
    });
    client.sendTextMessage('');
    await settled();

    expect(heard.length).to.equal(100);
  });

  it('waits for nothing where nothing moves', async () => {
    await settled();
  });

  it('needs no clock', async () => {
    const clock = sinon.useFakeTimers({ toNotFake: ['nextTick', 'queueMicrotask'] });
    try {
      const { client, accepted } = await socketPair();
      const heard = sinon.spy();
      accepted.textMessageReceived.connect(heard);
      client.sendTextMessage('hello');
      await settled();

      expect(heard.args).to.deep.equal([['hello']]);
    } finally {
      clock.restore();
    }
  });
});
