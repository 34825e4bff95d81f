import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';

const nothing = (): void => {};

const known: Readonly<Record<PropertyKey, unknown>> = {
  isNull: () => true,
  clone: () => NO_TLS,
};

/** What a promise and JSON.stringify() ask every object for. */
const ABSENT = new Set<PropertyKey>(['then', 'toJSON']);

/**
 * Stands for the settings of TLS where the platform has none to show: it is null, and its copy is
 * itself. Setters do nothing, so that shared code can use them; getters give undefined.
 *
 * The class itself and its certificates need Node's cryptography, which no page has.
 */
export const NO_TLS: QSslConfiguration = new Proxy(known, {
  get: (target, name) => {
    const isPlain = typeof name === 'symbol' || name in target || ABSENT.has(name);
    return isPlain ? target[name] : nothing;
  },
}) as unknown as QSslConfiguration;
