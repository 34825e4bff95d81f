import { expect } from 'chai';
import { ObjectTable, type PlainDescription } from '../../lib/webchannel/object-table.ts';

describe('ObjectTable', () => {
  it('counts signals, then methods, and properties by themselves', () => {
    const table = new ObjectTable({
      properties: { name: { notify: 'renamed' }, size: { notify: 'sizeChanged' }, kind: {} },
      methods: { grow: ['number'], rename: ['string', 'any'] },
      signals: ['grown'],
      enums: { Kind: { Small: 0 } },
    });

    expect(table.show(['den', 3, 0])).to.deep.equal({
      enums: { Kind: { Small: 0 } },
      methods: [
        ['grow', 4],
        ['grow(double)', 4],
        ['rename', 5],
        ['rename(QString,QVariant)', 5],
      ],
      signals: [
        ['destroyed', 0],
        ['destroyed(QObject*)', 0],
        ['grown', 3],
      ],
      properties: [
        [0, 'name', ['renamed', 1], 'den'],
        [1, 'size', [1, 2], 3],
        [2, 'kind', [], 0],
      ],
    });
    expect(table.method('grow')).to.equal(table.method(4));
  });

  it('lets properties share a signal, and has the signals of every object but once', () => {
    const table = new ObjectTable({
      properties: { one: { notify: 'changed' }, other: { notify: 'changed' } },
      signals: ['destroyed', 'changed'],
    });

    expect(table.signals).to.deep.equal(['destroyed', 'changed']);
    expect(table.show([1, 2])['signals']).to.deep.equal([
      ['destroyed', 0],
      ['destroyed(QObject*)', 0],
    ]);
  });

  const doubled: Record<string, PlainDescription> = {
    'a property and a method': { properties: { name: {} }, methods: { name: [] } },
    'a property and a signal': { properties: { name: {} }, signals: ['name'] },
    'a method and a signal': { methods: { destroyed: [] } },
    'a method and an enumeration': { methods: { Kind: [] }, enums: { Kind: {} } },
  };
  for (const [what, description] of Object.entries(doubled)) {
    it(`refuses ${what} of the same name`, () => {
      expect(() => new ObjectTable(description)).to.throw(TypeError, 'Two members are named ');
    });
  }

  it('refuses types that do not exist', () => {
    const constructor = 'constructor' as 'any';

    for (const description of [
      { methods: { name: [constructor] } },
      { properties: { name: { type: constructor } } },
    ]) {
      expect(() => new ObjectTable(description)).to.throw(
        TypeError,
        'There is no type constructor, but any, array, boolean, number, object, QObject, string.',
      );
    }
  });

  it('misses members that an object does not have', () => {
    const object = { name: 'den', grow: () => {} };

    expect(() => new ObjectTable({ methods: { name: [] } }).check(object)).to.throw(
      TypeError,
      'There is no method name.',
    );
    for (const properties of [{ size: {} }, { name: { write: 'size' } }]) {
      expect(() => new ObjectTable({ properties }).check(object)).to.throw(
        TypeError,
        'There is no member size.',
      );
    }
    new ObjectTable({ methods: { grow: [] }, properties: { name: {} } }).check(object);
  });
});
