/** One end of a connection. */
export interface Endpoint {
  /** Numeric; empty where there is none, as on a Unix-domain socket. */
  readonly address: string;
  /** 0 where there is none, or nobody has said it. */
  readonly port: number;
}
