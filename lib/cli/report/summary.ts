import { counterpartOf } from './counterpart.ts';
import type { Place, UseKind } from './findings.ts';
import { COMPANION_ENUMS } from './qt-names.ts';
import { insteadOf, NAMES_PAGE } from './names-not-in-qt.ts';
import type { Skipped } from './source-files.ts';
import type { Survey } from './survey.ts';
import { TOPICS, type TopicName } from './topics.ts';

/** A survey in the order in which somebody reads it; what `--json` prints. */
export interface Summary {
  readonly root: string;
  readonly files: number;
  readonly users: readonly string[];
  readonly modules: readonly Place[];
  readonly members: readonly UsedMember[];
  readonly care: readonly Care[];
  readonly unknown: readonly UnknownName[];
  readonly skipped: readonly Skipped[];
}

/** A member that is used, most used first within its type. */
export interface UsedMember {
  readonly type: string;
  readonly member: string;
  readonly kind: UseKind;
  /** What it is in this package. */
  readonly here: string;
  readonly page: string;
  readonly places: readonly Place[];
}

/** Something that needs care. */
export interface Care {
  readonly topic: TopicName;
  readonly title: string;
  readonly advice: string;
  readonly page: string;
  readonly places: readonly (Place & { readonly found: string })[];
}

/** A name that Qt does not have. */
export interface UnknownName {
  readonly type: string;
  readonly member: string;
  /** Null when nobody knows. */
  readonly instead: string | null;
  readonly page: string;
  readonly places: readonly Place[];
}

/** Puts together what belongs together. */
export function summaryOf(survey: Survey): Summary {
  const { root, files, users, modules, skipped } = survey;
  return {
    root,
    files,
    users,
    modules,
    members: membersOf(survey),
    care: careOf(survey),
    unknown: unknownOf(survey),
    skipped,
  };
}

function membersOf({ uses }: Survey): UsedMember[] {
  const groups = grouped(uses, ({ type, member, kind }) => `${type} ${kind} ${member}`);
  const members = groups.map((own) => {
    const { type, member, kind } = own[0]!;
    return { type, member, kind, ...counterpartOf(type, member, kind), places: own.map(placeOf) };
  });
  return members.toSorted(
    (one, other) =>
      rank(one.type) - rank(other.type) ||
      compare(one.type, other.type) ||
      other.places.length - one.places.length ||
      compare(one.member, other.member),
  );
}

function careOf({ concerns }: Survey): Care[] {
  return (Object.keys(TOPICS) as TopicName[]).flatMap((topic) => {
    const own = concerns.filter((concern) => concern.topic === topic);
    if (own.length === 0) return [];
    const places = own.map(({ found, ...concern }) => ({ ...placeOf(concern), found }));
    return [{ topic, ...TOPICS[topic], places }];
  });
}

function unknownOf({ doubts }: Survey): UnknownName[] {
  return grouped(doubts, ({ type, member }) => `${type}.${member}`).map((own) => {
    const { type, member } = own[0]!;
    const instead = insteadOf(member) ?? null;
    return { type, member, instead, page: NAMES_PAGE, places: own.map(placeOf) };
  });
}

/** The module's own types first, then QObject, then what comes with them. */
function rank(type: string): number {
  if (type === 'QObject') return 1;
  const isModule = /^QWebSocket|^WebSocket|^QMaskGenerator/.test(type);
  return isModule ? 0 : Object.hasOwn(COMPANION_ENUMS, type) ? 2 : 3;
}

function placeOf({ file, line }: Place): Place {
  return { file, line };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
