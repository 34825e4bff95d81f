/**
 * Why a connection was closed, as QWebSocketProtocol::CloseCode (RFC 6455 §7.4.1). Three codes that
 * IANA registered later follow Qt's. Applications may use any number from 3000 to 4999 besides.
 *
 * @enum
 */
export const CloseCode = {
  /** The purpose of the connection is fulfilled. */
  CloseCodeNormal: 1000,
  /** The peer goes away: a server shuts down, a page is left. */
  CloseCodeGoingAway: 1001,
  /** A protocol error. */
  CloseCodeProtocolError: 1002,
  /** A kind of data, text or binary, that the peer does not take. */
  CloseCodeDatatypeNotSupported: 1003,
  /** Reserved; never sent. */
  CloseCodeReserved1004: 1004,
  /** The Close frame held no code; never sent. */
  CloseCodeMissingStatusCode: 1005,
  /** The connection was lost without a Close frame; never sent. */
  CloseCodeAbnormalDisconnection: 1006,
  /** Data that does not fit its kind, such as text that is not UTF-8. */
  CloseCodeWrongDatatype: 1007,
  /** A message that violates the peer's policy. */
  CloseCodePolicyViolated: 1008,
  /** A message too big to be processed. */
  CloseCodeTooMuchData: 1009,
  /** The server did not agree to an extension that the client needs. */
  CloseCodeMissingExtension: 1010,
  /** The server met a condition that it did not expect. */
  CloseCodeBadOperation: 1011,
  /** The service restarts; try again after a while (not in Qt). */
  CloseCodeServiceRestart: 1012,
  /** The server is overloaded; try again later (not in Qt). */
  CloseCodeTryAgainLater: 1013,
  /** A gateway got an invalid response from the server behind it (not in Qt). */
  CloseCodeBadGateway: 1014,
  /** The TLS handshake failed; never sent. */
  CloseCodeTlsHandshakeFailed: 1015,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/**
 * Versions of the WebSocket protocol, as QWebSocketProtocol::Version: the value of
 * `Sec-WebSocket-Version`. Only version 13, RFC 6455, is spoken.
 *
 * @enum
 */
export const Version = {
  /** Not a known version. */
  VersionUnknown: -1,
  /** hixie-76 and hybi-00. */
  Version0: 0,
  /** hybi-04. */
  Version4: 4,
  /** hybi-05. */
  Version5: 5,
  /** hybi-06. */
  Version6: 6,
  /** hybi-07. */
  Version7: 7,
  /** hybi-08 to hybi-12. */
  Version8: 8,
  /** hybi-13 to hybi-17, and RFC 6455. */
  Version13: 13,
  /** The newest: 13. */
  VersionLatest: 13,
} as const;
export type Version = (typeof Version)[keyof typeof Version];

/**
 * Qt's namespace of that name: its enumerators nested and flat, so that
 * `QWebSocketProtocol.CloseCodeNormal` and `QWebSocketProtocol.CloseCode.CloseCodeNormal` are the
 * same number.
 */
export const QWebSocketProtocol: Readonly<
  typeof CloseCode &
    typeof Version & {
      CloseCode: typeof CloseCode;
      Version: typeof Version;
    }
> = Object.freeze({ ...CloseCode, ...Version, CloseCode, Version });

/** The version that `text` names in plain decimal digits; `VersionUnknown` for any other text. */
export function versionFromString(text: string): Version {
  const version = Object.values(Version).find((known) => String(known) === text);
  return version ?? Version.VersionUnknown;
}
