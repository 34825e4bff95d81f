import { expect } from 'chai';
import { ConnectionType } from '../../lib/core/connection-type.ts';

describe('ConnectionType', () => {
  it("has Qt's values", () => {
    expect(ConnectionType).to.deep.equal({
      AutoConnection: 0,
      DirectConnection: 1,
      QueuedConnection: 2,
      UniqueConnection: 0x80,
      SingleShotConnection: 0x100,
    });
  });
});
