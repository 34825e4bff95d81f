import { expect } from 'chai';
import { QObject } from '../../lib/core/qobject.ts';
import { isOfType, QT_NAMES, type ChannelType } from '../../lib/webchannel/channel-type.ts';

describe('isOfType()', () => {
  const values = {
    null: null,
    true: true,
    7: 7,
    text: 'text',
    list: [],
    map: {},
    it: new QObject(),
  };
  const fitting: Record<ChannelType, readonly string[]> = {
    any: Object.keys(values),
    array: ['list'],
    boolean: ['true'],
    number: ['7'],
    object: ['map'],
    QObject: ['null', 'it'],
    string: ['text'],
  };

  for (const type of Object.keys(QT_NAMES) as ChannelType[]) {
    it(`takes for ${type} what is one`, () => {
      const names = Object.entries(values).filter(([, value]) => isOfType(type, value));

      expect(names.map(([name]) => name)).to.have.members([...fitting[type]]);
    });
  }
});
