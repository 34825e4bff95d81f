import { expect } from 'chai';
import { assert } from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { MAX_INTRODUCED, MAX_PENDING_CALLS } from '../../lib/webchannel/channel-client.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { Room } from './support/chat.ts';
import { RecordingTransport } from './support/recording-transport.ts';
import { answer, Stage } from './support/stage.ts';

/** JSON of lists in lists. */
const nested = (levels: number): unknown =>
  JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;

describe('a client of a QWebChannel', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });

  afterEach(() => {
    stage.channel[Symbol.dispose]();
  });

  const ignored: Record<string, unknown> = {
    'no JSON': undefined,
    null: null,
    'a number': 3,
    'a text': 'Hello',
    'a list': [{ type: 3, id: 1 }],
    'no type': {},
    'a type that is no number': { type: { toString: 'x', valueOf: 'x' } },
    'an unknown type': { type: 11, object: 'chat' },
    'a type of the host': { type: 1, object: 'chat', signal: 0 },
    'a fraction as type': { type: 3.5, id: 1 },
    'a beginning without an id': { type: 3 },
    'a beginning with an id that is a tower': { type: 3, id: nested(5000) },
    'a debug message that is no text': { type: 5, data: { toString: 1 } },
    'no object': { type: 6, id: 1, method: 'users', args: [] },
    'an unknown object': { type: 6, id: 1, object: 'toString', method: 'users', args: [] },
    'an object that is no text': { type: 6, id: 1, object: ['chat'], method: 'users', args: [] },
    'a call without an id': { type: 6, object: 'chat', method: 'login', args: ['alice'] },
    'a call with null as id': {
      type: 6,
      id: null,
      object: 'chat',
      method: 'login',
      args: ['alice'],
    },
    'a signal without an index': { type: 7, object: 'chat' },
    'a signal by its name': { type: 7, object: 'chat', signal: 'newMessage' },
    'an unknown signal': { type: 7, object: 'chat', signal: 4 },
    'a negative signal': { type: 8, object: 'chat', signal: -1 },
    'an unknown property': { type: 9, object: 'chat', property: 4, value: 1 },
    'a property by its name': { type: 9, object: 'chat', property: 'topic', value: 'x' },
    'an object as property': { type: 9, object: 'chat', property: { toString: 1 }, value: 'x' },
    'a member of lists as property': { type: 9, object: 'chat', property: 'length', value: 'x' },
    'a property that is read only': { type: 9, object: 'chat', property: 1, value: ['eve'] },
    'a value of another type': { type: 9, object: 'chat', property: 0, value: 7 },
    'no value': { type: 9, object: 'chat', property: 0 },
  };
  for (const [name, message] of Object.entries(ignored)) {
    it(`gets no answer to ${name}, and the program a reason`, () => {
      expect(stage.client.say(message)).to.deep.equal([]);

      assert.calledOnce(stage.refused);
      expect(stage.refused.firstCall.args[1]).to.equal(stage.client);
      expect(stage.reason).to.match(/^\P{C}{10,200}\.$/u);
      expect([stage.chat.topic(), stage.chat.users()]).to.deep.equal(['weather', []]);
    });
  }

  const unanswered: Record<string, readonly [method: unknown, args: unknown]> = {
    'of a member that is not described': ['setTopic', ['x']],
    'of a member of every object': ['constructor', []],
    'of what QObject has': ['emit', ['newMessage']],
    'of a name of prototypes': ['__proto__', []],
    'of a destructor that is not described': ['deleteLater', []],
    'of a property': ['topic', []],
    'of an unknown index': [99, []],
    'of the index of a signal': [3, ['alice', 'Hello']],
    'of no method': [undefined, []],
    'of an object': [{ name: 'login' }, ['alice']],
    'with too few arguments': ['login', []],
    'with too many arguments': ['login', ['alice', 'bob']],
    'with arguments that are no list': ['login', { 0: 'alice', length: 1 }],
    'with a number for a text': ['login', [7]],
    'with null for a text': ['login', [null]],
    'with a text for a number': ['add', ['1', 2]],
    'with a text for an object': ['nameOf', ['chat']],
    'with a map that is no object': ['nameOf', [{ id: 'chat' }]],
    'with an argument that is nested too deep': ['same', [nested(5000)]],
  };
  for (const [name, [method, args]] of Object.entries(unanswered)) {
    it(`gets null for a call ${name}`, () => {
      expect(stage.call(method, args)).to.equal(null);

      expect(stage.reason).to.match(/^No candidates found for .* on object chat\.$/);
      expect(stage.chat.users()).to.deep.equal([]);
    });
  }

  it('has its texts shown in a form that is fit for logs', () => {
    stage.client.say({ type: 6, id: 1, object: `\u001B[2J${'x'.repeat(9999)}`, method: 'x' });

    expect(stage.reason).to.match(/^Unknown object encountered "\?\[2Jx{116}…"\.$/u);
  });

  it('gives objects that it knows, and null for others', () => {
    const objects = [
      { '__QObject*__': true, id: 'chat' },
      { '__QObject*__': true, id: 'unknown' },
      { '__QObject*__': false, id: 'chat' },
    ];

    expect(stage.call('same', [{ deep: objects }])).to.deep.equal({
      deep: [{ '__QObject*__': true, id: 'chat' }, null, objects[2]],
    });
  });

  // The published client makes an object of all that has a mark and an id, and data for it.
  it('cannot have other clients take what it has made up for an object', () => {
    const data = { methods: [['cancel', 7]], properties: [], signals: [] };
    const objects = [
      { '__QObject*__': true, id: 'unknown', data },
      { '__QObject*__': 1, id: 'unknown', data },
      { '__QObject*__': 'yes', id: 'chat', data },
      { '__QObject*__': [], id: 0, data },
      { '__QObject*__': true, id: null, data },
    ];

    expect(stage.call('same', [objects])).to.deep.equal([
      null,
      null,
      { '__QObject*__': true, id: 'chat' },
      null,
      null,
    ]);
  });

  it('cannot give names of prototypes a meaning', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;

    const result = stage.call('same', [value]);

    expect(JSON.stringify(result)).to.equal('{"__proto__":{"polluted":true},"constructor":1}');
    expect('polluted' in {}).to.equal(false);
  });

  it('is told of a signal as often as it happens, however often it has asked', () => {
    for (let time = 0; time < 100; time++) {
      stage.client.say({ type: 7, object: 'chat', signal: 3 });
    }
    stage.chat.say('alice', 'Hello');
    stage.client.say({ type: 8, object: 'chat', signal: 3 });
    stage.chat.say('alice', 'Hello?');

    expect(stage.client.sent).to.deep.equal([
      { type: 1, object: 'chat', signal: 3, args: ['alice', 'Hello'] },
    ]);
  });

  it('may have a number of calls that wait, and no more', async () => {
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => (resolve = done));
    class Slow extends QObject {
      calls = 0;
      wait(): Promise<void> {
        this.calls++;
        return promise;
      }
    }
    const slow = new Slow();
    stage.channel.registerObject('slow', slow, { methods: { wait: [] } });
    const call = { type: 6, object: 'slow', method: 'wait', args: [] };
    for (let id = 0; id < MAX_PENDING_CALLS; id++) {
      expect(stage.client.say({ ...call, id })).to.deep.equal([]);
    }

    expect(answer(stage.client.say({ ...call, id: -1 }))).to.equal(null);
    expect(stage.reason).to.equal('Too many calls wait: wait of slow.');
    stage.client.take();
    resolve();
    await new Promise(setImmediate);

    expect(stage.client.take()).to.have.lengthOf(MAX_PENDING_CALLS);
    expect(slow.calls).to.equal(MAX_PENDING_CALLS);
    expect(stage.client.say({ ...call, id: 1 })).to.deep.equal([]);
  });

  it('may be shown a number of objects, and no more', () => {
    class Keeper extends QObject {
      readonly den = new Room('den');
      room(): Room {
        return this.den;
      }
    }
    stage.channel.registerObject('keeper', new Keeper(), { methods: { room: [] } });
    const askKeeper = { type: 6, id: 1, object: 'keeper', method: 'room', args: [] };
    expect(answer(stage.connect().say(askKeeper))).to.not.equal(null);
    // The lobby is one of them.
    for (let count = 1; count < MAX_INTRODUCED; count++) stage.openRoom();
    expect(stage.refused.callCount).to.equal(0);

    expect(stage.call('openRoom', ['one more'])).to.equal(null);
    expect(stage.reason).to.equal(`It has been shown ${MAX_INTRODUCED} objects.`);
    expect(answer(stage.client.say(askKeeper))).to.equal(null);

    stage.chat.closeRoom(stage.chat.children().at(-2)!);
    expect(stage.call('openRoom', ['in its place'])).to.not.equal(null);
  });

  it('does not keep others from theirs when its transport throws', async () => {
    class Broken extends RecordingTransport {
      override sendMessage(): void {
        throw new Error('broken');
      }
    }
    const broken = new Broken();
    stage.channel.connectTo(broken);
    const other = stage.connect();
    for (const client of [broken, other]) client.say({ type: 7, object: 'chat', signal: 3 });

    const errors = await uncaughtErrors(() => stage.chat.say('alice', 'Hello'));

    expect(errors.map(String)).to.deep.equal(['Error: broken']);
    expect(other.sent).to.have.lengthOf(1);
  });
});
