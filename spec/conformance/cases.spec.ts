import { quick } from './cases/quick.ts';
import { itConforms } from './support/it-conforms.ts';
import { ClientSubject, ServerSubject } from './support/subjects.ts';

// The whole of it, with the limits and over TLS as well: npm run test:conformance.
describe('RFC 6455 and RFC 7692, case by case', () => {
  describe('our server over ws', () => itConforms(quick, () => ServerSubject.listen('ws')));
  describe('our client over ws', () => itConforms(quick, () => ClientSubject.start('ws')));
});
