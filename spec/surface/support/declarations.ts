import { readdirSync, readFileSync } from 'node:fs';

/** What a declaration file says of a class, an object or an interface. */
interface Declaration {
  readonly isDocumented: boolean;
  readonly base: string | undefined;
  /** Its members, and whether a docstring stands right before one of their declarations. */
  readonly members: ReadonlyMap<string, boolean>;
}

const HEADER =
  /^export (?:declare )?(?:abstract )?(?:class|const|interface) (\w+)(?:.*? extends (\w+))?/;
const MEMBER = /^ {4}(?:(?:static|readonly|protected|abstract|get|set) )*(\w+)[(:?<]/;

/** The declaration files that come with the package. */
export class Declarations {
  readonly #all = new Map<string, Declaration>();

  /** @param folder where the compiler has put them. */
  constructor(folder: string) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.d.ts')) this.#read(readFileSync(`${folder}/${name}`, 'utf8'));
    }
  }

  /** Whether `type` is declared right behind a docstring. */
  isDocumented(type: string): boolean {
    return this.#all.get(type)?.isDocumented === true;
  }

  /** Whether `type` or a class that it is derived from declares `member`. */
  declares(type: string, member: string): boolean {
    return this.#line(type).some(({ members }) => members.has(member));
  }

  /** Whether the declaration of `member`, there or in a class above, has a docstring. */
  describes(type: string, member: string): boolean {
    return this.#line(type).some(({ members }) => members.get(member) === true);
  }

  /** The declaration of `type` and of the classes above it. */
  #line(type: string | undefined): Declaration[] {
    const declaration = type === undefined ? undefined : this.#all.get(type);
    return declaration === undefined ? [] : [declaration, ...this.#line(declaration.base)];
  }

  #read(text: string): void {
    const lines = text.split('\n');
    for (const [i, line] of lines.entries()) {
      const header = HEADER.exec(line);
      if (header === null) continue;
      const [, name = '', base] = header;
      const end = lines.findIndex((other, at) => at >= i && /^\}|;$/.test(other) && isOuter(other));
      // A class and an interface of one name are one type.
      const known = this.#all.get(name);
      const members = new Map(known?.members);
      for (let at = i + 1; at < end; at++) {
        const member = MEMBER.exec(lines[at]!)?.[1];
        if (member === undefined) continue;
        members.set(member, members.get(member) === true || lines[at - 1]!.endsWith('*/'));
      }
      const isDocumented = lines[i - 1]?.endsWith('*/') === true || known?.isDocumented === true;
      this.#all.set(name, { isDocumented, base: base ?? known?.base, members });
    }
  }
}

function isOuter(line: string): boolean {
  return !line.startsWith(' ');
}
