/** The header in which trusted proxies say whom a request comes from. @enum */
export const ForwardedHeader = {
  /** None: they say nothing, or by the PROXY protocol alone. */
  None: 0,
  /** `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host`. */
  XForwardedFor: 1,
  /** `Forwarded` (RFC 7239). */
  Forwarded: 2,
} as const;
export type ForwardedHeader = (typeof ForwardedHeader)[keyof typeof ForwardedHeader];
