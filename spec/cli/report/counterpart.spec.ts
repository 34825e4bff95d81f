import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import * as main from 'qwebsockets';
import * as testing from 'qwebsockets/testing';
import * as webchannel from 'qwebsockets/webchannel';
import { COMPANIONS, counterpartOf, SURFACE } from '../../../lib/cli/report/counterpart.ts';
import type { UseKind } from '../../../lib/cli/report/findings.ts';
import { memberOf } from '../../../lib/cli/report/members.ts';
import { insteadOf, NAMES_NOT_IN_QT, NAMES_PAGE } from '../../../lib/cli/report/names-not-in-qt.ts';
import { NEIGHBOUR_TYPES } from '../../../lib/cli/report/neighbour-names.ts';
import { MODULE_TYPES, QML_TYPES, QOBJECT } from '../../../lib/cli/report/qt-names.ts';
import { TOPIC_MEMBERS, TOPIC_WORDS, TOPICS } from '../../../lib/cli/report/topics.ts';
import { anchorsOf } from '../../docs/support/anchors.ts';

/** Every member that a report can name. */
const TYPES = { ...MODULE_TYPES, ...NEIGHBOUR_TYPES, ...QML_TYPES, QObject: QOBJECT };
const members = Object.entries(TYPES).flatMap(
  ([type, { methods = [], statics = [], signals = [], properties = [], enums = {} }]) => {
    const of = (kind: UseKind, names: readonly string[]) =>
      names.map((member) => ({ type, member, kind }));
    return [
      ...of('constructor', [type]),
      ...of('method', methods),
      ...of('static', statics),
      ...of('signal', signals),
      ...of('property', properties),
      ...of('enumerator', Object.values(enums).flat()),
    ];
  },
);

describe('what a report says of a member', () => {
  const counterparts = [
    ...members.map(({ type, member, kind }) => counterpartOf(type, member, kind)),
    ...Object.values(COMPANIONS),
  ];

  it('is there for all of them', () => {
    expect(members.length).to.be.above(230);
    expect(counterparts.filter(({ here }) => here === '')).to.deep.equal([]);
  });

  const cases: [type: string, member: string, kind: UseKind, here: string][] = [
    ['QWebSocket', 'state', 'method', 'socket.state()'],
    ['QWebSocket', 'pong', 'signal', 'socket.pong.connect(slot)'],
    ['QWebSocket', 'error', 'method', 'socket.error()'],
    ['QWebSocket', 'error', 'signal', 'socket.errorOccurred.connect(slot)'],
    ['QWebSocket', 'maxIncomingFrameSize', 'static', 'QWebSocket.maxIncomingFrameSize()'],
    ['QWebSocketServer', 'SecureMode', 'enumerator', 'QWebSocketServer.SecureMode'],
    ['QHttpServerRequest', 'value', 'method', 'request.value()'],
    ['QHttpServerRequest', 'Get', 'enumerator', 'QHttpServerRequest.Get'],
    [
      'QHttpServerWebSocketUpgradeResponse',
      'deny',
      'static',
      'QHttpServerWebSocketUpgradeResponse.deny()',
    ],
    ['QWebChannel', 'connectTo', 'method', 'channel.connectTo()'],
    ['QWebChannel', 'QWebChannel', 'constructor', 'new QWebChannel()'],
    [
      'QWebChannelAbstractTransport',
      'QWebChannelAbstractTransport',
      'constructor',
      'new WebSocketTransport(socket), or a class of your own',
    ],
    [
      'QWebChannelAbstractTransport',
      'messageReceived',
      'signal',
      'transport.messageReceived.connect(slot)',
    ],
    ['WebSocket', 'url', 'property', 'socket.url'],
    ['WebSocket', 'urlChanged', 'signal', 'onUrlChanged, socket.urlChanged'],
  ];
  for (const [type, member, kind, here] of cases) {
    it(`is ${here} for the ${kind} ${member} of ${type}`, () => {
      expect(counterpartOf(type, member, kind).here).to.equal(here);
    });
  }

  const pages = new Set([
    SURFACE,
    NAMES_PAGE,
    ...counterparts.map(({ page }) => page),
    ...Object.values(TOPICS).map(({ page }) => page),
  ]);
  for (const page of pages) {
    it(`refers to ${page}, which is there`, () => {
      const [path, anchor] = page.split('#') as [string, string?];

      expect(existsSync(path)).to.equal(true);
      if (anchor !== undefined) {
        expect([...anchorsOf(readFileSync(path, 'utf8'))]).to.include(anchor);
      }
    });
  }

  it('names classes that are exported', () => {
    const same = Object.entries(COMPANIONS).filter(([name, { here }]) => name === here);

    expect(same.map(([name]) => name).filter((name) => !(name in main))).to.deep.equal([]);
    expect(testing).to.have.property('QSignalSpy');
    expect(webchannel).to.include.keys('WebSocketTransport', 'WebSocketClientWrapper');
  });

  it('names all enumerators of neighbours', () => {
    const { Method, ResponseType } = main;

    expect(NEIGHBOUR_TYPES['QHttpServerRequest']?.enums).to.deep.equal({
      Method: Object.keys(Method),
    });
    expect(NEIGHBOUR_TYPES['QHttpServerWebSocketUpgradeResponse']?.enums).to.deep.equal({
      ResponseType: Object.keys(ResponseType),
    });
  });

  // What a member of a neighbour becomes is a member of the class that bears its name here.
  for (const [type, names] of Object.entries(NEIGHBOUR_TYPES)) {
    const kinds = { method: names.methods, static: names.statics, signal: names.signals };
    const all = Object.entries(kinds).flatMap(([kind, own]) =>
      (own ?? []).map((member) => ({ member, ...counterpartOf(type, member, kind as UseKind) })),
    );

    it(`names members of ${type} that are there`, () => {
      const classes: Readonly<Record<string, unknown>> = { ...main, ...webchannel };
      const owner = (classes[type] ?? main.QWebSocketServer) as { readonly prototype: object };
      const called = all.filter(({ here }) => !here.startsWith('nothing'));
      const wanted = called.map(({ here }) => /^\w+\.(\w+)/.exec(here)?.[1] ?? here);
      // An abstract method is there for the compiler alone.
      const gaps = wanted.filter(
        (name) => !(name in owner.prototype) && !(name in owner) && name !== 'sendMessage',
      );

      expect(called).to.have.lengthOf.above(1);
      expect(gaps).to.deep.equal([]);
    });
  }
});

