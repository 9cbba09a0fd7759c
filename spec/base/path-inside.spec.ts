import { dirname, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pathInside } from '../../src/base/path-inside.ts';

it('a path made from a name is in its folder, whatever the name', () => {
  const part = fc.constantFrom('.', '..', '/', '\\', '\0', 'a', ' ', '~', '%2f', 'é');
  const name = fc.array(part, { maxLength: 5 }).map(parts => parts.join(''));
  fc.assert(
    fc.property(name, text => {
      try {
        expect(dirname(resolve(pathInside('/data/secrets', text)))).toBe('/data/secrets');
      } catch (error) {
        expect(error).toHaveProperty('message', expect.stringContaining('it would lead out of it'));
      }
    }),
  );
  expect(pathInside('/data/secrets', 'npm..token')).toBe('/data/secrets/npm..token');
});
