import { expect } from 'chai';
import { GateKeeper } from '../../lib/node/gate-keeper.ts';
import { TlsGate } from '../../lib/node/tls-gate.ts';
import { QSsl } from '../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslKey } from '../../lib/ssl/qsslkey.ts';
import { identified } from '../support/secure-client.ts';
import { pem } from '../support/secure-peer.ts';
import { RecordingServerEvents } from '../support/server-events.ts';

/** A certificate, and a key that is not its own. */
function mismatched(): QSslConfiguration {
  const configuration = identified();
  configuration.setPrivateKey(new QSslKey(pem('client.key'), QSsl.Rsa));
  return configuration;
}

describe('GateKeeper', () => {
  const before = QSslConfiguration.defaultConfiguration();
  let keeper: GateKeeper;

  beforeEach(() => {
    keeper = new GateKeeper(new RecordingServerEvents(), true);
  });

  afterEach(() => {
    QSslConfiguration.setDefaultConfiguration(before);
  });

  for (const isSecure of [true, false]) {
    const what = isSecure ? 'that of when it began' : 'that of now';
    it(`has a default configuration, ${what}, ${isSecure ? '' : 'not '}being secure`, () => {
      const own = new GateKeeper(new RecordingServerEvents(), isSecure);
      const later = new QSslConfiguration();
      later.setPeerVerifyDepth(7);

      QSslConfiguration.setDefaultConfiguration(later);

      expect(own.configuration.peerVerifyDepth()).to.equal(isSecure ? 0 : 7);
    });
  }

  it('has one gate for all clients', () => {
    keeper.change(identified(), false);

    const gate = keeper.open();

    expect(gate).to.be.instanceOf(TlsGate);
    expect(keeper.open()).to.equal(gate);
  });

  it('has another gate for another configuration', () => {
    keeper.change(identified(), false);
    const first = keeper.open();
    const configuration = identified('other-host');

    expect(keeper.change(configuration, true)).to.equal('');

    expect(keeper.configuration).to.equal(configuration);
    expect(keeper.open()).to.be.instanceOf(TlsGate).and.to.not.equal(first);
  });

  it('keeps all as it is for a configuration that is needed and no good', () => {
    const configuration = identified();
    keeper.change(configuration, false);
    const gate = keeper.open();

    const fault = keeper.change(mismatched(), true);

    expect(fault).to.match(/^Error creating SSL context \(.*mismatch\) \(TLS: /);
    expect(keeper.configuration).to.equal(configuration);
    expect(keeper.open()).to.equal(gate);
  });

  it('takes any configuration that is not needed yet, and says what is wrong when it is', () => {
    expect(keeper.change(mismatched(), false)).to.equal('');

    expect(keeper.open()).to.match(/^Error creating SSL context /);
    expect(keeper.open()).to.match(/^Error creating SSL context /);
  });
});
