import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import * as main from 'qwebsockets';
import * as qml from 'qwebsockets/qml';
import { spy } from 'sinon';
import {
  counterparts,
  hasMethod,
  nearest,
  omittedEnums,
  prototypeOf,
  type Door,
} from './nearest.ts';
import { Declarations } from './support/declarations.ts';
import { qtSurface, type Kind, type Member, type QtType } from './support/qt-surface.ts';

const require = createRequire(import.meta.url);

const doors: Readonly<Record<string, Door>> = {
  import: { ...main, ...qml },
  require: {
    ...(require('qwebsockets') as Door),
    ...(require('qwebsockets/qml') as Door),
  },
};

/** Companions that have a counterpart of another name instead. */
const REPLACED: ReadonlySet<string> = new Set(['QUrlQuery', 'QTcpSocket', 'QTcpServer']);

/** Kinds that JavaScript has only in another form. */
type NeverPlain = 'destructor' | 'operator' | 'enum';

const types = Object.entries({ ...qtSurface.types, ...qtSurface.companions }).filter(
  ([name]) => !REPLACED.has(name),
);

/** How each kind of member has to be there. */
const IS_THERE: Readonly<
  Record<Exclude<Kind, NeverPlain>, (door: Door, type: string, member: Member) => boolean>
> = {
  constructor: (door, type) => typeof door[type] === 'function',
  static: hasStatic,
  method: (door, type, { name }) => hasMethod(door, type, name),
  slot: (door, type, { name }) => hasMethod(door, type, name),
  virtual: (door, type, { name }) => hasMethod(door, type, name) || isAbstract(type, name),
  signal: hasSignal,
  property: hasProperty,
  'qml-signal': hasSignal,
  'qml-method': (door, type, { name }) => hasMethod(door, type, name),
};

const declarations = new Declarations('dist/esm');

describe('the surface of the package', () => {
  it('is measured against all of Qt WebSockets', () => {
    const all = Object.values(qtSurface.types);
    const members = all.flatMap((type) => type.members);
    const enumerators = all.flatMap(({ enums = {} }) => Object.values(enums)).flatMap(Object.keys);

    expect([all.length, members.length, enumerators.length]).to.deep.equal([8, 170, 29]);
  });

  for (const [how, door] of Object.entries(doors)) {
    describe(`as ${how}() finds it`, () => {
      for (const [name, type] of types) {
        it(`has what ${name} has in Qt`, () => {
          expect(missing(door, name, type)).to.deep.equal([]);
        });
      }

      it("has Qt's deprecated signal error beside the getter", () => {
        const socket = new (door['QWebSocket'] as typeof main.QWebSocket)();
        const onError = spy();
        socket.on('error', onError);

        socket.open('gopher://localhost');

        expect(onError.args).to.deep.equal([[socket.error()]]);
      });
    });
  }

  describe('in its declarations', () => {
    for (const [name, type] of types) {
      it(`is complete and documented for ${name}`, () => {
        expect(undeclared(name, type)).to.deep.equal([]);
      });
    }
  });
});

describe('the forms that are nearest to Qt', () => {
  const members = types.flatMap(([name, { members: all, enums = {} }]) => [
    ...all.map((member): [string, Member] => [name, member]),
    ...Object.keys(enums).map((enumName): [string, Member] => [name, enumMember(enumName)]),
  ]);

  for (const { qt, covers } of nearest) {
    it(`are needed for ${qt}`, () => {
      expect(members.some(([name, member]) => covers(name, member))).to.equal(true);
    });
  }
});

describe('docs/qt-surface.md', () => {
  const page = readFileSync('docs/qt-surface.md', 'utf8');
  const [forms, companions, enums] = tablesOf(page);

  it('lists what stands for what JavaScript cannot have', () => {
    expect(forms).to.deep.equal(nearest.map(({ qt, here, reason }) => [qt, here, reason]));
  });

  it('lists the counterparts of other types', () => {
    expect(companions).to.deep.equal(counterparts.map(({ qt, here, note }) => [qt, here, note]));
  });

  it('lists what is left out', () => {
    const rows = Object.entries(omittedEnums).map(([name, reason]) => [`\`${name}\``, reason]);

    expect(enums).to.deep.equal(rows);
  });

  it('names a counterpart for every companion that is not exported', () => {
    const named = counterparts.map(({ qt }) => qt).join();

    expect([...REPLACED].filter((name) => !named.includes(`\`${name}\``))).to.deep.equal([]);
  });
});

function missing(door: Door, name: string, type: QtType): string[] {
  return [...missingMembers(door, name, type), ...missingEnums(door, name, type)];
}

function missingMembers(door: Door, name: string, { members }: QtType): string[] {
  const gaps = members.filter((member) => {
    const form = nearest.find(({ covers }) => covers(name, member));
    if (form !== undefined) return !form.holds(name, door);
    return !isPlain(member.kind) || !IS_THERE[member.kind](door, name, member);
  });
  return gaps.map(({ kind, name: member }) => `${kind} ${name}::${member}`);
}

