import { compression } from './cases/compression.ts';
import { limits } from './cases/limits.ts';
import { quick } from './cases/quick.ts';
import { itConforms } from './support/it-conforms.ts';
import {
  ClientSubject,
  Http2ClientSubject,
  Http2ServerSubject,
  ServerSubject,
} from './support/subjects.ts';

const everywhere = { ...quick, ...limits() };

// Much work, which is the same whatever carries it.
const all = { ...everywhere, ...compression() };

describe('RFC 6455 and RFC 7692, case by case', () => {
  describe('our server over ws', () => itConforms(all, () => ServerSubject.listen('ws')));
  describe('our client over ws', () => itConforms(all, () => ClientSubject.start('ws')));
  describe('our server over wss', () => itConforms(everywhere, () => ServerSubject.listen('wss')));
  describe('our client over wss', () => itConforms(everywhere, () => ClientSubject.start('wss')));
  describe('our server over HTTP/2', () =>
    itConforms(everywhere, () => Http2ServerSubject.listen()));
  describe('our client over HTTP/2', () =>
    itConforms(everywhere, () => Http2ClientSubject.start()));
  describe('our server on node:http', () => itConforms(everywhere, () => ServerSubject.attach()));
});