describe('what needs care', () => {
  it('is about members that there are', () => {
    const unknown = [...TOPIC_MEMBERS.keys()].filter((key) => {
      const [type, member] = key.split('.') as [string, string];
      return memberOf(type, member) === undefined;
    });

    expect(unknown).to.deep.equal([]);
  });

  it('is told in sentences', () => {
    for (const { advice } of Object.values(TOPICS)) expect(advice).to.match(/^[A-Z`c].*\.$/);
  });

  it('has a word, a member or a check of its own for each topic', () => {
    const found = new Set([...TOPIC_WORDS.values(), ...TOPIC_MEMBERS.values()]);
    const readers = ['cpp-reader', 'qml-reader', 'python-reader', 'survey']
      .map((name) => readFileSync(`lib/cli/report/${name}.ts`, 'utf8'))
      .join('');
    const silent = Object.keys(TOPICS).filter(
      (topic) => !found.has(topic as keyof typeof TOPICS) && !readers.includes(`'${topic}'`),
    );

    expect(silent).to.deep.equal([]);
  });
});

describe('the names that do not exist in Qt', () => {
  it('are told with what to take, and others are not', () => {
    expect(insteadOf('pongReceived')).to.equal('pong');
    expect(insteadOf('ping')).to.equal(undefined);
    expect(insteadOf('constructor')).to.equal(undefined);
  });

  it('are on the page about them', () => {
    const page = readFileSync(NAMES_PAGE, 'utf8').toLowerCase();

    expect(NAMES_NOT_IN_QT.filter((name) => !page.includes(name.toLowerCase()))).to.deep.equal([]);
  });

  it('are all that the page has of Qt', () => {
    const [table] = readFileSync(NAMES_PAGE, 'utf8').match(/(?:^\|.*\n)+/m)!;
    const cells = table.split('\n').map((line) => line.split('|')[1] ?? '');
    const names = cells.flatMap((cell) =>
      Array.from(cell.matchAll(/`(?:\w+::)?(\w+)/g), ([, name]) => name!),
    );

    // The first is a signal, which Qt has.
    expect(names.filter((name) => !NAMES_NOT_IN_QT.includes(name))).to.deep.equal(['pong']);
  });
});
