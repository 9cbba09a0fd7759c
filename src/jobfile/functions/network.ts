/** Names and addresses. */
import { lookup } from 'node:dns/promises';
import { CallError, fn, type TemplateFunction, text } from '../template/function.ts';

export const network: Readonly<Record<string, TemplateFunction>> = {
  getHostByName: fn([text('name')], async name => {
    try {
      return (await lookup(name)).address;
    } catch (cause) {
      throw new CallError(`finds no address for ${JSON.stringify(name)}`, { argument: 0, cause });
    }
  }),
};
