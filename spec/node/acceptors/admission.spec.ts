import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { spy } from 'sinon';
import { HandshakeRequest } from '../../../lib/codec/handshake-request.ts';
import type { Refusal } from '../../../lib/codec/refusal.ts';
import { QObject } from '../../../lib/core/qobject.ts';
import {
  decide,
  type Applicant,
  type Grant,
  type Office,
} from '../../../lib/node/acceptors/admission.ts';
import type { Denial } from '../../../lib/node/acceptors/denials.ts';
import type { PathMatch } from '../../../lib/node/path-table.ts';
import { DEFAULT_COMPRESSION } from '../../../lib/websockets/compression-options.ts';
import { Method } from '../../../lib/websockets/qhttpserverrequest.ts';
import type {
  ServerBackendEvents,
  ServerSettings,
} from '../../../lib/websockets/server-backend.ts';
import type { Endpoint } from '../../../lib/websockets/socket-backend.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import type { UpgradeInquiry } from '../../../lib/websockets/upgrade-inquiry.ts';
import { UpgradeVerifiers } from '../../../lib/websockets/upgrade-verifiers.ts';
import { SAMPLE_KEY } from '../../support/raw-client.ts';
import { RecordingServerEvents } from '../../support/server-events.ts';
import { SERVER_SETTINGS } from '../../support/server-settings.ts';

/** Keeps what it is told. */
class RecordingApplicant implements Applicant {
  isGone = false;
  readonly method = Method.Get;
  readonly sslConfiguration = undefined;
  readonly waited: number[] = [];
  readonly inquiries: UpgradeInquiry[] = [];
  readonly moved: Office[] = [];
  canMove = true;
  readonly grants: Grant[] = [];
  readonly denials: Denial[] = [];

  peer(): Endpoint {
    return { address: '192.0.2.7', port: 4711 };
  }

  local(): Endpoint {
    return { address: '192.0.2.1', port: 443 };
  }

  moveTo(office: Office): boolean {
    this.moved.push(office);
    return this.canMove;
  }

  waits(inquiry: UpgradeInquiry, size: number): void {
    this.inquiries.push(inquiry);
    this.waited.push(size);
  }

  granted(_request: HandshakeRequest, grant: Grant): void {
    this.grants.push(grant);
  }

  denied(denial: Denial): void {
    this.denials.push(denial);
  }
}

