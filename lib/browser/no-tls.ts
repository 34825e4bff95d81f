import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';

/**
 * Stands for the settings of TLS where the platform has none to show: it is null, and its copy is
 * itself. The class and its certificates need Node's cryptography, which no page has.
 */
export const NO_TLS: QSslConfiguration = {
  isNull: () => true,
  clone: () => NO_TLS,
} as unknown as QSslConfiguration;
