/** Secrets as files: the content of `<folder>/<name>`, byte for byte. Put there by whoever runs the server; never written here. */
import { readFile } from 'node:fs/promises';
import { hasCode } from '../base/error-code.ts';
import { pathInside } from '../base/path-inside.ts';
import { SECRET_NAME } from '../domain/names.ts';
import type { SecretStore } from '../engine/ports.ts';

export const createSecretStore = ({ folder }: { readonly folder: string }): SecretStore => ({
  read: async name => {
    if (!SECRET_NAME.test(name)) {
      throw new Error(
        `${JSON.stringify(name)} is no name for a secret: letters, digits, "_", "-" and "." are, without a leading "." or "-"`,
      );
    }
    try {
      return await readFile(pathInside(folder, name));
    } catch (cause) {
      if (hasCode(cause, 'ENOENT'))
        throw new Error(`there is no secret ${name}: the server looks for it in ${folder}`, { cause });
      throw new Error(`the secret ${name} in ${folder} can't be read: ${(cause as Error).message}`, { cause });
    }
  },
});
