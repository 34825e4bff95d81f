import { QUrl } from './qurl.ts';

/**
 * What a proxy is looked for, as QNetworkProxyQuery::QueryType.
 *
 * @enum
 */
export const QueryType = {
  /** A connection to a peer. */
  TcpSocket: 0,
  UdpSocket: 1,
  SctpSocket: 2,
  TcpServer: 100,
  /** A request for a URL. */
  UrlRequest: 101,
  SctpServer: 102,
} as const;
export type QueryType = (typeof QueryType)[keyof typeof QueryType];

/**
 * What a connection that may go through a proxy is for, as QNetworkProxyQuery: its host, port and
 * protocol, which are parts of one URL.
 *
 * A WebSocket asks with `TcpSocket` and the protocol tag `http` or, with TLS, `https`, as in Qt.
 *
 * @see https://doc.qt.io/qt-6/qnetworkproxyquery.html
 */
export class QNetworkProxyQuery {
  static readonly QueryType: typeof QueryType = QueryType;
  static readonly TcpSocket: 0 = QueryType.TcpSocket;
  static readonly UdpSocket: 1 = QueryType.UdpSocket;
  static readonly SctpSocket: 2 = QueryType.SctpSocket;
  static readonly TcpServer: 100 = QueryType.TcpServer;
  static readonly UrlRequest: 101 = QueryType.UrlRequest;
  static readonly SctpServer: 102 = QueryType.SctpServer;

  #url = new QUrl();
  #queryType: QueryType;

  /** Asks for `url`; without it, for nothing in particular and with the type TcpSocket. */
  constructor(url?: string | URL | QUrl, queryType?: QueryType) {
    if (url !== undefined) this.setUrl(url);
    this.#queryType = queryType ?? (url === undefined ? QueryType.TcpSocket : QueryType.UrlRequest);
  }

  /** Asks for a connection to `host`, with the type TcpSocket. */
  static forPeer(host: string, port: number, protocolTag = ''): QNetworkProxyQuery {
    const query = new QNetworkProxyQuery();
    query.setPeerHostName(host);
    query.setPeerPort(port);
    query.setProtocolTag(protocolTag);
    return query;
  }

  /** Protocol, host and port as a URL. The URL is the caller's own. */
  url(): QUrl {
    return this.#url.clone();
  }

  /** Replaces protocol, host and port. */
  setUrl(url: string | URL | QUrl): void {
    this.#url = QUrl.from(url);
  }

  /** What the proxy is for. */
  queryType(): QueryType {
    return this.#queryType;
  }

  /** Sets what the proxy is for. */
  setQueryType(type: QueryType): void {
    this.#queryType = type;
  }

  /** The peer's name or address, without brackets; '' when it is not known. */
  peerHostName(): string {
    return this.#url.host();
  }

  /** Sets the host that is to be reached. */
  setPeerHostName(hostName: string): void {
    this.#url.setHost(hostName);
  }

  /** The peer's port; -1 when it is not said. */
  peerPort(): number {
    return this.#url.port();
  }

  /** Sets the port that is to be reached. */
  setPeerPort(port: number): void {
    this.#url.setPort(port);
  }

  /** The protocol in lower case, such as `https`; '' when it is not known. */
  protocolTag(): string {
    return this.#url.scheme();
  }

  /** Sets the name of the protocol, such as `ws`. */
  setProtocolTag(protocolTag: string): void {
    this.#url.setScheme(protocolTag);
  }

  /** Whether both ask the same. */
  equals(other: QNetworkProxyQuery): boolean {
    return this.#queryType === other.#queryType && this.#url.equals(other.#url);
  }

  /** An independent copy. */
  clone(): QNetworkProxyQuery {
    return new QNetworkProxyQuery(this.#url, this.#queryType);
  }
}
