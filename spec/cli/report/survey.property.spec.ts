import { expect } from 'chai';
import { array, assert, constantFrom, property } from 'fast-check';
import { readCpp } from '../../../lib/cli/report/cpp-reader.ts';
import {
  declarationsIn,
  QT_TYPE_NAMES,
  subclassesIn,
} from '../../../lib/cli/report/declarations.ts';
import { Findings } from '../../../lib/cli/report/findings.ts';
import { readPython } from '../../../lib/cli/report/python-reader.ts';
import { readQml } from '../../../lib/cli/report/qml-reader.ts';
import { TokenList } from '../../../lib/cli/report/token-list.ts';
import { tokensOf, type Dialect } from '../../../lib/cli/report/tokens.ts';

/** What the readers look for, in any order. */
const WORDS = (
  'QWebSocket QWebSocketServer QWebSocketProtocol QMaskGenerator CloseCode a b error ping close ' +
  'QHttpServer QAbstractHttpServer QHttpServerRequest addWebSocketUpgradeVerifier QWebChannel ' +
  'nextPendingConnection QList QPointer QMap qobject_cast make_unique sender SIGNAL auto new class ' +
  'struct public final for const include "a.h" # import QtWebSockets as WebSocket WebSocketServer ' +
  'id url onStatusChanged onClientConnected property function status QtWebSockets self ' +
  '{ } ( ) [ ] < > ; : :: -> . , = & * => == 1'
).split(' ');

const sources = array(constantFrom(...WORDS), { maxLength: 80 }).map((words) => words.join(' '));

describe('the readers of sources, whatever they read', () => {
  it('find nothing outside, and do not throw', () => {
    assert(
      property(sources, (source) => {
        for (const findings of readAll(`import QtWebSockets\n${source}`)) {
          for (const { line, member } of [...findings.uses, ...findings.doubts]) {
            expect(line).to.be.within(1, 2);
            expect(WORDS.concat('statusChanged', 'clientConnected')).to.include(member);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  for (const words of [
    'QWebSocket * a ; a -> ping ( ) ;',
    'QWebSocket { ',
    'WebSocket { ',
    'class ',
    'class A : QWebSocket ',
    'QList < QWebSocket * > a ; ',
    'for ( auto a : b ',
    'QMap < QMap < ',
    'nextPendingConnection ( ',
    'QWebSocket a , * b , ',
    'SIGNAL ( pong ',
    'a = new QWebSocket ( ',
    '. ',
    'self . ',
  ]) {
    it(`do not take longer and longer for ${words}again and again`, () => {
      const source = `import QtWebSockets\n${words.repeat(10_000)}`;
      const start = process.cpuUsage();

      const findings = readAll(source);

      expect(findings).to.have.lengthOf(3);
      // It takes a tenth of that; what looked through all of it each time would take minutes.
      expect(process.cpuUsage(start).user).to.be.below(2_000_000);
    });
  }
});

function readAll(source: string): Findings[] {
  const [cpp, qml, python] = (['c++', 'qml', 'python'] as Dialect[]).map(
    (dialect) => new TokenList(tokensOf(source, dialect)),
  );
  const found = [new Findings('a.cpp'), new Findings('A.qml'), new Findings('a.py')];
  subclassesIn(cpp!, QT_TYPE_NAMES);
  const { variables, containers, functions } = declarationsIn(cpp!, QT_TYPE_NAMES);
  readCpp(
    cpp!,
    {
      known: QT_TYPE_NAMES,
      variable: (name) => variables.get(name)?.at(-1),
      container: (name) => containers.get(name),
      function: (name) => functions.get(name),
    },
    found[0]!,
  );
  readQml(qml!, found[1]!);
  readPython(python!, found[2]!);
  return found;
}
