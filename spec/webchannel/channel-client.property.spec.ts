import { expect } from 'chai';
import {
  anything,
  array,
  assert,
  constantFrom,
  jsonValue,
  oneof,
  property,
  record,
} from 'fast-check';
import { Room } from './support/chat.ts';
import { Stage } from './support/stage.ts';

const names = ['chat', 'login', 'openRoom', 'closeRoom', 'say', 'deleteLater', 'constructor'];
const reference = record({ '__QObject*__': constantFrom(true, false), id: constantFrom(...names) });
const value = oneof(jsonValue(), reference, constantFrom<unknown>(...names, 0, 1, 3, 7, -1));

/** Much like messages of clients. */
const message = record(
  {
    type: oneof({ weight: 9, arbitrary: constantFrom(3, 4, 5, 6, 7, 8, 9) }, value),
    id: oneof(constantFrom(1, '1'), value),
    object: oneof({ weight: 3, arbitrary: constantFrom('chat', 'room') }, value),
    method: value,
    args: oneof(array(value, { maxLength: 3 }), value),
    signal: value,
    property: value,
    value,
    data: value,
  },
  { requiredKeys: [] },
);

describe('a client of a QWebChannel, whatever it says', () => {
  it('throws nothing, gets messages alone, and leaves the host at work', () => {
    assert(
      property(array(oneof(message, anything()), { maxLength: 20 }), (messages) => {
        const stage = new Stage();
        stage.channel.registerObject('room', new Room('room'));

        for (const each of messages) stage.client.say(each);

        for (const { type } of stage.client.sent) expect([1, 2, 10]).to.include(type);
        expect(stage.failed.args).to.deep.equal([]);
        expect([...stage.channel.registeredObjects().keys()]).to.deep.equal(['chat', 'room']);
        expect(stage.connect().say({ type: 3, id: 0 })).to.have.lengthOf(1);
        stage.channel[Symbol.dispose]();
      }),
    );
  });
});
