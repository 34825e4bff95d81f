import { expect } from 'chai';
import {
  CloseCode,
  QWebSocketProtocol,
  Version,
  versionFromString,
} from '../../lib/websockets/qwebsocketprotocol.ts';

describe('CloseCode', () => {
  it("has Qt's and IANA's numbers", () => {
    expect(CloseCode).to.deep.equal({
      CloseCodeNormal: 1000,
      CloseCodeGoingAway: 1001,
      CloseCodeProtocolError: 1002,
      CloseCodeDatatypeNotSupported: 1003,
      CloseCodeReserved1004: 1004,
      CloseCodeMissingStatusCode: 1005,
      CloseCodeAbnormalDisconnection: 1006,
      CloseCodeWrongDatatype: 1007,
      CloseCodePolicyViolated: 1008,
      CloseCodeTooMuchData: 1009,
      CloseCodeMissingExtension: 1010,
      CloseCodeBadOperation: 1011,
      CloseCodeServiceRestart: 1012,
      CloseCodeTryAgainLater: 1013,
      CloseCodeBadGateway: 1014,
      CloseCodeTlsHandshakeFailed: 1015,
    });
  });
});

describe('Version', () => {
  it("has Qt's numbers", () => {
    expect(Version).to.deep.equal({
      VersionUnknown: -1,
      Version0: 0,
      Version4: 4,
      Version5: 5,
      Version6: 6,
      Version7: 7,
      Version8: 8,
      Version13: 13,
      VersionLatest: 13,
    });
  });
});

describe('QWebSocketProtocol', () => {
  for (const [name, enumerators] of Object.entries({ CloseCode, Version })) {
    it(`holds ${name} nested and flat`, () => {
      expect(QWebSocketProtocol).to.have.property(name, enumerators);
      expect(QWebSocketProtocol).to.include(enumerators);
    });
  }

  it('is typed by number', () => {
    const code: CloseCode = QWebSocketProtocol.CloseCodeGoingAway;
    // @ts-expect-error A version is no close code.
    const none: CloseCode = QWebSocketProtocol.VersionLatest;

    expect([code, none]).to.deep.equal([1001, 13]);
  });
});

describe('versionFromString()', () => {
  for (const text of ['0', '4', '5', '6', '7', '8', '13']) {
    it(`knows ${text}`, () => {
      expect(versionFromString(text)).to.equal(Number(text));
    });
  }

  for (const text of [
    '-1',
    '1',
    '2',
    '3',
    '9',
    '10',
    '11',
    '12',
    'abcd',
    '1.6',
    '',
    '013',
    '+13',
    ' 13',
    '13.0',
    '0x0d',
  ]) {
    it(`does not know ${JSON.stringify(text)}`, () => {
      expect(versionFromString(text)).to.equal(Version.VersionUnknown);
    });
  }
});