/** A good request with `headers` beside those that it needs. */
function requestWith(headers: Record<string, string> = {}, target = '/'): HandshakeRequest {
  const fields = Object.entries({
    Host: 'h.example',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': SAMPLE_KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  }).flat();
  return HandshakeRequest.fromParts('GET', target, 'HTTP/1.1', fields, false) as HandshakeRequest;
}

describe('decide()', () => {
  let applicant: RecordingApplicant;

  beforeEach(() => {
    applicant = new RecordingApplicant();
  });

  function judge(
    request: HandshakeRequest | Refusal,
    settings: Partial<ServerSettings> = {},
    events: Partial<ServerBackendEvents> = {},
  ): void {
    decide(request, applicant, officeWith(settings, events));
  }

  /** Lets everybody in, but for what is said. */
  function officeWith(
    settings: Partial<ServerSettings> = {},
    events: Partial<ServerBackendEvents> = {},
    match?: PathMatch<Office>,
  ): Office {
    return {
      events: Object.assign(new RecordingServerEvents(), events),
      settings: { ...SERVER_SETTINGS, handshakeTimeout: -1, ...settings },
      findPath: () => match,
    };
  }

  /** The fields of the one answer, but for its date. */
  function grantedFields(): readonly string[] {
    expect(applicant.denials).to.deep.equal([]);
    expect(applicant.grants).to.have.lengthOf(1);
    const { fields } = applicant.grants[0]!;
    expect(fields.at(-2)).to.equal('Date');
    return fields.slice(0, -2);
  }

  /** Status and report of the one refusal. */
  function denied(): [status: number, code: number | undefined, words: string | undefined] {
    expect(applicant.grants).to.deep.equal([]);
    expect(applicant.denials).to.have.lengthOf(1);
    const { refusal, report } = applicant.denials[0]!;
    return [refusal.status, report?.code, report?.words];
  }

  it('grants a good request, with nothing of one version of HTTP', () => {
    judge(requestWith(), { serverName: 'Echo/1' });

    expect(grantedFields()).to.deep.equal(['Server', 'Echo/1']);
  });

  it('grants the first subprotocol that both know', () => {
    judge(requestWith({ 'Sec-WebSocket-Protocol': 'x, b, a' }), {
      supportedSubprotocols: ['a', 'b'],
    });

    expect(grantedFields()).to.deep.equal(['Sec-WebSocket-Protocol', 'b']);
    expect(applicant.grants[0]!.subprotocol).to.equal('b');
  });

  it('grants compression where both want it', () => {
    judge(requestWith({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }), {
      compression: DEFAULT_COMPRESSION,
    });

    const fields = grantedFields();
    expect(fields).to.deep.equal([
      'Sec-WebSocket-Extensions',
      applicant.grants[0]!.compression?.extensions,
    ]);
  });

  it('denies everybody while there is no room, whatever they ask for', () => {
    const isOriginAllowed = spy(() => true);

    judge(requestWith(), {}, { hasRoom: () => false, isOriginAllowed });

    expect(denied()).to.deep.equal([
      503,
      1006,
      'Too many pending connections. (HTTP: status 503 to 192.0.2.7:4711.)',
    ]);
    expect(isOriginAllowed.callCount).to.equal(0);
  });

  it('denies what is no good request with its own refusal, and reports nothing', () => {
    const refusal: Refusal = { status: 405, reason: 'x', detail: 'y', headers: [] };

    judge(refusal);

    expect(denied()).to.deep.equal([405, undefined, undefined]);
    expect(applicant.denials[0]!.refusal).to.equal(refusal);
  });

  it('denies an origin that is not allowed, before it looks at the version', () => {
    const request = requestWith({ Origin: 'https://a.example', 'Sec-WebSocket-Version': '8' });

    judge(request, {}, { isOriginAllowed: () => false });

    expect(denied()).to.deep.equal([
      403,
      1008,
      'Access forbidden. (HTTP: status 403 to 192.0.2.7:4711, origin https://a.example.)',
    ]);
  });

  it('denies another version', () => {
    judge(requestWith({ 'Sec-WebSocket-Version': '8' }));

    expect(denied()).to.deep.equal([
      426,
      1002,
      'Unsupported version requested. (HTTP: status 426 to 192.0.2.7:4711, which asked for 8.)',
    ]);
  });

  it('denies all while the name of the server cannot be sent', () => {
    judge(requestWith(), { serverName: 'a\nb' });

    expect(denied()[0]).to.equal(500);
  });

  for (const isAllowed of [true, false]) {
    it(`tells nothing to who has gone while the origin was ${isAllowed ? 'allowed' : 'denied'}`, () => {
      judge(
        requestWith(),
        {},
        {
          isOriginAllowed: () => {
            applicant.isGone = true;
            return isAllowed;
          },
        },
      );

      expect([applicant.grants, applicant.denials]).to.deep.equal([[], []]);
    });
  }

  describe('about a path that was given away', () => {
    const request = requestWith({}, '/rooms/a?b');
    const parameters = new Map([['room', 'a']]);
    let other: Office;

    beforeEach(() => {
      other = officeWith({ serverName: 'Other' });
    });

    it('has the other server decide, once the applicant is there', () => {
      decide(request, applicant, officeWith({}, {}, { target: other, parameters }));

      expect(applicant.moved).to.deep.equal([other]);
      expect(grantedFields()).to.deep.equal(['Server', 'Other']);
      expect(applicant.grants[0]!.decided?.parameter('room')).to.equal('a');
    });

    it('asks for the path alone', () => {
      const office = { ...officeWith(), findPath: spy(() => undefined) };

      decide(request, applicant, office);

      expect(office.findPath.args).to.deep.equal([['/rooms/a']]);
      expect(applicant.moved).to.deep.equal([]);
    });

    it('does nothing more when there is no room for the applicant', () => {
      applicant.canMove = false;

      decide(request, applicant, officeWith({}, {}, { target: other, parameters }));

      expect([applicant.grants, applicant.denials]).to.deep.equal([[], []]);
    });

    it('denies parameters that cannot be read, where the applicant is', () => {
      const match = { target: other, parameters: undefined };

      decide(request, applicant, officeWith({}, {}, match));

      expect(denied()).to.deep.equal([400, undefined, undefined]);
      expect(applicant.moved).to.deep.equal([]);
    });
  });

  describe('with verifiers', () => {
    const { accept } = QHttpServerWebSocketUpgradeResponse;
    let verifiers: UpgradeVerifiers;

    beforeEach(() => {
      verifiers = new UpgradeVerifiers();
    });

    it('waits for none that answers at once', () => {
      verifiers.add(new QObject(), () => accept());

      judge(requestWith(), { verifiers });

      expect(applicant.waited).to.deep.equal([]);
      expect(grantedFields()).to.deep.equal([]);
    });

    it('grants nothing when its inquiry is cancelled', async () => {
      verifiers.add(new QObject(), async () => accept());
      judge(requestWith(), { verifiers });

      applicant.inquiries[0]!.cancel('left');

      await setImmediate();
      expect([applicant.grants, applicant.denials]).to.deep.equal([[], []]);
    });

    it('says how much it holds while it waits, whatever the verifier has looked at', async () => {
      const answer = Promise.resolve(accept());
      verifiers.add(new QObject(), (request) => {
        request.url();
        return answer;
      });
      const request = requestWith({ A: 'a'.repeat(5000) });

      judge(request, { verifiers });

      expect(applicant.waited).to.have.lengthOf(1);
      expect(applicant.waited[0]).to.be.within(5000, 5300);
      expect(applicant.grants).to.deep.equal([]);
    });

    it('tells nothing to who has gone while the verifier was asked, and waits no longer', () => {
      let given: AbortSignal | undefined;
      verifiers.add(new QObject(), (_request, signal) => {
        given = signal;
        applicant.isGone = true;
        return Promise.resolve(accept());
      });

      judge(requestWith(), { verifiers });

      expect(given!.aborted).to.equal(true);
      expect([applicant.waited, applicant.grants, applicant.denials]).to.deep.equal([[], [], []]);
    });
  });
});