function isPlain(kind: Kind): kind is Exclude<Kind, NeverPlain> {
  return kind in IS_THERE;
}

function missingEnums(door: Door, name: string, type: QtType): string[] {
  return Object.entries(type.enums ?? {}).flatMap(([enumName, enumerators]) => {
    const whole = `${name}::${enumName}`;
    if (Object.hasOwn(omittedEnums, whole)) return [];
    const gaps = [];
    if (!holds(door[enumName], enumerators)) gaps.push(`${enumName} by itself`);
    if (!holds(Reflect.get(Object(door[name]), enumName), enumerators)) gaps.push(whole);
    if (!areMembers(door, name, enumName, type)) gaps.push(`the members of ${whole} in ${name}`);
    return gaps;
  });
}

/** Whether the enumerators can be written without the enum's name, where Qt has it so. */
function areMembers(door: Door, name: string, enumName: string, type: QtType): boolean {
  if (type.scoped?.includes(enumName) === true) return true;
  const form = nearest.find(({ covers }) => covers(name, enumMember(enumName)));
  if (form !== undefined) return form.holds(name, door);
  return holds(door[name], type.enums?.[enumName] ?? {});
}

/** The enumerators of an enum as one member of the type that has it. */
function enumMember(name: string): Member {
  return { name, kind: 'enum', signatures: [] };
}

/** Whether `place` has all `enumerators`, with their numbers. */
function holds(place: unknown, enumerators: Readonly<Record<string, number>>): boolean {
  return Object.entries(enumerators).every(([name, value]) => {
    return Reflect.get(Object(place), name) === value;
  });
}

/** What the declarations lack, and the docstrings that are missing there. */
function undeclared(name: string, { members, enums = {} }: QtType): string[] {
  const ordinary = members.filter((member) => !nearest.some(({ covers }) => covers(name, member)));
  const gaps = declarations.isDocumented(name) ? [] : [`${name} has no docstring`];
  for (const { kind, name: member } of ordinary) {
    // The class's docstring is the constructor's as well.
    if (kind === 'constructor') continue;
    if (!declarations.declares(name, member)) gaps.push(`${name}::${member} is not declared`);
    else if (!isDescribed(name, member)) gaps.push(`${name}::${member} has no docstring`);
  }
  for (const [enumName, enumerators] of Object.entries(enums)) {
    if (Object.hasOwn(omittedEnums, `${name}::${enumName}`)) continue;
    if (!declarations.isDocumented(enumName)) gaps.push(`${enumName} has no docstring`);
    for (const enumerator of Object.keys(enumerators)) {
      if (declarations.declares(enumName, enumerator)) continue;
      gaps.push(`${enumName}::${enumerator} is not declared`);
    }
  }
  return gaps;
}

/** Whether `member` has a docstring; a getter and its setter may share one. */
function isDescribed(type: string, member: string): boolean {
  const what = member.replace(/^set(?=[A-Z])/, '');
  const property = what.charAt(0).toLowerCase() + what.slice(1);
  const whole = member.charAt(0).toUpperCase() + member.slice(1);
  const partners = what === member ? [`set${whole}`] : [property, `is${what}`];
  return [member, ...partners].some((name) => declarations.describes(type, name));
}

function hasStatic(door: Door, type: string, { name }: Member): boolean {
  return typeof Reflect.get(Object(door[type]), name) === 'function';
}

/** Abstract methods exist only for the compiler. */
function isAbstract(type: string, name: string): boolean {
  return declarations.declares(type, name);
}

/** Whether there is a getter that gives out the signal of its name. */
function hasSignal(door: Door, type: string, { name }: Member): boolean {
  const prototype = prototypeOf(door, type);
  const handle: unknown = accessorOf(prototype, name)?.get?.call(prototype);
  const Signal = door['Signal'] as typeof main.Signal;
  return handle instanceof Signal && handle.name === name;
}

function hasProperty(door: Door, type: string, member: Member): boolean {
  const { name, notify = '', readOnly = false } = member;
  const accessor = accessorOf(prototypeOf(door, type), name);
  if (accessor?.get === undefined || (accessor.set === undefined) !== readOnly) return false;
  return hasSignal(door, type, { ...member, name: notify.slice(0, notify.indexOf('(')) });
}

/** The getter and setter of `name`, wherever on the chain of prototypes. */
function accessorOf(prototype: object | null, name: string): PropertyDescriptor | undefined {
  if (prototype === null) return undefined;
  return (
    Object.getOwnPropertyDescriptor(prototype, name) ??
    accessorOf(Object.getPrototypeOf(prototype) as object | null, name)
  );
}

/** The rows of each table of a page, without its head. */
function tablesOf(page: string): string[][][] {
  const tables = page.match(/(?:^\|.*\n)+/gm) ?? [];
  return tables.map((table) => {
    const [, , ...rows] = table.trimEnd().split('\n');
    return rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  });
}
