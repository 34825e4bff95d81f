#!/usr/bin/env node
// Derives what is expected of the port where it differs from Qt 6.4.2 on purpose.
//
//   node derive.mjs [--check] [SET...]        (SET: a folder with scenarios/ and traces/; default: open)
//
// Reads SET/scenarios and SET/traces (the real Qt's) and writes
//   SET/expected/THEME/NAME.json   the expected trace and the rows that shaped it, for touched scenarios only
//   SET/divergences.json           row -> scenarios, scenario -> rows
// --check writes nothing and says what is out of date.
//
// The rows are those of docs/differences-from-qt.md; "Qt6.9+" stands for what newer versions of Qt do otherwise than
// 6.4.2. There is one function per row below: it rewrites Qt's trace by what the row says and knows nothing of
// the other rows. SET/patches.json holds what cannot be derived: traces of single actors, written by hand.
//
// An expected value may be a tagged one: {"$oneOf": [values]}, {"$match": "regular expression"},
// {"$has": [[header, value]]} (a header list that has at least these); an actor's events may be
// {"$variants": [events, events, …]}.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findScenarios, tracePath, dumpTrace } from './lib/files.mjs';
import { compareScenario } from './lib/compare.mjs';
import { closeTimeoutFor, originListenerWithheld } from './lib/adapter-port.mjs';
import { payloadBytes, payloadText, strictUtf8, traceText } from './lib/payload.mjs';

// ---- reading and writing traces -----------------------------------------------------------------------------

const clone = (v) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v)));
const isSignal = (e, name, arg) => e?.ev === 'signal' && e.name === name && (arg === undefined || e.args?.[0] === arg);
const isCall = (e, m) => e?.ev === 'call' && (m === undefined || e.m === m);
const values = (e) => e.v ?? e.at ?? null;             // the getters read with an event, if any
const UP = { state: 3, isValid: true, error: -1, errorString: 'Unknown error' };
const DOWN = { state: 0, isValid: false };

// Overwrite getters, but only those that the scenario reads.
function put(e, fields) {
  const v = values(e);
  if (v) for (const [k, x] of Object.entries(fields)) if (k in v) v[k] = x;
}

class Case {
  constructor(scenario, qt) {
    this.s = scenario;
    this.theme = scenario.name.split('/')[0];
    this.steps = scenario.steps;
    this.actors = clone(qt.actors);
    this.assert = clone(scenario.assert ?? {});
    for (const a of Object.keys(this.actors)) if (this.actors[a].$variants) throw new Error('Qt itself varies: ' + scenario.name);
  }

