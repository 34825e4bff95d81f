import { expect } from 'chai';
import {
  COMPANION_ENUMS,
  MODULE_TYPES,
  QML_TYPES,
  QOBJECT,
  QOBJECT_ELSEWHERE,
  type QtNames,
} from '../../../lib/cli/report/qt-names.ts';
import { qtSurface, type QtType } from '../../surface/support/qt-surface.ts';

/** What is not called by its name. */
const UNNAMED = new Set(['constructor', 'destructor', 'operator', 'enum']);

const SAME_AS: Readonly<Record<string, string>> = {
  slot: 'method',
  virtual: 'method',
  'qml-method': 'method',
  'qml-signal': 'signal',
};

/** The members by kind and name, once each. */
function surfaceOf({ members }: QtType): string[] {
  const named = members.filter(({ kind }) => !UNNAMED.has(kind));
  return [...new Set(named.map(({ kind, name }) => `${SAME_AS[kind] ?? kind} ${name}`))].toSorted();
}

function known({ methods, statics, signals, properties }: QtNames): string[] {
  const kinds = { method: methods, static: statics, signal: signals, property: properties };
  return Object.entries(kinds)
    .flatMap(([kind, names]) => (names ?? []).map((name) => `${kind} ${name}`))
    .toSorted();
}

describe('the names of Qt that the report knows', () => {
  const types = { ...MODULE_TYPES, ...QML_TYPES };

  it('are of all types of the module', () => {
    expect(Object.keys(types).toSorted()).to.deep.equal(Object.keys(qtSurface.types).toSorted());
  });

  for (const [name, type] of Object.entries(qtSurface.types)) {
    it(`are all that ${name} has`, () => {
      expect(known(types[name]!)).to.deep.equal(surfaceOf(type));
    });

    it(`are all enumerators of ${name}`, () => {
      const enums = Object.entries(type.enums ?? {});
      const expected = enums.map(([key, values]) => [key, Object.keys(values)]);

      expect(types[name]!.enums ?? {}).to.deep.equal(Object.fromEntries(expected));
    });
  }

  it('are what QObject has here', () => {
    expect(known(QOBJECT)).to.deep.equal(surfaceOf(qtSurface.companions['QObject']!));
  });

  it('leave out nothing of QObject that is here', () => {
    const here = surfaceOf(qtSurface.companions['QObject']!).map((entry) => entry.split(' ')[1]!);

    expect(here.filter((name) => QOBJECT_ELSEWHERE.has(name))).to.deep.equal([]);
  });

  for (const [name, enums] of Object.entries(COMPANION_ENUMS)) {
    it(`are enumerators that ${name} has`, () => {
      const theirs = qtSurface.companions[name]?.enums ?? {};
      for (const [key, values] of Object.entries(enums)) {
        expect(values).to.deep.equal(Object.keys(theirs[key] ?? {}));
      }
    });
  }
});
