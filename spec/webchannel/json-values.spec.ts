import { expect } from 'chai';
import { assert, property, jsonValue } from 'fast-check';
import { QObject } from '../../lib/core/qobject.ts';
import { fromJson, MAX_GIVEN_DEPTH, toJson } from '../../lib/webchannel/json-values.ts';

const nobody = (): null => null;

function nested(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
}

describe('toJson()', () => {
  it('makes of everything what JSON.stringify() says', () => {
    const values: unknown[] = [
      undefined,
      null,
      Number.NaN,
      -Infinity,
      new Date(0),
      new Map([[1, 2]]),
      () => {},
      Symbol('x'),
      { a: undefined, b: () => {}, c: { toJSON: () => [1] }, ['__proto__']: 1 },
      [undefined, () => {}, Symbol('x'), [Number.NaN]],
      Object.assign(Object.create({ inherited: 1 }) as object, { own: 2 }),
    ];

    for (const value of values) {
      const text = JSON.stringify(value) ?? 'null';
      expect(JSON.stringify(toJson(value, nobody))).to.equal(text);
    }
  });

  it('makes of JSON the same again', () => {
    assert(
      property(jsonValue(), (value) => {
        expect(JSON.stringify(toJson(value, nobody))).to.equal(JSON.stringify(value));
      }),
    );
  });

  it('has QObjects referred to, wherever they are', () => {
    const object = new QObject();

    const refer = (found: unknown): string => (found === object ? 'it' : 'another');

    expect(toJson([object, { a: { toJSON: () => object } }], refer)).to.deep.equal([
      'it',
      { a: 'it' },
    ]);
  });

  it('throws for what has no end, and for what JSON cannot say', () => {
    const circle: unknown[] = [];
    circle.push(circle);

    expect(() => toJson(circle, nobody)).to.throw(RangeError, 'nested too deep, or holds itself');
    expect(() => toJson({ a: 1n }, nobody)).to.throw(TypeError);
  });
});

describe('fromJson()', () => {
  it('leaves JSON as it is', () => {
    assert(
      property(jsonValue(), (value) => {
        expect(JSON.stringify(fromJson(value, nobody)!.value)).to.equal(JSON.stringify(value));
      }),
    );
  });

  it('takes what is nested as deep as may be, and nothing deeper', () => {
    expect(fromJson(nested(MAX_GIVEN_DEPTH), nobody)).to.not.equal(undefined);
    expect(fromJson(nested(MAX_GIVEN_DEPTH + 1), nobody)).to.equal(undefined);
    expect(fromJson(nested(50_000), nobody)).to.equal(undefined);
  });

  it('takes nothing that could not go out again within something else', () => {
    let value = fromJson(nested(MAX_GIVEN_DEPTH), nobody)!.value;
    for (let i = 0; i < 500; i++) value = { from: value };

    expect(() => toJson(value, nobody)).to.not.throw();
  });
});
