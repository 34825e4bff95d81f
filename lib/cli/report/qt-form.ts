import type { UsedMember } from './summary.ts';

/** A member as one writes of it: `close()`, `connected`, `NonSecureMode`. */
export function qtForm({
  type,
  member,
  kind,
}: Pick<UsedMember, 'type' | 'member' | 'kind'>): string {
  if (kind === 'constructor') return type.startsWith('Q') ? `${type}(…)` : `${type} { … }`;
  return kind === 'method' || kind === 'static' ? `${member}()` : member;
}

/** `1 place`, `2 places` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
