import type { Cases } from './case.ts';

export const sums: Cases = {
  sha1sum: [
    ['sha1sum "Hello world!"', 'd3486ae9136e7856bc42212385ea797094475802'],
    ['sha1sum ""', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ],
  sha256sum: [
    ['sha256sum "Hello world!"', 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a'],
    ['sha256sum "é"', '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'],
  ],
  adler32sum: [
    ['adler32sum "Hello world!"', '487130206'],
    ['adler32sum ""', '1'],
  ],
};
