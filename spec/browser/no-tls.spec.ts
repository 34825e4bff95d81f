import { expect } from 'chai';
import { NO_TLS } from '../../lib/browser/no-tls.ts';
import { QWebSocket } from '../../lib/browser/qwebsocket.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';

describe('NO_TLS', () => {
  it('is null, and so are its copies', () => {
    expect(NO_TLS.isNull()).to.equal(true);
    expect(NO_TLS.clone().isNull()).to.equal(true);
  });

  it('has every member of a QSslConfiguration, and none of them throws', () => {
    const names = Object.getOwnPropertyNames(QSslConfiguration.prototype);
    const members = NO_TLS as unknown as Record<string, (...args: unknown[]) => unknown>;
    expect(names.length).to.be.greaterThan(20);

    for (const name of names.filter((each) => each !== 'constructor')) members[name]!({});
  });

  it('goes through what shared code does before open()', () => {
    const socket = new QWebSocket();
    const configuration = socket.sslConfiguration();
    configuration.setPeerVerifyMode(0);
    socket.setSslConfiguration(configuration);

    expect(socket.sslConfiguration().isNull()).to.equal(true);
  });

  it('can be awaited, printed and told apart as any object', async () => {
    expect(await Promise.resolve(NO_TLS)).to.equal(NO_TLS);
    expect(JSON.stringify({ tls: NO_TLS })).to.equal('{"tls":{}}');
    expect(Object.prototype.toString.call(NO_TLS)).to.equal('[object Object]');
  });
});
