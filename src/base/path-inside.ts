import { join } from 'node:path';

/**
 * The path of the entry `name` of a folder. Every path that is made from a name goes through here: throws where the name is
 * not one plain segment and could lead elsewhere.
 */
export const pathInside = (folder: string, name: string): string => {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) {
    throw new Error(`${JSON.stringify(name)} is no name for something in ${folder}: it would lead out of it`);
  }
  return join(folder, name);
};
