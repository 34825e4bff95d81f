import { quick } from './cases/quick.ts';
import { itConforms, roles } from './support/it-conforms.ts';

// The whole of it, with the limits and over TLS as well: npm run test:conformance.
describe('RFC 6455, case by case', () => {
  for (const role of roles) {
    describe(`our ${role} over ws`, () => itConforms(role, 'ws', quick));
  }
});
