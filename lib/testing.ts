/**
 * Aids for the tests of programs: connections in memory, a peer that misbehaves, signals that are kept,
 * clocks that are faked. Nothing of it is in Qt but {@link SignalSpy}.
 *
 * @module qwebsockets/testing
 */
export { advance, TIMERS, type FakeClock } from './testing/advance.ts';
export type { MemoryLink } from './testing/memory-link.ts';
export { openInMemory, type OpenTarget } from './testing/open-in-memory.ts';
export { ScriptedPeer, type HeaderChanges } from './testing/scripted-peer.ts';
export { ScriptedServer } from './testing/scripted-server.ts';
export { settled } from './testing/settled.ts';
export { SignalSpy, SignalSpy as QSignalSpy } from './testing/signal-spy.ts';
export { socketPair, type SocketPair } from './testing/socket-pair.ts';
export { frame, frameStart, type FrameOptions, type WireFrame } from './testing/wire-frame.ts';
