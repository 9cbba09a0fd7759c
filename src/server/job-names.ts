import { adjectives, animals, uniqueNamesGenerator } from 'unique-names-generator';
import type { JobId } from '../domain/names.ts';

/** A full name for a job, `<name>-<adjective>-<noun>`, that `isTaken` lets pass. There are half a million for each name. */
export const freshJobId = (name: string, isTaken: (candidate: JobId) => boolean): JobId => {
  for (;;) {
    const suffix = uniqueNamesGenerator({ dictionaries: [adjectives, animals], separator: '-', style: 'lowerCase' });
    const candidate = `${name}-${suffix}` as JobId;
    if (!isTaken(candidate)) return candidate;
  }
};
