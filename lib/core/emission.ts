import type { AnyQObject } from './any-qobject.ts';

/** The emission whose slots are being called. */
export interface Emission {
  sender: AnyQObject | null;
  /** Whether what a slot throws is kept from the emitter and from the slots after it. */
  isIsolated: boolean;
}

/**
 * The innermost emission in progress.
 *
 * The only state of this room that belongs to no object: a slot may be any function, so that
 * nothing else is there to ask who called it. Emissions are synchronous; each one puts back what
 * it found.
 */
export const emission: Emission = { sender: null, isIsolated: false };

/**
 * The object whose signal called the slot that is running; `null` outside of slots.
 *
 * It is gone after the first `await` of a slot. Other than Qt's, it knows plain functions too, and
 * does not ask whether the slot belongs to the object that calls it.
 *
 * @see https://doc.qt.io/qt-6/qobject.html#sender
 */
export function sender(): AnyQObject | null {
  return emission.sender;
}

/** Throws `error` where no caller is disturbed: as an uncaught exception, in a microtask. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
