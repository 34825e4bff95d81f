import type { TopicName } from './topics.ts';

/** A place in the program: a path relative to the folder that is read, and a line from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What a name of Qt is. */
export type UseKind =
  'constructor' | 'method' | 'static' | 'signal' | 'enumerator' | 'property' | 'class';

/** A member of Qt WebSockets, or of what belongs to it, that is used somewhere. */
export interface Use extends Place {
  readonly type: string;
  /** As Qt calls it; of a class, the class. */
  readonly member: string;
  readonly kind: UseKind;
}

/** A name that is used like a member of a type of the module, and that it has not. */
export interface Doubt extends Place {
  readonly type: string;
  readonly member: string;
}

/** Something that needs care when it is ported. */
export interface Concern extends Place {
  readonly topic: TopicName;
  /** What was found. */
  readonly found: string;
}

/** What was found in a file, in the order of its lines. */
export class Findings {
  readonly uses: Use[] = [];
  readonly doubts: Doubt[] = [];
  readonly concerns: Concern[] = [];
  readonly #file: string;
  readonly #seen = new Set<string>();

  constructor(file: string) {
    this.#file = file;
  }

  use(type: string, member: string, kind: UseKind, line: number): void {
    this.uses.push({ file: this.#file, line, type, member, kind });
  }

  doubt(type: string, member: string, line: number): void {
    this.doubts.push({ file: this.#file, line, type, member });
  }

  /** The same is told once for each line. */
  concern(topic: TopicName, found: string, line: number): void {
    const key = `${topic} ${found} ${line}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.concerns.push({ file: this.#file, line, topic, found });
  }

  /** A class is used once in a line. */
  useClass(type: string, line: number): void {
    const key = `class ${type} ${line}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.use(type, type, 'class', line);
  }
}
