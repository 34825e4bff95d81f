import { expect } from 'chai';
import { createServer, maxHeaderSize } from 'node:http';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { PauseMode } from '../../lib/network/qabstractsocket.ts';
import { ProxyType } from '../../lib/network/qnetworkproxy.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { SslProtocol } from '../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { BackPressure } from '../../lib/websockets/back-pressure.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { toReconnectSettings } from '../../lib/websockets/reconnect-options.ts';
import { emitted } from '../support/emitted.ts';
import { readPage } from './support/pages.ts';

const PAGE = 'docs/limits.md';

/** What is called by name here. */
type Settings = Record<string, (value?: unknown) => unknown>;

interface Row {
  readonly setting: string;
  readonly cells: readonly string[];
}

describe(PAGE, () => {
  const page = readPage(PAGE);
  const sections = new Map(
    page.split(/^## /m).map((text) => [text.slice(0, text.indexOf('\n')), rowsOf(text)]),
  );
  const client = new QWebSocket();
  const server = new QWebSocketServer('Test');
  const things: Record<string, () => object> = {
    Sockets: () => new QWebSocket(),
    Servers: () => new QWebSocketServer('Test'),
  };

  for (const [section, make] of Object.entries(things)) {
    describe(section, () => {
      const limits = limitsIn(section);

      for (const { setting, cells } of limits) {
        const [initial, values, others] = cells as [string, string, string];

        it(`${setting} begins with ${initial}`, () => {
          expect(get(make(), setting)).to.equal(numberIn(initial));
        });

        it(`${setting} takes ${values}`, () => {
          const [least, most] = rangeIn(values);
          for (const value of [least, most]) {
            const thing = make();
            set(thing, setting, value);
            expect(get(thing, setting)).to.equal(value);
          }
        });

        it(`${setting} knows that other values ${others}`, () => {
          const thing = make();
          const [, most] = rangeIn(values);
          if (others.includes('NaN throws')) {
            expect(() => set(thing, setting, Number.NaN)).to.throw(RangeError);
          }
          if (others.startsWith('change nothing')) {
            set(thing, setting, most + 1);
            expect(get(thing, setting)).to.equal(numberIn(initial));
          }
          if (others.startsWith('are cut')) {
            set(thing, setting, most + 1);
            expect(get(thing, setting)).to.equal(most);
          }
          if (values.includes('or none')) {
            set(thing, setting, -5);
            expect(get(thing, setting)).to.be.below(0);
          }
        });
      }

      it('has every setter of a number, and no other', () => {
        const named = limits.map(({ setting }) => setting);

        expect(named).to.have.members(settersOfNumbers(make()));
      });
    });
  }

  it('says what sockets of a server begin with', async () => {
    server.listen('127.0.0.1', 0);
    client.open(server.serverUrl());
    await emitted(server.newConnection);
    const accepted = server.nextPendingConnection()!;
    try {
      for (const { setting, cells } of limitsIn('Sockets')) {
        const [initial] = cells as [string];
        const there = initial.split('; on a server ').at(-1)!;
        expect(get(accepted, setting), setting).to.equal(numberIn(there));
      }
    } finally {
      accepted.abort();
      client.abort();
      server.close();
    }
  });

  it('says how switches stand', () => {
    const tls = QSslConfiguration.defaultConfiguration();
    const policies = [client.backlogPolicy(), server.backlogPolicy()];
    const compressions = [client.isCompressionEnabled(), server.isCompressionEnabled()];
    expect(policies).to.deep.equal(Array(2).fill(BacklogPolicy.RefuseMessages));
    expect(compressions).to.deep.equal([false, false]);
    expect(client.pauseMode()).to.equal(PauseMode.PauseNever);
    expect(client.proxy().type()).to.equal(ProxyType.DefaultProxy);
    expect(server.isOriginCheckEnabled()).to.equal(true);
    expect(server.trustedProxies()).to.deep.equal([]);
    expect(server.isProxyProtocolEnabled()).to.equal(false);
    expect(tls.protocol()).to.equal(SslProtocol.SecureProtocols);
    expect(tls.peerVerifyMode()).to.equal(PeerVerifyMode.AutoVerifyPeer);
    expect(tls.peerVerifyDepth()).to.equal(0);

    const told = [...sections.values()].flat().filter(({ cells }) => cells.length === 2);
    expect(
      told.map(({ setting, cells }) => `${setting} ${cells[0]!.split(':', 1)[0]}`),
    ).to.have.members([
      'setBacklogLimit `BacklogPolicy.RefuseMessages`',
      'setBacklogLimit `BacklogPolicy.RefuseMessages`',
      'setCompressionEnabled off',
      'setCompressionEnabled off',
      'setPauseMode `PauseMode.PauseNever`',
      'setProxy `ProxyType.DefaultProxy`',
      'setOriginCheckEnabled on',
      'setTrustedProxies none',
      'setProxyProtocolEnabled off',
      'setProtocol `SslProtocol.SecureProtocols`',
      'setPeerVerifyMode `PeerVerifyMode.AutoVerifyPeer`',
      'setPeerVerifyDepth 0',
      'http.Server.headersTimeout 60,000',
      'http.Server.requestTimeout 300,000',
      'http.maxHeaderSize 16,384',
      'UV_THREADPOOL_SIZE 4',
    ]);
  });

  describe('Compression', () => {
    const options = sections.get('Compression')!;
    const defaults: Record<string, unknown> = client.compressionOptions();

    for (const { setting, cells } of options) {
      it(`${setting} begins with ${cells[0]} and takes ${cells[1]}`, () => {
        const [least, most] = rangeIn(cells[1]!);
        expect(defaults[setting]).to.equal(numberIn(cells[0]!));
        for (const value of [least, most]) {
          expect(() => client.setCompressionOptions({ [setting]: value })).not.to.throw();
        }
        for (const value of [least - 1, most + 1]) {
          expect(() => client.setCompressionOptions({ [setting]: value })).to.throw(RangeError);
        }
      });
    }

    it('has every number', () => {
      const numbers = Object.keys(defaults).filter((name) => typeof defaults[name] === 'number');

      expect(options.map(({ setting }) => setting)).to.have.members(numbers);
    });
  });

  describe('Keepalive', () => {
    const keepAlive = new KeepAlive();
    const options = sections.get('Keepalive')!;

    for (const { setting, cells } of options) {
      it(`${setting} begins with ${cells[0]} and takes ${cells[1]}`, () => {
        expect(get(keepAlive, setting)).to.equal(numberIn(cells[0]!));
        expect(() => new KeepAlive({ [setting]: 1 })).not.to.throw();
        expect(() => new KeepAlive({ [setting]: 0 })).to.throw(RangeError);
      });
    }

    it('has every number', () => {
      expect(options.map(({ setting }) => setting)).to.have.members(['interval', 'timeout']);
    });
  });

  describe('Back-pressure', () => {
    const pressure = new BackPressure();
    const options = sections.get('Back-pressure')!;

    for (const { setting, cells } of options) {
      it(`${setting} begins with ${cells[0]} and takes ${cells[1]}`, () => {
        expect(get(pressure, setting)).to.equal(numberIn(cells[0]!));
        expect(() => new BackPressure({ [setting]: 0, lowWaterMark: 0 })).not.to.throw();
        expect(() => new BackPressure({ [setting]: -1 })).to.throw(RangeError);
      });
    }

    it('has every number', () => {
      const numbers = ['highWaterMark', 'lowWaterMark', 'maxMessages', 'maxBytes'];

      expect(options.map(({ setting }) => setting)).to.have.members(numbers);
    });
  });

  describe('Reconnecting', () => {
    const defaults = toReconnectSettings({});
    const options = sections.get('Reconnecting')!;

    for (const { setting, cells } of options) {
      it(`${setting} begins with ${cells[0]} and takes ${cells[1]}`, () => {
        const initial = cells[0] === 'Infinity' ? Infinity : numberIn(cells[0]!);
        const longest = cells[1]!.endsWith('24 days') ? 2_147_483_647 : Infinity;
        const least = cells[1]!.startsWith('0') ? 0 : 1;
        expect(defaults[setting as keyof typeof defaults]).to.equal(initial);
        for (const value of [least, longest]) {
          expect(() => toReconnectSettings({ [setting]: value })).not.to.throw();
        }
        for (const value of [least - 1, longest === Infinity ? NaN : longest + 1]) {
          expect(() => toReconnectSettings({ [setting]: value })).to.throw(RangeError);
        }
      });
    }

    it('has every number', () => {
      expect(options.map(({ setting }) => setting)).to.have.members(Object.keys(defaults));
    });
  });

  it("has Node's defaults", () => {
    const http = createServer();
    const rows = new Map(
      sections.get("What is Node's")!.map(({ setting, cells }) => [setting, cells[0]!]),
    );

    expect(numberIn(rows.get('http.Server.headersTimeout')!)).to.equal(http.headersTimeout);
    expect(numberIn(rows.get('http.Server.requestTimeout')!)).to.equal(http.requestTimeout);
    expect(numberIn(rows.get('http.maxHeaderSize')!)).to.equal(maxHeaderSize);
  });

  /** The rows that have a range. */
  function limitsIn(section: string): Row[] {
    return sections.get(section)!.filter(({ cells }) => cells.length > 3);
  }

  it('agrees with SECURITY.md', () => {
    const ours = new Map(
      ['Servers', 'Sockets'].flatMap((section) =>
        limitsIn(section).map(({ setting, cells }) => [setting, cells[0]!] as const),
      ),
    );
    const theirs = Array.from(
      readPage('SECURITY.md').matchAll(/^\| .+? +\| (.+?) +\| `(set\w+)\(.*?\)` +\|$/gm),
      ([, value, setting]) => [setting!, value!] as const,
    ).filter(([, value]) => !/as for a message|times as long/.test(value));

    expect(theirs.length).to.be.above(9);
    for (const [setting, value] of theirs) {
      const [first, second] = ours.get(setting)!.split('; on a server ');
      const said = value.split(', server ').map((text) => text.replace('client ', ''));
      expect(said.map(plain), setting).to.deep.equal(
        [first, second].filter((text) => text !== undefined).map(numberIn),
      );
    }
  });
});

/** The rows of all tables, by the name in front. */
function rowsOf(section: string): Row[] {
  return Array.from(
    section.matchAll(/^\| `([\w.]+)(?:\(.*?\))?`.*?\| (.+) \|$/gm),
    ([, setting, rest]) => ({
      setting: setting!,
      cells: rest!.split('|').map((cell) => cell.trim()),
    }),
  );
}

function get(thing: object, setter: string): unknown {
  const name = setter.replace(/^set(.)/, (_, letter: string) => letter.toLowerCase());
  return (thing as Settings)[name]!();
}

function set(thing: object, setter: string, value: number): void {
  (thing as Settings)[setter]!(value);
}

/** The setters whose getter gives a number, without those of enumerations. */
function settersOfNumbers(thing: object): string[] {
  const names = new Set<string>();
  for (let at = thing; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names]
    .filter((name) => /^set[A-Z]/.test(name) && name !== 'setPauseMode')
    .filter((name) => {
      const getter = name.replace(/^set(.)/, (_, letter: string) => letter.toLowerCase());
      return names.has(getter) && typeof get(thing, name) === 'number';
    })
    .filter((name) => !name.endsWith('Descriptor'));
}

/** `30,000` and what else stands for a number here. */
function numberIn(text: string): number {
  return text === 'none' ? -1 : Number(/^[\d,]+/.exec(text)![0].replaceAll(',', ''));
}

function rangeIn(text: string): [least: number, most: number] {
  if (text === '0 or more') return [0, Number.MAX_SAFE_INTEGER];
  const [, least, most] = /^([\d,]+) to ([\d,]+)/.exec(text)!;
  return [numberIn(least!), numberIn(most!)];
}

/** What SECURITY.md says in words. */
function plain(text: string): number {
  if (text.startsWith('any number')) return -1;
  const [, amount, unit] = /^([\d,]+) ?(\w*)/.exec(text)!;
  return numberIn(amount!) * ({ MiB: 1024 * 1024, s: 1000, '': 1 }[unit!] ?? Number.NaN);
}
