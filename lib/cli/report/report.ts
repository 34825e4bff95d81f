import { Option, type Command } from 'commander';
import { statSync } from 'node:fs';
import { ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { markdownReport } from './markdown-report.ts';
import { sourceTree, type SourceTree } from './source-files.ts';
import { summaryOf, type Summary } from './summary.ts';
import { survey } from './survey.ts';
import { textReport } from './text-report.ts';

interface ReportOptions {
  readonly json?: true;
  readonly markdown?: true;
}

/** Adds `qws report` to the program. */
export function addReport(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('report')
    .summary('read what a Qt program uses')
    .description(
      'Reads the sources of a Qt program (C++, QML, Python, qmake, CMake), and prints which members ' +
        'of Qt WebSockets it uses and where, what becomes of them here, and what needs care.',
    )
    .argument('<folder>', 'where the sources are')
    .addOption(new Option('--json', 'print one object of JSON').conflicts('markdown'))
    .option('--markdown', 'print a page of Markdown, with boxes to tick')
    .addHelpText(
      'after',
      `
Examples:
  qws report ~/src/chat
  qws report . --markdown > PORTING.md
  qws report . --json | jq '.care[].topic'

Nothing is compiled or changed. What macros, aliases and wrappers hide is not seen. The pages
that it names are in the folder docs of the project qwebsockets.`,
    )
    .action((folder: string, options: ReportOptions) => {
      process.stdout.write(formOf(options)(summaryOf(survey(treeOf(folder)))));
      end(ExitCode.Ok);
    });
}

function treeOf(folder: string): SourceTree {
  try {
    if (statSync(folder).isDirectory()) return sourceTree(folder);
  } catch (error) {
    throw new UsageError(`The folder cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError('That is not a folder.');
}

function formOf({ json, markdown }: ReportOptions): (summary: Summary) => string {
  if (json) return (summary) => `${JSON.stringify(summary, null, 2)}\n`;
  return markdown ? markdownReport : textReport;
}
