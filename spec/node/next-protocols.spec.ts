import { expect } from 'chai';
import { withHttp2, withoutHttp2 } from '../../lib/node/next-protocols.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';

function allowing(...protocols: string[]): QSslConfiguration {
  const configuration = QSslConfiguration.defaultConfiguration();
  configuration.setAllowedNextProtocols(protocols);
  return configuration;
}

describe('withHttp2()', () => {
  it('offers HTTP/2 before HTTP/1.1, and leaves the configuration as it was', () => {
    const configuration = allowing('http/1.1');

    expect(withHttp2(configuration).allowedNextProtocols()).to.deep.equal(['h2', 'http/1.1']);
    expect(configuration.allowedNextProtocols()).to.deep.equal(['http/1.1']);
  });

  it('keeps the order of one that offers it already', () => {
    const configuration = allowing('http/1.1', 'h2');

    expect(withHttp2(configuration)).to.equal(configuration);
  });
});

describe('withoutHttp2()', () => {
  it('offers all but HTTP/2, and leaves the configuration as it was', () => {
    const configuration = allowing('h2', 'http/1.1', 'other');

    expect(withoutHttp2(configuration).allowedNextProtocols()).to.deep.equal(['http/1.1', 'other']);
    expect(configuration.allowedNextProtocols()).to.deep.equal(['h2', 'http/1.1', 'other']);
  });

  it('has nothing to do for one without it', () => {
    const configuration = allowing('other');

    expect(withoutHttp2(configuration)).to.equal(configuration);
  });
});