  config(name) { return this.s.actors[name] ?? this.s.actors[name.split('.')[0]]?.sockets ?? {}; }
  ofKind(kind) { return Object.keys(this.actors).filter((n) => this.s.actors[n]?.kind === kind); }
  clients() { return this.ofKind('qt-client'); }
  servers() { return this.ofKind('qt-server'); }
  // sockets under test: clients and those that servers handed out
  sockets() { return Object.keys(this.actors).filter((n) => this.isSocket(n)); }
  isSocket(n) {
    const kind = this.s.actors[n]?.kind;
    return kind === 'qt-client' || (!kind && this.s.actors[n.split('.')[0]]?.kind === 'qt-server');
  }
  // connections of scripted peers
  wires() {
    return Object.keys(this.actors).filter((n) => /^raw-/.test((this.s.actors[n] ?? this.s.actors[n.split('.')[0]])?.kind ?? ''));
  }
  wire(n) { return this.wires().find((w) => w === n || w.endsWith('.' + n)); }
  rawSteps(verb) { return this.steps.filter((s) => s.raw?.split('.').pop() === verb); }
  // every frame that scripted peers send, in order
  frames() {
    return this.steps.flatMap((s) => {
      const verb = s.raw?.split('.').pop();
      const masked = this.s.actors[s.raw?.split('.')[0]]?.kind === 'raw-client';
      const list = verb === 'frame' ? [s] : verb === 'frames' ? s.frames : verb === 'send' ? (s.parts ?? []).filter((p) => p.op !== undefined) : [];
      return list.map((f) => ({ ...f, by: s.raw.split('.')[0], toServer: masked }));
    });
  }
  soft(...sel) { this.assert.soft = [...new Set([...(this.assert.soft ?? []), ...sel])]; }
  drop(...sel) { this.assert.drop = [...new Set([...(this.assert.drop ?? []), ...sel])]; }
  // the getters sampled inside a handler
  at(actor, signal, v) {
    const fields = this.config(actor).sample?.[signal] ?? this.config(actor).sample?.['*'];
    return fields ? { at: Object.fromEntries(fields.map((f) => [f, v[f]])) } : {};
  }
  signal(actor, name, args, v, extra = {}) {
    return { ev: 'signal', name, ...(args ? { args } : {}), ...extra, ...this.at(actor, name, { error: -1, closeCode: 1000, closeReason: '', ...v }) };
  }
  // what Qt emits when a connected socket is closed
  closing(actor, code, reason) {
    const v = { closeCode: code, closeReason: reason };
    return [
      this.signal(actor, 'aboutToClose', null, { ...UP, ...v }),
      this.signal(actor, 'aboutToClose', null, { ...UP, ...v }),
      this.signal(actor, 'stateChanged', [6], { state: 6, isValid: false, ...v }),
      ...this.gone(actor, v),
    ];
  }
  gone(actor, v = {}) {
    return [
      this.signal(actor, 'stateChanged', [0], { ...DOWN, ...v }),
      this.signal(actor, 'disconnected', null, { ...DOWN, ...v }),
      this.signal(actor, 'readChannelFinished', null, { ...DOWN, ...v }),
    ];
  }
  // a connection that Qt's trace shows as ended is still open in ours, and the other way round
  keepOpen(wire) { this.#last(wire, 'closed', { ev: 'stillOpen' }); }
  end(wire) { this.#last(wire, 'stillOpen', { ev: 'closed', how: 'fin' }); }
  #last(wire, from, to) {
    const list = this.actors[wire] ?? [];
    const i = list.findIndex((e) => e.ev === from);
    if (i >= 0) list[i] = to;
  }
}

const payloadOf = (f) => payloadBytes('payload' in f ? f.payload : 'text' in f || 'hex' in f || 'fill' in f || 'seq' in f ? f : undefined);
const closeFrame = (masked, code, reason) => ({
  ev: 'frame', op: 8, fin: true, rsv: 0, masked, len: 2 + Buffer.byteLength(reason), code, reason: traceText(reason),
});

// Rewrite a list that Qt ended in a refusal (1002, 1007) into one that goes on.
function goesOn(c, actor, wire, signals) {
  const list = c.actors[actor];
  const i = list.findIndex((e) => isSignal(e, 'aboutToClose') || (isSignal(e, 'errorOccurred', 0)));
  const rest = list.slice(i).filter((e) => e.ev !== 'signal');
  for (const e of rest) put(e, { ...UP, closeCode: 1000, closeReason: '' });
  list.splice(i, list.length, ...signals, ...rest);
  if (c.actors[wire]) c.actors[wire] = c.actors[wire].filter((e) => !(e.ev === 'frame' && e.op === 8));
  c.keepOpen(wire);
}

// ---- closing ------------------------------------------------------------------------------------------------

// close() only begins to close: what Qt emits within it after stateChanged(Closing) comes when the peer has
// answered and ended, or (scripted peers rarely answer) after the close timeout of the adapter.
function C1(c) {
  for (const actor of c.sockets()) {
    const list = c.actors[actor];
    let nth = 0;
    c.steps.forEach((step, i) => {
      if (step.call !== actor + '.close') return;
      let at = list.findIndex((e, k) => isCall(e, 'close') && list.slice(0, k).filter((x) => isCall(x, 'close')).length === nth);
      nth++;
      const closing = list.findIndex((e, k) => k > at && e.during === 'close' && isSignal(e, 'stateChanged', 6));
      if (at < 0 || closing < 0) return;
      const late = list.splice(closing + 1).reduce((o, e) => { (e.during === 'close' ? o.late : o.rest).push(e); return o; }, { late: [], rest: [] });
      if (!late.late.length) { list.push(...late.rest); return; }   // Qt too had to wait
      // what the scenario does before the time is up
      let skip = 0;
      let aborted = false;
      let passed = 0;
      for (const next of c.steps.slice(i + 1)) {
        if (next.settle) passed += next.settle;
        if (/\.disconnected$/.test(next.wait ?? '') || /\.expectClosed$/.test(next.raw ?? '')) passed = Infinity;
        if (passed >= closeTimeoutFor(c.s)) break;
        if (next.call?.startsWith(actor + '.') || next.snap === actor) skip++;
        if (next.call === actor + '.abort') { aborted = true; break; }
      }
      const before = late.rest.splice(0, skip);
      for (const e of before) put(e, { state: 6, isValid: false });
      for (const e of late.late) if (aborted) e.during = 'abort'; else delete e.during;
      list.push(...before, ...late.late, ...late.rest);
    });
    // close() called within a handler: the same, and nothing comes in between
    let closing = false;
    for (const e of list) {
      if (isSignal(e, 'stateChanged')) closing = e.args[0] === 6 ? e.during === 'close' : closing && e.args[0] === 0;
      if (closing && e.during === 'close' && !isSignal(e, 'stateChanged', 6)) delete e.during;
    }
  }
  // Sockets that nobody fetched: the adapter cannot shorten their close timeout, so a client that does not
  // answer the server's Close frame may still be connected when the scenario ends.
  for (const w of c.wires()) {
    const list = c.actors[w];
    const f = list.findIndex((e) => e.ev === 'frame' && e.op === 8 && e.reason === 'Server closed.');
    if (f >= 0 && list.at(-1).ev === 'closed') c.actors[w] = { $variants: [list, [...list.slice(0, -1), { ev: 'stillOpen' }]] };
  }
}

// aboutToClose once per connection, where Qt has the first one.
function C2(c) {
  for (const actor of c.sockets()) {
    let seen = false;
    c.actors[actor] = c.actors[actor].filter((e) => {
      if (isCall(e, 'open')) seen = false;
      if (!isSignal(e, 'aboutToClose')) return true;
      const first = !seen;
      seen = true;
      return first;
    });
  }
}

// A connection that was up and is lost without a Close frame: closeCode() 1006, closeReason() empty.
// Whether the handler of errorOccurred sees that already is left open.
function C3(c) {
  for (const actor of c.sockets()) {
    let up = false;
    let lost = false;
    for (const e of c.actors[actor]) {
      if (e.ev === 'adopted' || isSignal(e, 'stateChanged', 3)) up = true;
      if (isSignal(e, 'stateChanged', 0) || isSignal(e, 'aboutToClose')) { up = false; if (isSignal(e, 'aboutToClose')) lost = false; }
      const first = up && isSignal(e, 'errorOccurred') && !e.during;
      if (first) lost = true;
      if (!lost || !values(e)) continue;
      const v = values(e);
      if (first) {
        if ('closeCode' in v) v.closeCode = { $oneOf: [v.closeCode, 1006] };
        if (v.closeReason) v.closeReason = { $oneOf: [v.closeReason, ''] };
      } else put(e, { closeCode: 1006, closeReason: '' });
    }
  }
}

// An empty Close frame: closeCode() 1005, and an empty one is sent back.
function C4(c) {
  for (const f of c.frames()) {
    if (f.op !== 'close' || 'close' in f || 'hex' in f || 'payload' in f || f.fin === false) continue;
    for (const w of c.wires()) {
      c.actors[w] = c.actors[w].map((e) => (e.ev === 'frame' && e.op === 8 ? { ev: 'frame', op: 8, fin: true, rsv: 0, masked: e.masked, len: 0 } : e));
    }
    for (const actor of c.sockets()) {
      let closed = false;
      for (const e of c.actors[actor]) {
        if (isSignal(e, 'aboutToClose')) closed = true;
        if (closed) put(e, { closeCode: 1005, closeReason: '' });
      }
    }
  }
}

const maySend = (code) => (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

// close() with a code that must not be sent throws, and nothing happens.
function C5(c) {
  for (const step of c.steps) {
    const code = step.args?.[0];
    if (!step.call?.endsWith('.close') || typeof code !== 'number' || maySend(code)) continue;
    const actor = step.call.slice(0, -'.close'.length);
    c.actors[actor].find((e) => isCall(e, 'close')).threw = 'RangeError';
    c.actors[actor] = c.actors[actor].filter((e) => e.during !== 'close');
    for (const e of c.actors[actor]) if (e.v) put(e, { ...UP, closeCode: 1000, closeReason: '' });
    const w = c.wire('1');
    c.actors[w] = [...c.actors[w].filter((e) => e.ev === 'http'), ...(c.rawSteps('expectClosed').length ? [{ ev: 'timeout', what: 'end of stream' }] : []), { ev: 'stillOpen' }];
  }
}

// A reason is cut to 123 bytes between two characters.
function C6(c) {
  for (const step of c.steps) {
    const given = step.args?.[1];
    if (!step.call?.endsWith('.close') || given === undefined) continue;
    let reason = payloadText(given.$text ?? given);
    if (Buffer.byteLength(reason) <= 123) continue;
    while (Buffer.byteLength(reason) > 123) reason = [...reason].slice(0, -1).join('');
    for (const w of c.wires()) {
      c.actors[w] = c.actors[w].map((e) => (e.ev === 'frame' && e.op === 8 ? closeFrame(e.masked, e.code, reason) : e));
    }
    for (const e of c.actors[step.call.slice(0, -'.close'.length)]) if (values(e)?.closeReason) put(e, { closeReason: traceText(reason) });
  }
}

// The Close frame that a peer sends with a code Qt refuses, and what Qt makes of it.
function refusedCode(c) {
  const f = c.frames().find((x) => x.op === 'close' && 'close' in x && x.fin !== false);
  const qtText = 'Invalid close code 1002 detected.';
  const seen = Object.values(c.actors).flat().some((e) => e.v?.closeReason === qtText);
  return f && seen ? { code: f.close, reason: payloadText(f.reason ?? '') } : null;
}

function replaceClose(c, code, reason) {
  for (const w of c.wires()) c.actors[w] = c.actors[w].map((e) => (e.ev === 'frame' && e.op === 8 ? closeFrame(e.masked, code, reason) : e));
  for (const actor of c.sockets()) {
    let closed = false;
    for (const e of c.actors[actor]) {
      if (isSignal(e, 'aboutToClose')) closed = true;
      if (closed) put(e, { closeCode: code, closeReason: traceText(reason) });
    }
  }
  c.assert = {};                                     // the text is asserted: the row is about it
}

// 1012 to 1014 are accepted.
function C7(c) {
  const r = refusedCode(c);
  if (r && r.code >= 1012 && r.code <= 1014) replaceClose(c, r.code, r.reason);
}

// The text tells the code that came.
function C8(c) {
  const r = refusedCode(c);
  if (r) replaceClose(c, 1002, `Invalid close code ${r.code} detected.`);
}

// ---- opening ------------------------------------------------------------------------------------------------

const NEVER_CLOSED = /^(Read handshake request|Parsing handshake request|WebSocket server has chosen protocol|Header is too large)|^\(extension/;

// A failed handshake ends the connection at once: errorOccurred(0), Unconnected, disconnected.
function failedHandshake(c, concerns) {
  for (const actor of c.clients()) {
    const list = c.actors[actor];
    let state = 0;
    let conn = 0;
    for (let i = 0; i < list.length; i++) {
      const e = list[i];
      if (isCall(e, 'open')) conn++;
      if (isSignal(e, 'stateChanged')) state = e.args[0];
      if (state !== 2 || !isSignal(e, 'errorOccurred', 0) || e.during || isSignal(list[i + 1], 'stateChanged', 0)) continue;
      const text = list.slice(i).find((x) => x.v?.errorString)?.v.errorString ?? '';
      if (!concerns(text)) continue;
      let reopen = list.findIndex((x, k) => k > i && isCall(x, 'open'));
      const after = list.splice(i + 1, (reopen < 0 ? list.length : reopen) - i - 1).filter((x) => x.ev !== 'signal');
      for (const x of after) put(x, { ...DOWN, error: -1 });
      list.splice(i + 1, 0, ...c.gone(actor), ...after);
      const o = list.findIndex((x, k) => k > i && isCall(x, 'open'));
      if (o >= 0 && !isSignal(list[o + 1], 'stateChanged')) list.splice(o + 1, 0, c.signal(actor, 'stateChanged', [2], { state: 2, isValid: false }, { during: 'open' }));
      c.end(c.wire(String(conn)));
      state = 0;
    }
  }
}

// The failures that leave even the newest Qt in Connecting.
function O1(c) { failedHandshake(c, (text) => NEVER_CLOSED.test(text)); }

// A 101 whose Connection header is a list is accepted.
function O3(c) {
  const list = /connection:\s*[^\r\n]*,\s*upgrade\s*\r\n/i;
  for (const actor of c.clients()) {
    if (!c.rawSteps('send').some((s) => list.test(s.text ?? '')) || !c.actors[actor].some((e) => isSignal(e, 'errorOccurred', 0))) continue;
    goesOn(c, actor, c.wire('1'), [c.signal(actor, 'stateChanged', [3], UP), c.signal(actor, 'connected', null, UP)]);
  }
}

// A 101 that names an extension nobody asked for is refused.
function O4(c) {
  for (const actor of c.clients()) {
    const named = c.rawSteps('send').some((s) => / 101 /.test(s.text ?? '') && /sec-websocket-extensions:/i.test(s.text));
    const i = c.actors[actor].findIndex((e) => isSignal(e, 'stateChanged', 3));
    if (!named || i < 0) continue;
    c.actors[actor].splice(i, 2, c.signal(actor, 'errorOccurred', [0], { state: 2, isValid: false }));
    for (const e of c.actors[actor].slice(i + 1)) put(e, { state: 2, isValid: false, errorString: '(extension not asked for: a text of the port)' });
    failedHandshake(c, (text) => text.startsWith('(extension'));
  }
}

// Host and Origin of the request replace ours; other headers of the handshake are not taken from it.
function O7(c) {
  const replaces = ['host', 'origin'];
  const refused = ['upgrade', 'connection', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions', 'sec-websocket-accept'];
  const own = c.steps.find((s) => s.args?.[0]?.$request?.headers)?.args[0].$request.headers ?? [];
  for (const w of c.wires()) {
    for (const e of c.actors[w]) {
      if (e.ev !== 'http' || !e.start.startsWith('GET')) continue;
      for (const [name, value] of own) {
        const n = name.toLowerCase();
        const extra = e.headers.findLastIndex((h) => h[0].toLowerCase() === n);
        if (refused.includes(n)) e.headers.splice(extra, 1);
        else if (replaces.includes(n)) {
          const ours = e.headers.findIndex((h) => h[0].toLowerCase() === n);
          if (ours !== extra) { e.headers[ours][1] = value; e.headers.splice(extra, 1); }
        }
      }
    }
  }
}

// error() and errorString() tell the last error that was emitted, until open() is called again.
function O9(c) {
  for (const actor of c.sockets()) {
    let last = -1;
    let text = null;
    for (const e of c.actors[actor]) {
      if (isCall(e, 'open')) { if (last !== -1) text = 'Unknown error'; last = -1; }
      if (isSignal(e, 'errorOccurred')) { last = e.args[0]; text = null; }
      const v = values(e);
      if (!v) continue;
      if (last !== -1 && typeof v.error === 'number') v.error = last;
      if (last === -1 && text && v.errorString) v.errorString = text;
    }
  }
}

// CR LF in the origin or in a header: the same error, but within open() and before anything is dialled.
function O12(c) {
  const lf = /[\r\n]/;
  for (const actor of c.clients()) {
    const headers = c.steps.flatMap((s) => (s.call === actor + '.open' ? s.args?.[0]?.$request?.headers ?? [] : [])).flat();
    if (!lf.test(c.config(actor).origin ?? '') && !headers.some((h) => lf.test(h))) continue;
    const list = c.actors[actor].filter((e) => e.ev !== 'signal');
    list.splice(list.findIndex((e) => isCall(e, 'open')) + 1, 0, c.signal(actor, 'errorOccurred', [0], DOWN, { during: 'open' }));
    for (const e of list) put(e, { ...DOWN, error: -1 });
    c.actors[actor] = list;
    for (const w of c.wires()) delete c.actors[w];
  }
}

// ---- messages -----------------------------------------------------------------------------------------------

// A frame masked the wrong way fails the connection.
function M1(c) {
  for (const f of c.frames()) {
    if (f.masked === undefined || f.masked === f.toServer || typeof f.op === 'number') continue;
    const actor = c.sockets()[0];
    const list = c.actors[actor];
    const i = list.findIndex((e) => /FrameReceived$/.test(e.name ?? ''));
    const text = f.toServer ? 'Frame is not masked' : 'Frame is masked';       // soft: texts are the port's own
    const waits = c.steps.filter((s) => new RegExp('^' + actor + '\\.(text|binary)MessageReceived$').test(s.wait ?? ''));
    const rest = list.slice(i).filter((e) => e.ev !== 'signal');
    for (const e of rest) put(e, { ...DOWN, closeCode: 1002, closeReason: text });
    list.splice(i, list.length, ...c.closing(actor, 1002, text), ...waits.map((s) => ({ ev: 'timeout', what: s.wait.split('.').pop() })), ...rest);
    const w = f.toServer ? f.by : c.wire('1');
    c.actors[w].splice(c.actors[w].length - 1, 1, closeFrame(!f.toServer, 1002, text), { ev: 'closed', how: 'fin' });
    c.soft('closeReason', 'frame.reason', 'frame.len');
  }
}

// Text is decoded over the whole message: a frame signal carries the characters that are complete.
function M2(c) {
  const frames = c.frames().filter((f) => f.op === 'text' || f.op === 'cont');
  if (frames.length < 2 || frames[0].fin !== false || c.frames().some((f) => f.op === 'binary' || f.rsv || f.op === 'close')) return;
  if (frames.every((f) => strictUtf8(payloadOf(f)) !== null)) return;
  const actor = c.sockets()[0];
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const signals = [];
  let whole = '';
  let bad = false;
  for (const f of frames) {
    const last = f.fin !== false;
    let text;
    try { text = decoder.decode(payloadOf(f), { stream: !last }); } catch { bad = true; break; }
    whole += text;
    signals.push(c.signal(actor, 'textFrameReceived', [traceText(text), last], UP));
    if (last) signals.push(c.signal(actor, 'textMessageReceived', [traceText(whole)], UP));
  }
  if (!bad) return goesOn(c, actor, c.wire('1'), signals);
  const list = c.actors[actor];
  const have = list.filter((e) => isSignal(e, 'textFrameReceived')).length;
  list.splice(list.findIndex((e) => isSignal(e, 'aboutToClose')), 0, ...signals.slice(have));
}

// A byte order mark at the start of a text stays.
function M3(c) {
  const texts = c.frames().filter((f) => f.op === 'text' && f.fin !== false && !f.rsv).map((f) => strictUtf8(payloadOf(f)));
  if (!texts.some((t) => t?.startsWith('\ufeff'))) return;
  for (const actor of c.sockets()) {
    for (const name of ['textFrameReceived', 'textMessageReceived']) {
      c.actors[actor].filter((e) => isSignal(e, name)).forEach((e, i) => { e.args[0] = traceText(texts[i]); });
    }
  }
}

// A message larger than the read buffer gets through, and so does a response head.
function M8(c) {
  for (const actor of c.clients()) {
    const size = c.steps.find((s) => s.call === actor + '.setReadBufferSize')?.args[0];
    const list = c.actors[actor];
    if (!size) continue;
    if (!list.some((e) => isSignal(e, 'stateChanged', 3)) && c.rawSteps('accept').length) {
      const i = list.findIndex((e) => isSignal(e, 'stateChanged', 2)) + 1;
      for (const e of list.slice(i)) put(e, UP);
      list.splice(i, 0, c.signal(actor, 'stateChanged', [3], UP), c.signal(actor, 'connected', null, UP));
    }
    for (const f of c.frames().filter((x) => x.op === 'text' && x.n > size)) {
      const text = traceText(payloadOf(f).toString());
      const i = list.findLastIndex((e) => isSignal(e, 'textMessageReceived')) + 1;
      list.splice(i, 0, c.signal(actor, 'textFrameReceived', [text, true], UP), c.signal(actor, 'textMessageReceived', [text], UP));
    }
  }
}

// A lone surrogate is sent as U+FFFD.
function M9(c) {
  const sends = c.steps.filter((s) => /\.sendTextMessage$/.test(s.call ?? ''));
  if (!sends.some((s) => s.args?.[0]?.$text?.u16)) return;
  const sent = sends.map((s) => payloadText(s.args[0].$text ?? s.args[0]).toWellFormed());
  const calls = c.sockets().flatMap((n) => c.actors[n].filter((e) => isCall(e, 'sendTextMessage')));
  const frames = c.wires().flatMap((n) => c.actors[n].filter((e) => e.ev === 'frame' && e.op === 1));
  sent.forEach((text, i) => {
    const len = Buffer.byteLength(text);
    calls[i].ret = len;
    Object.assign(frames[i], { len, text: traceText(text) });
  });
}

// Default limits: 64 MiB on clients, 16 MiB on sockets of a server.
function M10(c) {
  const qt = 2147483646;
  for (const actor of c.sockets()) {
    const mine = c.s.actors[actor]?.kind === 'qt-client' ? 64 << 20 : 16 << 20;
    for (const e of c.actors[actor]) {
      for (const f of ['maxAllowedIncomingFrameSize', 'maxAllowedIncomingMessageSize']) if (e.v?.[f] === qt) e.v[f] = mine;
    }
  }
}

// ---- server -------------------------------------------------------------------------------------------------

// The head of the request that a scripted client sends, as text; null when it is no whole head.
function requestOf(c, r) {
  const mine = c.steps.filter((s) => s.raw?.startsWith(r + '.'));
  const made = mine.find((s) => /\.(handshake|upgrade)$/.test(s.raw));
  let text = '';
  if (made) {
    const base = { host: made.hostHeader ?? 'h', upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'AQIDBAUGBwgJCgsMDQ4PEA==', 'sec-websocket-version': '13' };
    for (const n of made.omit ?? []) delete base[n.toLowerCase()];
    for (const [n, v] of Object.entries(made.set ?? {})) base[n.toLowerCase()] = v;
    const lines = [...Object.entries(base), ...(made.extra ?? [])].map(([n, v]) => n + ': ' + v + '\r\n');
    text = (made.line ?? 'GET ' + (made.path ?? '/') + ' HTTP/1.1') + '\r\n' + lines.join('') + '\r\n';
  } else {
    text = mine.filter((s) => /\.send$/.test(s.raw)).map((s) => s.text ?? payloadBytes(s.hex ? { hex: s.hex } : { concat: (s.parts ?? []).filter((p) => p.op === undefined).map((p) => p.http ?? p) }).toString('latin1')).join('');
  }
  const end = text.indexOf('\r\n\r\n');
  return { text, head: end < 0 ? null : text.slice(0, end + 2) };
}

const answer = (start, ...has) => ({ ev: 'http', start: { $match: '^HTTP/1\\.1 ' + start + ' ' }, headers: { $has: has } });
const CLOSE = ['Connection', 'close'];

// What a request that Qt drops silently is answered with. Where two answers are right, both are listed.
function answersTo(head) {
  const [line, ...fields] = head.split('\r\n').filter((l, i) => i === 0 || l);
  const m = /^(\S+) (\S+) HTTP\/(\d+\.\d+)$/.exec(line);
  const get = (n) => fields.find((f) => f.toLowerCase().startsWith(n + ':'))?.slice(n.length + 1).trim();
  if (!m) return [answer('400', CLOSE)];
  if (m[1] === 'get') return [answer('(405|501|400)', CLOSE)];      // not a method anybody knows
  if (m[1] !== 'GET') return [answer('405', ['Allow', 'GET'], CLOSE)];
  if (fields.length > 100 || fields.some((f) => f.length > 8192)) return [answer('431', CLOSE)];
  if (Number(m[3]) < 1.1) return [answer('(400|426|505)', CLOSE)];
  const upgrade = answer('426', ['Sec-WebSocket-Version', '13'], CLOSE);
  if (!get('host') || get('sec-websocket-key') === '') return [answer('400', CLOSE)];
  if (get('upgrade')?.toLowerCase() !== 'websocket' || !/(^|,)\s*upgrade\s*(,|$)/i.test(get('connection') ?? '')) return [answer('400', CLOSE), upgrade];
  if (!get('sec-websocket-key')) return [answer('400', CLOSE)];
  if (!/^\d+$/.test(get('sec-websocket-version') ?? '')) return [answer('400', CLOSE), upgrade];
  return null;
}

// A malformed upgrade request is answered, then the connection is closed.
function S1(c) {
  if (!c.servers().length) return;
  const full = Object.values(c.actors).flat().some((e) => e.v?.errorString === 'Too many pending connections.');
  for (const r of c.ofKind('raw-client')) {
    const list = c.actors[r];
    const { text, head } = requestOf(c, r);
    const silent = list.length === 1 && list[0].ev === 'closed';
    const tls = c.s.actors[r].tls !== undefined || !c.s.actors[c.s.actors[r].to].secure;
    if (silent && tls && !full && head) {
      const answers = answersTo(head);
      if (!answers) continue;
      const ways = answers.map((a) => [a, ...list]);
      c.actors[r] = ways.length > 1 ? { $variants: ways } : ways[0];
      c.drop(r + '/leftover');                       // a body, if any
    } else if (silent && !head && text.length > 8192) {
      c.actors[r] = { $variants: [list, [answer('(400|414|431)', CLOSE), ...list]] };   // it may wait for the end of the line
      c.drop(r + '/leftover');
    } else if (list[0]?.ev === 'http' && list[0].start === 'HTTP/1.1 400 Bad Request') {
      // not silent in Qt; the row's 426 fits it as well
      c.actors[r] = [{ ...list[0], start: { $match: '^HTTP/1\\.1 (400|426) ' }, headers: { $has: [['Sec-WebSocket-Version', '13']] } }, ...list.slice(1)];
      c.drop(r + '/leftover');
    }
  }
}

// Frames that come before the socket has been handed out are delivered once it has listeners.
function S2(c) {
  for (const server of c.servers()) {
    const actor = server + '.1';
    if (!c.actors[actor] || c.s.actors[server].sockets?.on) continue;
    const fetched = c.s.actors[server].accept === 'manual' ? c.steps.findIndex((s) => s.call === server + '.nextPendingConnection') : -1;
    const early = c.steps.flatMap((s, i) => {
      if (s.raw?.endsWith('.send') && s.parts?.some((p) => p.http)) return s.parts.filter((p) => p.op === 'text');
      return s.raw?.endsWith('.frame') && i < fetched && s.op === 'text' ? [s] : [];
    });
    const signals = early.flatMap((f) => [
      c.signal(actor, 'textFrameReceived', [traceText(payloadOf(f).toString()), true], UP),
      c.signal(actor, 'textMessageReceived', [traceText(payloadOf(f).toString())], UP),
    ]);
    c.actors[actor].splice(c.actors[actor].findIndex((e) => e.ev === 'adopted') + 1, 0, ...signals);
  }
}

// The queue is full: 503.
function S3(c) {
  const full = Object.values(c.actors).flat().some((e) => e.v?.errorString === 'Too many pending connections.');
  if (!full) return;
  for (const r of c.ofKind('raw-client')) {
    if (c.actors[r].length !== 1 || c.actors[r][0].ev !== 'closed') continue;
    c.actors[r].unshift(answer('503'));
    c.drop(r + '/leftover');
  }
}

// serverError is emitted for each refused client, also when it says the same again.
function S4(c) {
  for (const s of c.servers()) {
    const list = c.actors[s];
    const i = list.findIndex((e) => isSignal(e, 'serverError') && !e.during);
    const refused = c.ofKind('raw-client').filter((r) => c.actors[r].length === 1 && c.actors[r][0].ev === 'closed');
    const full = list.some((e) => e.v?.errorString === 'Too many pending connections.');
    if (i >= 0 && full) list.splice(i + 1, 0, ...refused.slice(1).map(() => clone(list[i])));
  }
}

// No Access-Control-* headers in the 101.
function S5(c) {
  for (const w of c.wires()) {
    for (const list of c.actors[w].$variants ?? [c.actors[w]]) {
      for (const e of list) {
        if (e.ev === 'http' && / 101 /.test(e.start)) e.headers = e.headers.filter(([n]) => !n.startsWith('Access-Control-'));
      }
    }
  }
}

// With no listener for originAuthenticationRequired (the adapter attaches none in theme origin when the
// scenario has no handler), a loopback server refuses foreign origins as if the listener had denied them.
function S6(c) {
  for (const s of c.servers()) {
    if (!originListenerWithheld(c.s, s)) continue;
    c.actors[s] = c.actors[s].filter((e) => !isSignal(e, 'originAuthenticationRequired'));
    const r = c.ofKind('raw-client')[0];
    if (!/\r\nOrigin:/i.test(requestOf(c, r).head)) continue;
    const list = c.actors[s].filter((e) => !isSignal(e, 'newConnection'));
    const refusal = [c.signal(s, 'serverError', [1008], {}), ...c.steps.filter((x) => x.wait === s + '.newConnection').map(() => ({ ev: 'timeout', what: 'newConnection' }))];
    list.splice(list.findIndex((e) => isCall(e, 'listen')) + 1, 0, ...refusal);
    for (const e of list) put(e, { error: 1008, errorString: 'Access forbidden.' });
    c.actors[s] = list;
    c.actors[s + '.1'] = c.steps.filter((x) => x.snap === s + '.1').map(() => ({ ev: 'noObject', for: 'snap' }));
    c.actors[r] = [answer('403'), { ev: 'closed', how: 'fin' }];
    c.drop(r + '/leftover');
  }
}

// A handshake that takes too long is answered with 408.
function S7(c) {
  for (const r of c.ofKind('raw-client')) {
    const s = c.s.actors[r].to;
    const set = c.steps.some((x) => x.call === s + '.setHandshakeTimeout' && x.args[0] >= 0);
    if (!set || c.s.actors[s].secure || c.actors[r].length !== 1 || c.actors[r][0].ev !== 'closed') continue;
    c.actors[r].unshift(answer('408'));
    c.drop(r + '/leftover');
  }
}

// TLS signals of a server tell whose connection it is.
function S8(c) {
  for (const s of c.servers()) {
    for (const e of c.actors[s]) {
      if (['sslErrors', 'peerVerifyError', 'alertSent', 'alertReceived', 'handshakeInterruptedOnError', 'preSharedKeyAuthenticationRequired'].includes(e.name)) {
        e.args.push({ $match: '127\\.0\\.0\\.1' });
      }
    }
  }
}

// Closing the server cuts half-done handshakes.
function S9(c) {
  for (const r of c.ofKind('raw-client')) {
    const closes = c.steps.some((s) => s.call === c.s.actors[r].to + '.close');
    if (closes && c.actors[r].length === 1 && c.actors[r][0].ev === 'stillOpen') c.end(r);
  }
}

// ---- TLS ----------------------------------------------------------------------------------------------------

// ignoreSslErrors() before open() holds for the connection.
function T1(c) {
  for (const actor of c.clients()) {
    const list = c.actors[actor];
    const i = list.findIndex((e) => isSignal(e, 'errorOccurred', 13));
    const before = c.steps.findIndex((s) => s.call === actor + '.ignoreSslErrors' && !s.args);
    if (i < 0 || before < 0 || before > c.steps.findIndex((s) => s.call === actor + '.open')) continue;
    const rest = list.slice(i).filter((e) => e.ev !== 'signal');
    for (const e of rest) put(e, { state: 2, isValid: false, error: -1, errorString: 'Unknown error' });
    list.splice(i, list.length, ...rest);
    const w = c.wire('1');
    const port = '127.0.0.1:${' + w.split('.')[0] + '.port}';
    c.actors[w] = [...c.actors[w].filter((e) => e.ev === 'tls'),
      { ev: 'http', start: 'GET / HTTP/1.1', headers: [['Host', port], ['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Key', '<key>'], ['Sec-WebSocket-Version', '13']] },
      { ev: 'stillOpen' }];
  }
}

// A TLS peer that ends without a Close frame is one error, not two.
function T2(c) {
  for (const actor of c.clients()) {
    c.actors[actor] = c.actors[actor].filter((e, i, list) => !(isSignal(e, 'errorOccurred', 1) && isSignal(list[i - 1], 'errorOccurred', 1)));
  }
}

// ---- newer Qt -----------------------------------------------------------------------------------------------

// 6.6 ends the connection after most handshake failures and asks for credentials on 401; 6.8 writes the names of
// a request's own headers in lower case; 6.9 turns an empty path into "/".
function newer(c) {
  failedHandshake(c, (text) => !NEVER_CLOSED.test(text));
  for (const actor of c.clients()) {
    for (const e of c.actors[actor]) {
      const v = values(e);
      if (v?.errorString) v.errorString = v.errorString.replace('Invalid parameter(s) presented', 'Invalid parameter encountered');
    }
    // 401
    const challenge = c.rawSteps('send').map((s) => /^HTTP\/1.1 401 [^]*WWW-Authenticate: Basic realm="([^"]*)"/i.exec(s.text ?? '')).find(Boolean);
    if (challenge) {
      const i = c.actors[actor].findIndex((e) => isSignal(e, 'errorOccurred', 0));
      c.actors[actor].splice(i, 0, c.signal(actor, 'authenticationRequired', [{ realm: challenge[1], user: '' }], { state: 2, isValid: false }));
    }
    // empty path
    const opened = c.steps.find((s) => s.call === actor + '.open')?.args?.[0];
    const m = typeof opened === 'string' ? /^(wss?:\/\/[^/?#]+)(\?.*)?$/i.exec(opened) : null;
    if (m) {
      for (const e of c.actors[actor]) put(e, { requestUrl: m[1] + '/' + (m[2] ?? ''), resourceName: '/' + (m[2] ?? '') });
      for (const w of c.wires()) for (const e of c.actors[w]) if (e.start?.startsWith('GET ?')) e.start = e.start.replace('GET ?', 'GET /?');
    }
  }
  // header names
  const lower = (list) => list.map(([n, v]) => [n.toLowerCase(), v]);
  const own = c.steps.flatMap((s) => s.args?.[0]?.$request?.headers ?? []).map(([n]) => n);
  for (const w of c.wires()) {
    for (const e of c.actors[w]) {
      if (e.ev !== 'http' || !e.start.startsWith('GET')) continue;
      const from = e.headers.findLastIndex(([n]) => n === 'Sec-WebSocket-Version' || n === 'Sec-WebSocket-Protocol') + 1;
      e.headers = [...e.headers.slice(0, from), ...lower(e.headers.slice(from))];
    }
  }
  for (const actor of c.sockets()) {
    for (const e of c.actors[actor]) {
      const headers = e.v?.request?.headers;
      if (!headers?.some(([n]) => n !== n.toLowerCase())) continue;
      const onWire = headers.map(([n, v]) => [own.includes(n) ? n.toLowerCase() : n, v]);
      e.v.request.headers = { $oneOf: [own.length && c.servers().length ? onWire : headers, lower(headers)] };
    }
  }
}

// ---- all of them --------------------------------------------------------------------------------------------

// In this order: first the rows that change what happens, told in Qt's way, then those that change how it is told.
const ROWS = [['O3', O3], ['O4', O4], ['O7', O7], ['O12', O12], ['M1', M1], ['M2', M2], ['M3', M3], ['M8', M8], ['M9', M9], ['M10', M10],
  ['T1', T1], ['T2', T2], ['C4', C4], ['C5', C5], ['C6', C6], ['C7', C7], ['C8', C8], ['Qt6.9+', newer], ['O1', O1], ['O9', O9], ['C3', C3], ['C1', C1], ['C2', C2],
  ['S2', S2], ['S4', S4], ['S3', S3], ['S6', S6], ['S7', S7], ['S8', S8], ['S9', S9], ['S1', S1], ['S5', S5]];
// A patch follows the other rows and gives whole lists: it names in "rows" what it is made by, beside what was
// applied before it (C2, S5, …).

export function derive(scenario, qt, patch) {
  if (scenario.assert === 'soft') return null;
  const c = new Case(scenario, qt);
  const rows = [];
  const state = () => JSON.stringify([c.actors, c.assert]);
  for (const [name, fn] of ROWS) {
    const before = state();
    fn(c);
    if (state() !== before) rows.push(name);
  }
  if (patch) {
    Object.assign(c.actors, clone(patch.actors ?? {}));
    for (const a of Object.keys(c.actors)) if (c.actors[a] === null) delete c.actors[a];
    if (patch.soft) c.soft(...patch.soft);
    if (patch.drop) c.drop(...patch.drop);
    rows.push(...patch.rows.filter((r) => !rows.includes(r)));
  }
  if (!rows.length) return null;
  const out = { name: scenario.name, rows: patch?.only ?? rows.sort() };
  if (JSON.stringify(c.assert) !== JSON.stringify(scenario.assert ?? {})) out.assert = c.assert;
  if (patch?.why) out.why = patch.why;
  out.actors = c.actors;
  // What nobody would see is no difference; what also admits Qt's own trace is marked.
  const qtToo = compareScenario({ ...scenario, assert: out.assert ?? scenario.assert }, out, qt).hard.length === 0;
  const tolerant = /"\$(oneOf|variants|match|has)"/.test(JSON.stringify(out.actors));
  if (qtToo && !tolerant) return null;
  if (qtToo) { const { actors, ...head } = out; return { ...head, qtToo: true, actors }; }
  return out;
}

function main() {
  const argv = process.argv.slice(2);
  const check = argv.includes('--check');
  const sets = argv.filter((a) => !a.startsWith('--'));
  if (!sets.length) sets.push(path.join(path.dirname(fileURLToPath(import.meta.url)), 'open'));
  let stale = 0;
  for (const set of sets) {
    const read = (f) => { try { return JSON.parse(fs.readFileSync(f, 'utf8')); } catch { return null; } };
    const patches = read(path.join(set, 'patches.json')) ?? {};
    const files = new Map();
    const byRow = {};
    const byScenario = {};
    for (const file of findScenarios([path.join(set, 'scenarios')])) {
      const scenario = read(file);
      const qt = read(tracePath(file, null, 'traces'));
      if (!qt) continue;
      const out = derive(scenario, qt, patches[scenario.name]);
      if (!out) continue;
      files.set(tracePath(file, null, 'expected'), dumpTrace(out));
      byScenario[scenario.name] = out.rows;
      for (const r of out.rows) (byRow[r] ??= []).push(scenario.name);
    }
    const rows = Object.fromEntries(Object.keys(byRow).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((r) => [r, byRow[r]]));
    const lines = (o) => Object.entries(o).map(([k, v]) => '    ' + JSON.stringify(k) + ': ' + JSON.stringify(v)).join(',\n');
    files.set(path.resolve(set, 'divergences.json'), '{\n  "rows": {\n' + lines(rows) + '\n  },\n  "scenarios": {\n' + lines(byScenario) + '\n  }\n}\n');
    const dir = path.resolve(set, 'expected');
    const old = fs.existsSync(dir) ? findScenarios([dir]) : [];
    if (check) {
      const wrong = [...[...files].filter(([f, t]) => !fs.existsSync(f) || fs.readFileSync(f, 'utf8') !== t).map(([f]) => f), ...old.filter((f) => !files.has(f))];
      for (const f of wrong) console.log('out of date: ' + path.relative(process.cwd(), f));
      stale += wrong.length;
    } else {
      fs.rmSync(dir, { recursive: true, force: true });
      for (const [f, text] of files) { fs.mkdirSync(path.dirname(f), { recursive: true }); fs.writeFileSync(f, text); }
      console.log(`${path.basename(path.resolve(set))}: ${Object.keys(byScenario).length} scenarios touched; ` + Object.entries(rows).map(([r, l]) => r + ' ' + l.length).join(', '));
    }
  }
  process.exitCode = stale ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
