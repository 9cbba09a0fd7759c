/** Finds a cloud in `clouds.yaml`, with what `secure.yaml` adds to it, where every OpenStack tool looks for them. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hasCode } from '../../base/error-code.ts';
import { nearest } from '../../base/nearest.ts';
import type { Env } from './cloud-config.ts';

/** A cloud's settings as they stand in the file: `auth` and texts. */
export type CloudEntry = { readonly file: string; readonly settings: YamlMap };

export type YamlMap = { readonly [key: string]: unknown };

/** The cloud of this name; throws an error that says where was looked and which clouds there are. */
export const findCloud = (name: string, env: Env): CloudEntry => {
  const file = readFirst(placesOf('clouds.yaml', env.OS_CLIENT_CONFIG_FILE, env));
  if (file === null) {
    const places = placesOf('clouds.yaml', env.OS_CLIENT_CONFIG_FILE, env);
    throw new Error(`OS_CLOUD is ${JSON.stringify(name)} and there is no clouds.yaml; looked for ${places.join(', ')}`);
  }
  const clouds = mapIn(file.content, 'clouds');
  const cloud = clouds[name];
  if (!isMap(cloud)) {
    const guess = nearest(name, Object.keys(clouds));
    const known = Object.keys(clouds).join(', ') || 'none';
    throw new Error(
      `OS_CLOUD: there is no cloud ${JSON.stringify(name)} in ${file.path}${guess === null ? '' : `, did you mean ${guess}?`} It has: ${known}`,
    );
  }
  const secure = readFirst(placesOf('secure.yaml', env.OS_CLIENT_SECURE_FILE, env));
  const secrets = secure === null ? undefined : mapIn(secure.content, 'clouds')[name];
  return { file: file.path, settings: isMap(secrets) ? merged(cloud, secrets) : cloud };
};

/** In the order in which they are tried; the first one that exists is read, as other tools do. */
const placesOf = (fileName: string, named: string | undefined, env: Env): readonly string[] => {
  const home = env.HOME ?? homedir();
  const folders = ['.', join(env.XDG_CONFIG_HOME || join(home, '.config'), 'openstack'), '/etc/openstack'];
  return [...(named ? [named] : []), ...folders.map(folder => join(folder, fileName))];
};

const readFirst = (paths: readonly string[]): { readonly path: string; readonly content: YamlMap } | null => {
  for (const path of paths) {
    const text = readOrNull(path);
    if (text !== null) return { path, content: parseMap(path, text) };
  }
  return null;
};

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
};

const parseMap = (path: string, text: string): YamlMap => {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new Error(`${path} is no YAML: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}`, { cause });
  }
  if (!isMap(content)) throw new Error(`${path} should hold a map with the key "clouds"`);
  return content;
};

/** The map below a key, an empty one where there is none. */
export const mapIn = (map: YamlMap, key: string): YamlMap => {
  const value = map[key];
  return isMap(value) ? value : {};
};

/** `over` on top of `base`, maps within maps too. */
const merged = (base: YamlMap, over: YamlMap): YamlMap => {
  const both = Object.entries(over).map(([key, value]) => {
    const below = base[key];
    return [key, isMap(value) && isMap(below) ? merged(below, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(both) };
};

const isMap = (value: unknown): value is YamlMap => typeof value === 'object' && value !== null && !Array.isArray(value);
