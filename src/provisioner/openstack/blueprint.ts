/** What servers are made of: the names that the options give, turned into the cloud's ids. */
import { z } from 'zod';
import { nearest } from '../../base/nearest.ts';
import { parseAnswer } from './answer.ts';
import { createNova, type NamedThing } from './nova.ts';
import type { OpenstackOptions } from './options.ts';
import type { AskService } from './session.ts';

export type Blueprint = {
  readonly flavorId: string;
  readonly imageId: string;
  readonly networkIds: readonly string[];
  readonly serverGroupId: string | null;
};

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

const namedThings = z.array(z.object({ id: z.string(), name: z.string().nullable() }));

/** Looks everything up; throws an error that names the flag and what there is instead. */
export const findBlueprint = async (ask: AskService, options: OpenstackOptions, signal: AbortSignal): Promise<Blueprint> => {
  const nova = createNova(ask);
  const flavorId = pick('flavor', '--openstack-flavor', options.flavor, await nova.listFlavors(signal));
  const imageId = await findImage(ask, options.image, signal);
  const networks = options.networks.length === 0 ? [] : await listNetworks(ask, signal);
  const networkIds = options.networks.map(network => pick('network', '--openstack-networks', network, networks));
  const serverGroupId =
    options.serverGroup === ''
      ? null
      : pick('server group', '--openstack-server-group', options.serverGroup, await nova.listServerGroups(signal));
  return { flavorId, imageId, networkIds, serverGroupId };
};

/** Clouds may have thousands of images: asks for the one, and for others only to say what there is. */
const findImage = async (ask: AskService, image: string, signal: AbortSignal): Promise<string> => {
  const list = async (query: string): Promise<readonly NamedThing[]> => {
    const answer = await ask({ method: 'GET', service: 'image', path: `/images?${query}` }, signal);
    return named(parseAnswer(z.object({ images: namedThings }), answer, 'a list of images').images);
  };
  const called = await list(`name=${encodeURIComponent(image)}`);
  const found = called.length === 0 && UUID.test(image) ? await list(`id=${image}`) : called;
  return pick('image', '--openstack-image', image, found.length > 0 ? found : await list('limit=200&sort=name:asc'));
};

const listNetworks = async (ask: AskService, signal: AbortSignal): Promise<readonly NamedThing[]> => {
  const answer = await ask({ method: 'GET', service: 'network', path: '/networks?fields=id&fields=name' }, signal);
  return named(parseAnswer(z.object({ networks: namedThings }), answer, 'a list of networks').networks);
};

const named = (things: z.infer<typeof namedThings>): readonly NamedThing[] =>
  things.map(({ id, name }) => ({ id, name: name ?? '' }));

/** How many names a message shows. */
const SHOWN = 12;

/** The id of what is meant: an id, or a name that only one has. */
const pick = (what: string, flag: string, wanted: string, all: readonly NamedThing[]): string => {
  if (all.some(({ id }) => id === wanted)) return wanted;
  const matches = all.filter(({ name }) => name === wanted);
  const [match, ...others] = matches;
  if (match !== undefined && others.length === 0) return match.id;
  if (match !== undefined) {
    const ids = matches.map(({ id }) => id).join(', ');
    throw new Error(`${flag}: ${matches.length} ${what}s are called ${JSON.stringify(wanted)}: give the id of one: ${ids}`);
  }
  const names = [...new Set(all.map(({ name }) => name))].filter(name => name !== '').toSorted((a, b) => a.localeCompare(b));
  const guess = nearest(wanted, names);
  const shown = names.length > SHOWN ? `${names.slice(0, SHOWN).join(', ')}, …` : names.join(', ') || 'none';
  const question = guess === null ? '' : ` (did you mean ${guess}?)`;
  throw new Error(`${flag}: there is no ${what} ${JSON.stringify(wanted)}${question}; there are: ${shown}`);
};
