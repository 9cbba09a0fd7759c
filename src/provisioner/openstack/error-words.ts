/**
 * What a service says went wrong, in one line. Each has its own form: Nova `{ "badRequest": { "message" } }`, Keystone
 * `{ "error": { "message" } }`, Neutron `{ "NeutronError": { "message" } }`, Glance and proxies an HTML page.
 */
export const errorWords = (body: string): string => {
  const words = messageIn(body) ?? textOf(body);
  return words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
};

const LONGEST = 300;

const messageIn = (body: string): string | null => {
  const parsed = parseOrNull(body);
  if (typeof parsed !== 'object' || parsed === null) return null;
  for (const candidate of [parsed, ...Object.values(parsed)]) {
    if (typeof candidate !== 'object' || candidate === null || !('message' in candidate)) continue;
    if (typeof candidate.message === 'string') return oneLine(candidate.message);
  }
  return null;
};

/** A page without its mark-up. */
const textOf = (body: string): string =>
  oneLine(body.replace(/<(head|style|script)\b.*?<\/\1>/gis, ' ').replace(/<[^>]*>/g, ' '));

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim() || 'no words';

const parseOrNull = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
