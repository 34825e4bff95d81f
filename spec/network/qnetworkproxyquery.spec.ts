import { expect } from 'chai';
import { QNetworkProxyQuery, QueryType } from '../../lib/network/qnetworkproxyquery.ts';
import { QUrl } from '../../lib/network/qurl.ts';

describe('QueryType', () => {
  it("has Qt's numbers", () => {
    expect(QueryType).to.deep.equal({
      TcpSocket: 0,
      UdpSocket: 1,
      SctpSocket: 2,
      TcpServer: 100,
      UrlRequest: 101,
      SctpServer: 102,
    });
  });

  it('is found on the class, as in Qt', () => {
    expect(QNetworkProxyQuery.QueryType).to.equal(QueryType);
    for (const [name, type] of Object.entries(QueryType)) {
      expect(QNetworkProxyQuery[name as keyof typeof QueryType]).to.equal(type);
    }
  });
});

describe('QNetworkProxyQuery', () => {
  it('asks for nothing in particular at first', () => {
    const query = new QNetworkProxyQuery();

    expect(query.url().isEmpty()).to.equal(true);
    expect(query.queryType()).to.equal(QueryType.TcpSocket);
    expect([query.peerHostName(), query.peerPort(), query.protocolTag()]).to.deep.equal([
      '',
      -1,
      '',
    ]);
  });

  for (const url of [
    'HTTPS://[::1]:8080/x',
    new URL('https://[::1]:8080'),
    new QUrl('https://[::1]:8080'),
  ]) {
    it(`takes the parts of a ${url.constructor.name}`, () => {
      const query = new QNetworkProxyQuery(url);

      expect([query.peerHostName(), query.peerPort(), query.protocolTag()]).to.deep.equal([
        '::1',
        8080,
        'https',
      ]);
      expect(query.queryType()).to.equal(QueryType.UrlRequest);
    });
  }

  it('takes a type', () => {
    const query = new QNetworkProxyQuery('http://a.example', QueryType.TcpSocket);

    expect(query.queryType()).to.equal(QueryType.TcpSocket);
  });

  it('asks for a peer', () => {
    const query = QNetworkProxyQuery.forPeer('a.example', 80, 'http');

    expect(query.url().toString()).to.equal('http://a.example:80');
    expect(query.queryType()).to.equal(QueryType.TcpSocket);
  });

  it('gives back what was set', () => {
    const query = new QNetworkProxyQuery();

    query.setQueryType(QueryType.TcpServer);
    query.setUrl('ws://a.example/');
    query.setPeerHostName('::1');
    query.setPeerPort(81);
    query.setProtocolTag('HTTP');

    expect(query.url().toString()).to.equal('http://[::1]:81/');
    expect(query.queryType()).to.equal(QueryType.TcpServer);
  });

  it('keeps its URL to itself', () => {
    const query = new QNetworkProxyQuery('ws://a.example');

    query.url().setHost('b.example');

    expect(query.peerHostName()).to.equal('a.example');
  });

  const changes: Record<string, (query: QNetworkProxyQuery) => void> = {
    'query type': (query) => query.setQueryType(QueryType.TcpServer),
    host: (query) => query.setPeerHostName('b.example'),
    port: (query) => query.setPeerPort(81),
    protocol: (query) => query.setProtocolTag('https'),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`equals another one only with the same ${what}`, () => {
      const query = QNetworkProxyQuery.forPeer('a.example', 80, 'http');
      const other = query.clone();
      expect(query.equals(other)).to.equal(true);

      change(other);

      expect(query.equals(other)).to.equal(false);
    });
  }
});
