import { compression } from './cases/compression.ts';
import { limits } from './cases/limits.ts';
import { quick } from './cases/quick.ts';
import { itConforms, roles } from './support/it-conforms.ts';

const everywhere = { ...quick, ...limits() };

// Much work, which is the same whatever carries it.
const once = compression();

describe('RFC 6455 and RFC 7692, case by case', () => {
  for (const role of roles) {
    describe(`our ${role} over ws`, () => itConforms(role, 'ws', { ...everywhere, ...once }));
    describe(`our ${role} over wss`, () => itConforms(role, 'wss', everywhere));
  }
});
