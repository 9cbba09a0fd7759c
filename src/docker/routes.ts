import { readFile } from 'node:fs/promises';
import { parseSubnet, type Subnet } from './subnets.ts';

/**
 * What this host already routes somewhere: a network made over it would cut the host off from what is there. The engine checks
 * its own networks only when it is told a subnet, so this has to be looked up here. Nothing where the kernel has no such list
 * (macOS, where the engine lives in a virtual machine anyway).
 */
export const readHostRoutes = async (): Promise<readonly Subnet[]> => {
  try {
    return parseRoutes(await readFile('/proc/net/route', 'utf8'));
  } catch {
    return [];
  }
};

/** Reads Linux's `/proc/net/route`: a line per route, destination and mask as little-endian hexadecimal numbers. */
export const parseRoutes = (table: string): readonly Subnet[] =>
  table
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [, destination = '', , , , , , mask = ''] = line.split('\t');
      const route = parseSubnet(`${octetsOf(destination).join('.')}/${onesIn(mask)}`);
      return route === null ? [] : [route];
    });

const octetsOf = (hex: string): readonly number[] => (hex.match(/../g) ?? []).map(byte => Number.parseInt(byte, 16)).reverse();

const onesIn = (hex: string): number => Number.parseInt(hex, 16).toString(2).replaceAll('0', '').length;
