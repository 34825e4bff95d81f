import { itServesQtsClient } from './support/client-contract.ts';
import { OurHost } from './support/our-host.ts';

describe("Qt's JavaScript client over our socket, and our QWebChannel", () => {
  let host: OurHost;

  beforeEach(() => {
    host = new OurHost();
  });

  afterEach(() => {
    host.stop();
  });

  itServesQtsClient(() => host.url);
});
