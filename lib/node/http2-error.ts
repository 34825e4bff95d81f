/** Why a stream or a connection of HTTP/2 ends before its time: those of RFC 9113 §7 that are used here. */
export const Http2Error = {
  NoError: 0,
  RefusedStream: 7,
  Cancel: 8,
  EnhanceYourCalm: 11,
  Http11Required: 13,
} as const;
