import { expect } from 'chai';
import { assert, spy, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { RecordingTransport, type Sent } from './support/recording-transport.ts';
import { Stage } from './support/stage.ts';

const idle = { type: 4 };

describe('updates of properties', () => {
  let clock: SinonFakeTimers;
  let stage: Stage;

  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stage = new Stage();
  });

  afterEach(() => {
    stage.channel[Symbol.dispose]();
    clock.restore();
  });

  /** What a client is told of the topic of the chat. */
  function topic(value: string, ...args: string[]): Sent {
    return {
      type: 2,
      data: [{ object: 'chat', properties: { 0: value }, signals: { 1: args } }],
    };
  }

  it('are gathered for 50 ms', () => {
    stage.chat.setTopic('music');
    clock.tick(49);
    expect(stage.client.sent).to.deep.equal([]);
    stage.chat.login('alice');
    stage.chat.setTopic('arts');

    clock.tick(1);

    expect(stage.client.take()).to.deep.equal([
      {
        type: 2,
        data: [
          {
            object: 'chat',
            properties: { 0: 'arts', 1: ['alice'] },
            signals: { 1: ['arts'], 2: [] },
          },
        ],
      },
    ]);
  });

  it('wait until the client has dealt with the one before', () => {
    stage.chat.setTopic('music');
    clock.tick(50);
    stage.client.take();
    for (const name of ['arts', 'sports', 'cats']) {
      stage.chat.setTopic(name);
      clock.tick(50);
    }
    expect(stage.client.take()).to.deep.equal([]);

    expect(stage.client.say(idle)).to.deep.equal([topic('cats', 'cats')]);
    expect(stage.client.say(idle)).to.deep.equal([]);
  });

  it('are not kept waiting by another client', () => {
    const other = stage.connect();
    stage.chat.setTopic('music');
    clock.tick(50);
    other.say(idle);
    stage.client.take();
    other.take();

    stage.chat.setTopic('arts');
    clock.tick(50);

    expect(other.take()).to.deep.equal([topic('arts', 'arts')]);
    expect(stage.client.take()).to.deep.equal([]);
  });

  it('are not for clients that have not begun, which get the values when they do', () => {
    const late = new RecordingTransport();
    stage.channel.connectTo(late);
    stage.chat.setTopic('music');
    clock.tick(50);

    late.say({ type: 3, id: 0 });
    late.take();

    expect(late.say(idle)).to.deep.equal([]);
  });

  it('are not gathered for nobody', () => {
    stage.channel.disconnectFrom(stage.client);
    stage.client[Symbol.dispose]();
    stage.channel.connectTo(stage.client);

    stage.chat.setTopic('music');

    expect(clock.countTimers()).to.equal(0);
  });

  it('go to the clients that know the object', () => {
    const id = stage.openRoom();
    const other = stage.connect();
    stage.client.take();

    stage.client.say({ type: 9, object: id, property: 0, value: 'kitchen' });
    stage.chat.setTopic('music');
    clock.tick(50);

    const [change] = topic('music', 'music')['data'] as object[];
    expect(other.take()).to.deep.equal([{ type: 2, data: [change] }]);
    expect(stage.client.take()).to.deep.equal([
      {
        type: 2,
        data: [{ object: id, properties: { 0: 'kitchen' }, signals: { 1: ['kitchen'] } }, change],
      },
    ]);
  });

  it('forget what is destroyed', () => {
    const id = stage.openRoom();
    stage.chat.setTopic('music');
    clock.tick(50);
    stage.client.take();
    stage.client.say({ type: 9, object: id, property: 0, value: 'kitchen' });
    clock.tick(50);
    stage.client.say({ type: 9, object: id, property: 0, value: 'cellar' });
    stage.chat.closeRoom(stage.chat.children().at(-1)!);
    stage.client.take();

    clock.tick(50);

    expect(stage.client.say(idle)).to.deep.equal([]);
  });

  describe('setPropertyUpdateInterval()', () => {
    it('begins with 50', () => {
      expect(stage.channel.propertyUpdateInterval()).to.equal(50);
    });

    it('sends at once when it is negative', () => {
      stage.channel.setPropertyUpdateInterval(-1);

      stage.chat.setTopic('music');

      expect(stage.client.take()).to.deep.equal([topic('music', 'music')]);
    });

    it('sends those of a turn together when it is 0', () => {
      stage.channel.setPropertyUpdateInterval(0);
      stage.chat.setTopic('music');
      stage.chat.setTopic('arts');
      expect(stage.client.take()).to.deep.equal([]);

      clock.tick(1);

      expect(stage.client.take()).to.deep.equal([topic('arts', 'arts')]);
    });

    it('holds for what waits already', () => {
      stage.chat.setTopic('music');

      stage.channel.setPropertyUpdateInterval(-1);

      expect(stage.client.take()).to.deep.equal([topic('music', 'music')]);
    });

    it('takes any number, and nothing else', () => {
      expect(() => stage.channel.setPropertyUpdateInterval(Number.NaN)).to.throw(RangeError);
      stage.channel.setPropertyUpdateInterval(Infinity);
      stage.chat.setTopic('music');
      clock.tick(100_000);

      expect(stage.client.take()).to.deep.equal([]);
    });
  });

  describe('setBlockUpdates()', () => {
    it('keeps them back, and lets them all go', () => {
      const changed = spy();
      stage.channel.blockUpdatesChanged.connect(changed);
      stage.chat.setTopic('music');
      stage.channel.setBlockUpdates(true);
      stage.channel.setBlockUpdates(true);
      stage.chat.setTopic('arts');
      clock.tick(1000);
      expect(stage.client.take()).to.deep.equal([]);

      stage.channel.setBlockUpdates(false);

      expect(stage.client.take()).to.deep.equal([topic('arts', 'arts')]);
      assert.callCount(changed, 2);
      assert.calledWith(changed.firstCall, true);
      assert.calledWith(changed.secondCall, false);
      expect(stage.channel.blockUpdates()).to.equal(false);
    });

    it('does not keep signals back', () => {
      stage.client.say({ type: 7, object: 'chat', signal: 3 });
      stage.channel.setBlockUpdates(true);

      stage.chat.say('alice', 'Hello');

      expect(stage.client.sent).to.have.lengthOf(1);
    });
  });
});
