/** URLs, taken apart and put together as Go's `net/url` does. */
import { CallError, dict, fn, type TemplateFunction, text } from '../template/function.ts';
import { Dict, typeOf } from '../template/value.ts';

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s;

type Authority = { readonly userinfo: string; readonly host: string; readonly hostname: string };

function urlParse(url: string): Dict {
  if (/\p{Cc}/u.test(url)) throw bad('it has control characters');
  const [beforeFragment = '', ...fragments] = url.split('#');
  const [, scheme = '', afterScheme = beforeFragment] = SCHEME.exec(beforeFragment) ?? [];
  if (scheme === '' && /^[^/?]*:/.test(afterScheme)) throw bad('what stands before the colon is no scheme');
  const [hierarchy = '', ...queries] = afterScheme.split('?');
  const isOpaque = scheme !== '' && !hierarchy.startsWith('/') && hierarchy !== '';
  const [, authority, path = hierarchy] = /^\/\/([^/]*)(.*)$/s.exec(hierarchy) ?? [];
  const { userinfo, host, hostname } = authority === undefined ? NOBODY : parseAuthority(authority);
  return new Dict([
    ['scheme', scheme.toLowerCase()],
    ['userinfo', userinfo],
    ['host', host],
    ['hostname', hostname],
    ['path', isOpaque ? '' : unescaped(path)],
    ['query', queries.join('?')],
    ['opaque', isOpaque ? hierarchy : ''],
    ['fragment', unescaped(fragments.join('#'))],
  ]);
}

const NOBODY: Authority = { userinfo: '', host: '', hostname: '' };

function parseAuthority(authority: string): Authority {
  const at = authority.lastIndexOf('@');
  const [userinfo, host] = [authority.slice(0, Math.max(0, at)), authority.slice(at + 1)];
  const [, name = host, port] = /^(\[.*\]|.*?)(?::([^:\]]*))?$/s.exec(host) ?? [];
  if (host.startsWith('[') && !name.endsWith(']')) throw bad('its host has no closing bracket');
  if (port !== undefined && !/^\d*$/.test(port)) throw bad(`${JSON.stringify(port)} is no port`);
  if (/[\s"<>\\^`{|}%]/.test(host)) throw bad('its host has characters that no host has');
  return { userinfo: checkedUserinfo(userinfo), host, hostname: name.replace(/^\[|\]$/g, '') };
}

/** Names and passwords come escaped; an `@` that was not is. */
function checkedUserinfo(userinfo: string): string {
  if (!/^(?:[\w\-.:~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})*$/.test(userinfo)) throw bad('its user name or password must be escaped');
  return userinfo.replaceAll('@', '%40');
}

const bad = (why: string): CallError => new CallError(`can't read the URL: ${why}`, { argument: 0 });

function unescaped(text: string): string {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text);
  if (wrong !== null) throw bad(`${JSON.stringify(wrong[0])} is no escape`);
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

function urlJoin({ entries }: Dict): string {
  const part = (name: string): string => {
    const value = entries.get(name) ?? '';
    if (typeof value !== 'string') {
      throw new CallError(`wants a text for the key "${name}", not a value of type ${typeOf(value)}`, { argument: 0 });
    }
    return value;
  };
  const [scheme, userinfo, host] = [part('scheme'), part('userinfo'), part('host')];
  const [path, query, opaque, fragment] = [part('path'), part('query'), part('opaque'), part('fragment')];
  const hasAuthority = host !== '' || userinfo !== '' || (scheme !== '' && path !== '');
  const authority = hasAuthority ? `//${userinfo === '' ? '' : `${checkedUserinfo(userinfo)}@`}${host}` : '';
  return [
    scheme === '' ? '' : `${scheme}:`,
    opaque === '' ? authority + pathText(path, { scheme, host }) : opaque,
    query === '' ? '' : `?${query}`,
    fragment === '' ? '' : `#${escaped(fragment, /[^\w\-.~$&+,/:;=?@!*'()]+/g)}`,
  ].join('');
}

/** Set off from a host by a slash, and from what would be read as a scheme by a dot. */
function pathText(path: string, { scheme, host }: { readonly scheme: string; readonly host: string }): string {
  const text = escaped(path, /[^\w\-.~$&+,/:;=@!*'()]+/g);
  if (host !== '' && text !== '' && !text.startsWith('/')) return `/${text}`;
  return scheme === '' && host === '' && /^[^/]*:/.test(text) ? `./${text}` : text;
}

const escaped = (text: string, foreign: RegExp): string => text.toWellFormed().replace(foreign, encodeURIComponent);

export const url: Readonly<Record<string, TemplateFunction>> = {
  urlParse: fn([text('url')], urlParse),
  urlJoin: fn([dict('parts')], urlJoin),
};
