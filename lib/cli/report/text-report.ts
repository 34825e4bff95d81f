import { escaped } from '../escaped.ts';
import type { Place } from './findings.ts';
import { SURFACE } from './counterpart.ts';
import { counted, qtForm } from './qt-form.ts';
import type { Summary, UsedMember } from './summary.ts';

/** How many places of one thing are listed. */
const SHOWN_PLACES = 8;

/** A summary for a terminal. */
export function textReport(summary: Summary): string {
  return [heading(summary), members(summary), care(summary), unknown(summary), skipped(summary)]
    .filter((part) => part !== '')
    .join('\n');
}

function heading({ root, files, users, modules, members: used }: Summary): string {
  const places = used.reduce((sum, { places: own }) => sum + own.length, 0);
  const read = `${escaped(root)}: ${counted(files, 'file')} read, ${users.length} with WebSockets`;
  if (users.length === 0) return `${read}.\n`;
  const asked = modules.length === 0 ? '' : `The module is asked for in ${placeList(modules)}.\n`;
  return `${read}: ${counted(used.length, 'member')} at ${counted(places, 'place')}.\n${asked}Where no page is named, ${SURFACE} has it.\n`;
}

function members({ members: used }: Summary): string {
  const types = [...new Set(used.map(({ type }) => type))];
  return types.map((type) => typePart(used.filter((member) => member.type === type))).join('\n');
}

function typePart(used: readonly UsedMember[]): string {
  const width = Math.min(Math.max(...used.map((member) => qtForm(member).length)), 40);
  const lines = used.map((member) => {
    const page = member.page === SURFACE ? '' : ` (${member.page})`;
    return (
      `  ${qtForm(member).padEnd(width)}  ${member.here}${page}\n` +
      `  ${' '.repeat(width)}  ${placeList(member.places)}\n`
    );
  });
  return `${used[0]!.type}\n${lines.join('')}`;
}

function care({ care: topics }: Summary): string {
  if (topics.length === 0) return '';
  const parts = topics.map(
    ({ title, advice, page, places }) =>
      `  ${title}\n    ${advice} (${page})\n    ${foundList(places)}\n`,
  );
  return `Needs care\n${parts.join('')}`;
}

function unknown({ unknown: names }: Summary): string {
  if (names.length === 0) return '';
  const lines = names.map(({ type, member, instead, places }) => {
    const advice = instead === null ? '' : `  take ${instead}`;
    return `  ${type}::${escaped(member)}${advice}\n    ${placeList(places)}\n`;
  });
  return `Not in Qt 6.9, or the program's own (${names[0]!.page})\n${lines.join('')}`;
}

function skipped({ skipped: left }: Summary): string {
  if (left.length === 0) return '';
  const lines = left
    .slice(0, SHOWN_PLACES)
    .map(({ path, why }) => `  ${escaped(path)}: ${escaped(why)}\n`);
  return `Not read\n${lines.join('')}${left.length > SHOWN_PLACES ? '  …\n' : ''}`;
}

/** `a.cpp:3, 5, b.cpp:1`, and how many there are more. */
export function placeList(places: readonly Place[]): string {
  let last = '';
  const texts = places.slice(0, SHOWN_PLACES).map(({ file, line }) => {
    const text = file === last ? String(line) : `${escaped(file)}:${line}`;
    last = file;
    return text;
  });
  const more = places.length - texts.length;
  return texts.join(', ') + (more > 0 ? `, and ${more} more` : '');
}

function foundList(places: readonly (Place & { readonly found: string })[]): string {
  const texts = places
    .slice(0, SHOWN_PLACES)
    .map(({ file, line, found }) => `${escaped(file)}:${line} ${escaped(found)}`);
  const more = places.length - texts.length;
  return texts.join(', ') + (more > 0 ? `, and ${more} more` : '');
}
