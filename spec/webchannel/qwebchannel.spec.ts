import { expect } from 'chai';
import { assert, spy } from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { QWebChannel } from '../../lib/webchannel/qwebchannel.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { Chat, chat, Room, room } from './support/chat.ts';
import { RecordingTransport } from './support/recording-transport.ts';
import { answer, Stage } from './support/stage.ts';

describe('QWebChannel', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });

  afterEach(() => {
    stage.channel[Symbol.dispose]();
  });

  describe('registerObject()', () => {
    it('shows the object to clients that begin', () => {
      stage.channel.registerObject('lobby', stage.chat.lobby);
      const client = new RecordingTransport();
      stage.channel.connectTo(client);

      const objects = answer(client.say({ type: 3, id: 7 })) as object;

      expect(Object.keys(objects)).to.deep.equal(['chat', 'lobby']);
      expect(stage.channel.registeredObjects()).to.deep.equal(
        new Map<string, object>([
          ['chat', stage.chat],
          ['lobby', stage.chat.lobby],
        ]),
      );
    });

    it('shows what is described, and nothing else', () => {
      const text = JSON.stringify(stage.client.say({ type: 3, id: 7 }));

      expect(text).to.include('greeting');
      expect(text).to.not.include('secret');
    });

    it('takes the same again', () => {
      stage.channel.registerObject('chat', stage.chat, chat);

      expect(stage.channel.registeredObjects().size).to.equal(1);
    });

    it('refuses an id that another object has, and another id for the same object', () => {
      expect(() => stage.channel.registerObject('chat', new Chat(), chat)).to.throw(
        TypeError,
        'Another object is registered as "chat".',
      );
      expect(() => stage.channel.registerObject('chat 2', stage.chat, chat)).to.throw(
        TypeError,
        'The object is registered as "chat" already.',
      );
    });

    it('refuses what nothing describes, what is no QObject, and what has been destroyed', () => {
      const gone = new Room('gone');
      gone[Symbol.dispose]();

      expect(() => stage.channel.registerObject('object', new QObject())).to.throw(
        TypeError,
        'Nothing describes a QObject: give registerObject() a description',
      );
      expect(() =>
        stage.channel.registerObject('plain', { login: () => true } as never, {}),
      ).to.throw(TypeError, 'Clients see QObjects alone');
      expect(() => stage.channel.registerObject('gone', gone)).to.throw(
        TypeError,
        'The object has been destroyed.',
      );
    });

    it('refuses an object that lacks what is described', () => {
      const plain = new QObject() as Chat;

      expect(() => stage.channel.registerObject('plain', plain, chat)).to.throw(
        TypeError,
        'There is no method login.',
      );
    });

    it('gives an object that a client knows already a name beside its id', () => {
      const id = stage.openRoom();
      const opened = stage.chat.children().at(-1) as Room;
      stage.channel.registerObject('den', opened);

      const after = stage.connect();

      expect(stage.call('nameOf', [{ '__QObject*__': true, id }])).to.equal('den');
      expect(stage.call('nameOf', [{ '__QObject*__': true, id }], after)).to.equal(null);
      expect(stage.call('nameOf', [{ '__QObject*__': true, id: 'den' }], after)).to.equal('den');
      stage.channel.disconnectFrom(stage.client);
      expect(() => stage.channel.registerObject('another', opened)).to.throw('"den" already');
    });
  });

  describe('registerObjects()', () => {
    it('takes objects whose classes are described', () => {
      stage.channel.registerObjects({ one: new Room('1'), other: new Room('2') });

      expect([...stage.channel.registeredObjects().keys()]).to.deep.equal(['chat', 'one', 'other']);
    });
  });

  describe('registerType()', () => {
    it('describes objects of derived classes, unless they have a description of their own', () => {
      class Den extends Room {}
      class Cellar extends Room {}
      stage.channel.registerType(Cellar, { methods: { say: ['string'] } });
      stage.channel.registerObjects({ den: new Den('den'), cellar: new Cellar('cellar') });

      const objects = answer(stage.client.say({ type: 3, id: 7 })) as Record<
        string,
        { properties: unknown[] }
      >;

      expect(objects['den']!.properties).to.have.lengthOf(1);
      expect(objects['cellar']!.properties).to.have.lengthOf(0);
    });
  });

  describe('deregisterObject()', () => {
    it('is the end of the object for clients', () => {
      stage.channel.deregisterObject(stage.chat);

      expect(stage.client.take()).to.deep.equal([
        { type: 1, object: 'chat', signal: 0, args: [{ '__QObject*__': true, id: 'chat' }] },
      ]);
      expect(stage.channel.registeredObjects().size).to.equal(0);
      expect(stage.call('users', [])).to.equal(undefined);
    });

    it('leaves the object alone', () => {
      const destroyed = spy();
      stage.chat.destroyed.connect(destroyed);

      stage.channel.deregisterObject(stage.chat);
      stage.channel.deregisterObject(stage.chat);
      assert.notCalled(destroyed);
      stage.chat[Symbol.dispose]();

      expect(stage.client.sent.filter(({ object }) => object === 'chat')).to.have.lengthOf(1);
    });
  });

  it('tells clients when an object is destroyed', () => {
    const id = stage.openRoom();
    stage.client.take();

    stage.chat[Symbol.dispose]();

    expect(
      stage.client.take().map(({ object, signal }) => [object, signal]),
    ).to.deep.include.members([
      ['chat', 0],
      [id, 0],
    ]);
  });

  describe('connectTo()', () => {
    it('serves a transport once, however often it is told', () => {
      stage.channel.connectTo(stage.client);

      expect(stage.client.say({ type: 3, id: 0 })).to.have.lengthOf(1);
    });

    it('serves a transport until that is destroyed', () => {
      const other = stage.connect();
      other.say({ type: 7, object: 'chat', signal: 3 });
      other[Symbol.dispose]();

      stage.chat.say('alice', 'Hello');

      expect(other.sent).to.deep.equal([]);
    });
  });

  describe('disconnectFrom()', () => {
    it('serves a transport no longer, and may serve it again', () => {
      stage.channel.disconnectFrom(stage.client);
      expect(stage.client.say({ type: 3, id: 0 })).to.deep.equal([]);

      stage.channel.connectTo(stage.client);
      expect(stage.client.say({ type: 3, id: 0 })).to.have.lengthOf(1);
    });

    it('keeps nothing of a transport', () => {
      stage.channel.disconnectFrom(stage.client);

      expect(stage.client.listeners('destroyed')).to.deep.equal([]);
      expect(stage.client.listeners('messageReceived')).to.deep.equal([]);
    });

    it('keeps what another client was shown as well', () => {
      const other = stage.connect();
      const objects = answer(other.say({ type: 3, id: 7 })) as {
        chat: { properties: [number, string, unknown, { id: string }][] };
      };
      const { id } = objects.chat.properties[2]![3];
      stage.channel.disconnectFrom(stage.client);

      expect(stage.call('nameOf', [{ '__QObject*__': true, id }], other)).to.equal('lobby');
    });

    it('forgets what only this client was shown', () => {
      const id = stage.openRoom();
      const other = stage.connect();
      const found = stage.chat.children().at(-1) as Room;

      stage.channel.disconnectFrom(stage.client);
      expect(found.listeners('said')).to.deep.equal([]);
      found[Symbol.dispose]();

      expect(other.take()).to.deep.equal([]);
      expect(other.say({ type: 6, id: 1, object: id, method: 'say', args: ['?'] })).to.deep.equal(
        [],
      );
    });
  });

  describe('a method', () => {
    it('is answered when its promise is settled', async () => {
      let resolve = (_text: string): void => {};
      const promise = new Promise<string>((done) => (resolve = done));
      class Slow extends QObject {
        get(): Promise<string> {
          return promise;
        }
      }
      stage.channel.registerObject('slow', new Slow(), { methods: { get: [] } });

      const sent = stage.client.say({ type: 6, id: 'a', object: 'slow', method: 'get', args: [] });
      resolve('fast');
      await new Promise(setImmediate);

      expect(sent).to.deep.equal([]);
      expect(stage.client.take()).to.deep.include({ type: 10, id: 'a', data: 'fast' });
    });

    it('that throws, or is rejected, is answered with null', async () => {
      const error = new Error('broken');
      class Broken extends QObject {
        throws(): void {
          throw error;
        }
        rejects(): Promise<void> {
          return Promise.reject(error);
        }
        returnsBig(): bigint {
          return 1n;
        }
      }
      const methods = { throws: [], rejects: [], returnsBig: [] } as const;
      stage.channel.registerObject('broken', new Broken(), { methods });

      for (const method of Object.keys(methods)) {
        stage.client.say({ type: 6, id: method, object: 'broken', method, args: [] });
        await new Promise(setImmediate);
        expect(stage.client.take()).to.deep.equal([{ type: 10, id: method, data: null }]);
      }
      expect(stage.failed.args.map(([, id, member]) => [id, member] as unknown)).to.deep.equal([
        ['broken', 'throws'],
        ['broken', 'rejects'],
        ['broken', 'returnsBig'],
      ]);
      assert.calledWith(stage.failed, error);
    });

    it('that throws is an uncaught exception where nobody listens', async () => {
      const channel = new QWebChannel();
      const client = new RecordingTransport();
      class Broken extends QObject {
        throws(): void {
          throw new Error('broken');
        }
      }
      channel.registerObject('broken', new Broken(), { methods: { throws: [] } });
      channel.connectTo(client);

      const errors = await uncaughtErrors(() => {
        client.say({ type: 6, id: 1, object: 'broken', method: 'throws', args: [] });
      });

      expect(errors.map(String)).to.deep.equal(['Error: broken']);
    });

    it('that has its client leave shows that client nothing more', () => {
      const { channel, client } = stage;
      const den = new Room('den');
      class Bouncer extends QObject {
        leave(): Room {
          channel.disconnectFrom(client);
          return den;
        }
      }
      channel.registerObject('bouncer', new Bouncer(), { methods: { leave: [] } });

      client.say({ type: 6, id: 1, object: 'bouncer', method: 'leave', args: [] });

      expect(den.listeners('said')).to.deep.equal([]);
    });

    it('that is rejected when the channel has gone bothers nobody', async () => {
      let reject = (_error: Error): void => {};
      class Slow extends QObject {
        wait(): Promise<void> {
          return new Promise((_, fail) => (reject = fail));
        }
      }
      stage.channel.registerObject('slow', new Slow(), { methods: { wait: [] } });
      stage.client.say({ type: 6, id: 1, object: 'slow', method: 'wait', args: [] });

      const errors = await uncaughtErrors(() => {
        stage.channel[Symbol.dispose]();
        reject(new Error('too late'));
      });

      expect(errors).to.deep.equal([]);
    });

    it('may end the channel', () => {
      const channel = new QWebChannel();
      class Ender extends QObject {
        end(): void {
          channel[Symbol.dispose]();
        }
      }
      const client = new RecordingTransport();
      channel.registerObject('ender', new Ender(), { methods: { end: [] } });
      channel.connectTo(client);

      expect(
        client.say({ type: 6, id: 1, object: 'ender', method: 'end', args: [] }),
      ).to.deep.equal([]);
    });
  });

  describe('a property', () => {
    it('that throws is null', () => {
      class Broken extends QObject {
        get name(): string {
          throw new Error('broken');
        }
      }
      class Base extends Broken {
        override get name(): string {
          return super.name;
        }
      }
      const broken = new Base();
      stage.channel.registerObject('broken', broken, { properties: { name: { constant: true } } });

      const objects = answer(stage.client.say({ type: 3, id: 7 })) as Record<
        string,
        { properties: unknown }
      >;

      expect(objects['broken']!.properties).to.deep.equal([[0, 'name', [], null]]);
      assert.calledOnceWithMatch(stage.failed, { message: 'broken' }, 'broken', 'name');
    });

    it('is set by a method or as a member, and read by another name', () => {
      class Lamp extends QObject {
        brightness = 3;
        isOn(): boolean {
          return this.brightness > 0;
        }
        turn(on: boolean): void {
          this.brightness = on ? 3 : 0;
        }
      }
      const lamp = new Lamp();
      stage.channel.registerObject('lamp', lamp, {
        properties: {
          on: { read: 'isOn', write: 'turn', type: 'boolean', constant: true },
          brightness: { write: 'brightness', type: 'number', constant: true },
        },
      });

      stage.client.say({ type: 9, object: 'lamp', property: 0, value: false });
      expect(lamp.brightness).to.equal(0);
      stage.client.say({ type: 9, object: 'lamp', property: 1, value: 7 });

      const objects = answer(stage.client.say({ type: 3, id: 7 })) as Record<
        string,
        { properties: unknown }
      >;
      expect(objects['lamp']!.properties).to.deep.equal([
        [0, 'on', [], true],
        [1, 'brightness', [], 7],
      ]);
    });

    describe('when a client sets a variable', () => {
      class Lamp extends QObject<{ brightnessChanged: [brightness: number]; nameChanged: [] }> {
        brightness = 3;
        #name = 'desk';
        get name(): string {
          return this.#name;
        }
        set name(name: string) {
          this.#name = name;
          this.emit('nameChanged');
        }
      }
      let lamp: Lamp;
      const set = (property: number, value: unknown): void => {
        stage.client.say({ type: 9, object: 'lamp', property, value });
      };

      beforeEach(() => {
        lamp = new Lamp();
        stage.channel.setPropertyUpdateInterval(-1);
        stage.channel.registerObject('lamp', lamp, {
          properties: {
            brightness: { write: 'brightness', type: 'number', notify: 'brightnessChanged' },
            name: { write: 'name', type: 'string', notify: 'nameChanged' },
          },
        });
      });

      it('emits for it, so that the other clients know', () => {
        const other = stage.connect();
        const changed = spy();
        lamp.on('brightnessChanged', changed);
        set(0, 7);

        assert.calledOnceWithExactly(changed, 7);
        expect(other.take()).to.deep.equal([
          { type: 2, data: [{ object: 'lamp', signals: { 1: [7] }, properties: { 0: 7 } }] },
        ]);
      });

      it('emits nothing when it is the same value', () => {
        const changed = spy();
        lamp.on('brightnessChanged', changed);
        set(0, 3);

        assert.notCalled(changed);
      });

      it('leaves that to a setter', () => {
        const changed = spy();
        lamp.on('nameChanged', changed);
        set(1, 'bed');

        expect(lamp.name).to.equal('bed');
        assert.calledOnceWithExactly(changed);
      });

      it('reports a slot that throws', () => {
        lamp.on('brightnessChanged', () => {
          throw new Error('slot');
        });
        set(0, 7);

        assert.calledOnceWithMatch(stage.failed, { message: 'slot' }, 'lamp', 'brightness');
      });
    });
  });

  describe('objects that are not registered', () => {
    it('are told of once in a message, and may hold each other', () => {
      class Knot extends QObject {
        readonly self: Knot = this;
      }
      class Tree extends QObject {
        knots(): Knot[] {
          const knot = new Knot();
          return [knot, knot];
        }
      }
      stage.channel.registerType(Knot, { properties: { self: { constant: true } } });
      stage.channel.registerObject('tree', new Tree(), { methods: { knots: [] } });

      const [first, second] = answer(
        stage.client.say({ type: 6, id: 1, object: 'tree', method: 'knots', args: [] }),
      ) as { id: string; data?: { properties: unknown } }[];

      const reference = { '__QObject*__': true, id: first!.id };
      expect(first!.data!.properties).to.deep.equal([[0, 'self', [], reference]]);
      expect(second).to.deep.equal(reference);
    });

    it('belong to the clients that have got them', () => {
      const id = stage.openRoom();
      const other = stage.connect();
      const say = { type: 6, id: 1, object: id, method: 'say', args: ['Hello'] };

      expect(stage.client.say(say)).to.have.lengthOf(1);
      expect(other.say(say)).to.deep.equal([]);
      expect(stage.reason).to.equal(`Unknown object encountered "${id}".`);
      expect(stage.call('nameOf', [{ '__QObject*__': true, id }], other)).to.equal(null);
      other.take();
      stage.chat.closeRoom(stage.chat.children().at(-1)!);
      expect(other.take()).to.deep.equal([]);
    });

    it('are deleted by clients that may, unlike those that are registered', async () => {
      stage.channel.registerObject('lobby', stage.chat.lobby, room);
      const id = stage.openRoom();
      const destroyed = spy();
      (stage.chat.children().at(-1) as Room).destroyed.connect(destroyed);
      stage.chat.lobby.destroyed.connect(destroyed);

      for (const object of [id, 'lobby']) {
        stage.client.say({ type: 6, id: 1, object, method: 'deleteLater', args: [] });
      }
      await new Promise(setImmediate);

      assert.calledOnce(destroyed);
      expect(stage.reason).to.equal('Not deleting non-wrapped object lobby.');
    });

    it('are null when nothing describes them, or when they have been destroyed', () => {
      class Box extends QObject {
        empty(): QObject {
          return new QObject();
        }
        gone(): Room {
          const gone = new Room('gone');
          gone[Symbol.dispose]();
          return gone;
        }
      }
      stage.channel.registerObject('box', new Box(), { methods: { empty: [], gone: [] } });

      for (const method of ['empty', 'gone']) {
        const sent = stage.client.say({ type: 6, id: 1, object: 'box', method, args: [] });
        expect(answer(sent)).to.equal(null);
      }
      assert.calledOnceWithMatch(stage.failed, { name: 'TypeError' }, 'box', 'empty');
    });
  });

  it('says nothing any more when it is destroyed', () => {
    stage.channel[Symbol.dispose]();

    stage.chat.say('alice', 'Hello');
    stage.chat[Symbol.dispose]();

    expect(stage.client.sent).to.deep.equal([]);
    stage.channel.connectTo(stage.client);
    expect(stage.client.say({ type: 3, id: 1 })).to.deep.equal([]);
  });

  it('passes on what clients say to whoever debugs them', () => {
    const debug = spy();
    stage.channel.debugMessage.connect(debug);

    stage.client.say({ type: 5, data: 'Hello' });

    assert.calledOnceWithExactly(debug, 'Hello', stage.client);
  });
});
