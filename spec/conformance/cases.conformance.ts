import { limits } from './cases/limits.ts';
import { quick } from './cases/quick.ts';
import { itConforms, roles } from './support/it-conforms.ts';

const whole = { ...quick, ...limits() };

describe('RFC 6455, case by case', () => {
  for (const scheme of ['ws', 'wss'] as const) {
    for (const role of roles) {
      describe(`our ${role} over ${scheme}`, () => itConforms(role, scheme, whole));
    }
  }
});
