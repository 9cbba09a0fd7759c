/** Values of options: read from text, or refused with what was expected. `options.ts` says which option takes which. */
import { parseSubnet } from '../docker/subnets.ts';

export const wholeNumberFrom =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new Error(`${JSON.stringify(text)} is no whole number from ${least} to ${most}`);
    return value;
  };

/** Whatever the case of its letters. */
export const oneOf =
  <Choice extends string>(...choices: readonly Choice[]) =>
  (text: string): Choice => {
    const choice = choices.find(one => one.toLowerCase() === text.toLowerCase());
    if (choice === undefined) throw new Error(`${JSON.stringify(text)} is none of ${choices.join(', ')}`);
    return choice;
  };

export const onOrOff = (text: string): boolean => oneOf('true', 'false')(text) === 'true';

/** `host:port`, `:port` for every address of the machine, `unix:PATH`. */
export const listenAddress = (text: string): string => {
  if (/^unix:.+/.test(text)) return text;
  const [, host, port] = /^(.*):(\d+)$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new Error(`${JSON.stringify(text)} is no address: write host:port, :port or unix:PATH`);
  return `${host === '' ? '0.0.0.0' : host}:${port}`;
};

export const folder = (text: string): string => {
  if (text === '') throw new Error('a folder is needed');
  return text;
};

export const anyText = (text: string): string => text;

/** Separated by commas. */
export const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '');

/** `user@host[:port]` each, IPv6 addresses in brackets; none twice. */
export const sshHosts = (text: string): readonly string[] => {
  const hosts = list(text);
  for (const host of hosts) {
    const [, port = '22'] = /^[^@\s]+@(?:[^@\s:[\]]+|\[[\da-f:.]+\])(?::(\d+))?$/i.exec(host) ?? [null, 'none'];
    if (!(Number(port) >= 1 && Number(port) <= 65_535))
      throw new Error(`${JSON.stringify(host)} is no host to log in to: write user@host or user@host:port`);
  }
  const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
  if (twice !== undefined) throw new Error(`${twice} stands there twice: a host is one node`);
  return hosts;
};

/** Empty: where Docker listens by itself. */
export const dockerHost = (text: string): string => {
  if (text !== '' && !/^(unix:\/\/\/.+|tcp:\/\/[^\s:]+:\d+)$/.test(text))
    throw new Error(
      `${JSON.stringify(text)} is no address of an engine: write unix:///PATH or tcp://host:port, as the node sees it`,
    );
  return text;
};

/** In CIDR; small enough to be private, large enough for some tasks. */
export const networkRange = (text: string): string => {
  const subnet = parseSubnet(text);
  if (subnet === null || subnet.prefix < 8 || subnet.prefix > 24)
    throw new Error(`${JSON.stringify(text)} is no IPv4 range: write one of /8 to /24, like 10.83.0.0/16`);
  return text;
};
