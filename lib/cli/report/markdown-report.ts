import { escaped } from '../escaped.ts';
import { counted, qtForm } from './qt-form.ts';
import type { Summary } from './summary.ts';
import { placeList } from './text-report.ts';

/** A summary as a page of Markdown, with boxes to tick. */
export function markdownReport(summary: Summary): string {
  const { root, files, users, modules, skipped } = summary;
  const parts = [
    `# Qt WebSockets in ${code(root)}\n`,
    `${counted(files, 'file')} read, ${users.length} with WebSockets.\n`,
  ];
  if (modules.length > 0) parts.push(`The module is asked for in ${cell(placeList(modules))}.\n`);
  if (summary.members.length > 0) parts.push(members(summary));
  if (summary.care.length > 0) parts.push(care(summary));
  if (summary.unknown.length > 0) parts.push(unknown(summary));
  if (skipped.length > 0) {
    parts.push(
      '## Not read\n',
      skipped.map(({ path, why }) => `- ${code(path)}: ${cell(why)}\n`).join(''),
    );
  }
  return parts.join('\n');
}

function members({ members: used }: Summary): string {
  const rows = used.map(
    (member) =>
      `| ${code(member.type)} | ${code(qtForm(member))} | ${code(member.here)} | ` +
      `${member.page} | ${cell(placeList(member.places))} |\n`,
  );
  return `## Members\n\n| type | in Qt | here | read | places |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

function care({ care: topics }: Summary): string {
  const parts = topics.map(({ title, advice, page, places }) => {
    const boxes = places.map(
      ({ file, line, found }) => `- [ ] ${code(`${file}:${line}`)} ${code(found)}\n`,
    );
    return `### ${title}\n\n${cell(advice)} See ${page}.\n\n${boxes.join('')}`;
  });
  return `## Needs care\n\n${parts.join('\n')}`;
}

function unknown({ unknown: names }: Summary): string {
  const rows = names.map(
    ({ type, member, instead, places }) =>
      `| ${code(`${type}::${member}`)} | ${cell(instead ?? '')} | ${cell(placeList(places))} |\n`,
  );
  const page = names[0]!.page;
  return `## Not in Qt 6.9, or the program's own\n\nSee ${page}.\n\n| name | take | places |\n| --- | --- | --- |\n${rows.join('')}`;
}

function code(text: string): string {
  return `\`${escaped(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

function cell(text: string): string {
  return escaped(text).replaceAll(/[\\`*_<>[\]|]/g, String.raw`\$&`);
}
