/**
 * Go's time layouts: a moment is written, and read, the way the reference time `Mon Jan 2 15:04:05 MST 2006` is written in
 * the layout.
 */
import { clockOf, timeAt } from './clock.ts';
import { type LayoutElement, layoutElementAt, type Scanner } from './layout-elements.ts';
import { TimeParseError, type TimeParts, timeOfParts } from './time-parts.ts';
import { UTC } from './time-zone.ts';
import type { Time, Zone } from './value.ts';

/** Go's zero time: what a time that could not be read becomes. */
export const ZERO_TIME: Time = timeAt(-62_135_596_800n, UTC);

/** A time as a template prints it. */
export const timeText = (time: Time): string => formatTime('2006-01-02 15:04:05.999999999 -0700 MST', time);

export function formatTime(layout: string, time: Time): string {
  const clock = clockOf(time);
  return partsOf(layout)
    .map(({ text, element }) => (element === null ? text : element.format(clock, text)))
    .join('');
}

/** Reads `text`; what the layout does not say is that of year 0, and its zone `zone`. Throws {@link TimeParseError}. */
export function parseTime(layout: string, text: string, zone: Zone): Time {
  try {
    return timeOfParts(readParts(layout, text), zone);
  } catch (error) {
    if (!(error instanceof TimeParseError)) throw error;
    throw new TimeParseError(`can't read ${JSON.stringify(text)} as ${JSON.stringify(layout)}: ${error.message}`);
  }
}

function readParts(layout: string, text: string): TimeParts {
  const scanner = newScanner(text);
  const layoutParts = partsOf(layout);
  let parts: TimeParts = {};
  for (const [index, { text: expected, element }] of layoutParts.entries()) {
    if (element === null) scanner.literal(expected);
    else parts = { ...parts, ...element.read(scanner, expected, layoutParts[index + 1]?.text) };
  }
  scanner.end();
  return parts;
}

type LayoutPart = { readonly text: string; readonly element: LayoutElement | null };

/** The reference time's parts, and what stands between them. */
function partsOf(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = [];
  let literal = '';
  for (let at = 0; at < layout.length; ) {
    const found = layoutElementAt(layout, at);
    if (found === null) {
      literal += layout[at] ?? '';
      at += 1;
      continue;
    }
    if (literal !== '') parts.push({ text: literal, element: null });
    literal = '';
    parts.push(found);
    at += found.text.length;
  }
  return literal === '' ? parts : [...parts, { text: literal, element: null }];
}

type WholeScanner = Scanner & {
  /** Takes what stands between the parts: any run of spaces of the layout stands for any run of spaces, as in Go. */
  readonly literal: (expected: string) => void;
  readonly end: () => void;
};

function newScanner(text: string): WholeScanner {
  let at = 0;
  const rest = (): string => JSON.stringify(text.slice(at));
  const tryTake = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found ?? null;
  };
  const take = (pattern: RegExp, expected: string): string => {
    const found = tryTake(pattern);
    if (found === null) throw new TimeParseError(`${rest()} can't be ${JSON.stringify(expected)}`);
    return found;
  };
  return {
    take,
    tryTake,
    literal: expected => {
      for (const part of expected.match(/ +|[^ ]+/g) ?? []) {
        if (part.startsWith(' ') && at < text.length) take(/ +/y, part);
        if (part.startsWith(' ')) continue;
        if (!text.startsWith(part, at)) throw new TimeParseError(`${rest()} can't be ${JSON.stringify(part)}`);
        at += part.length;
      }
    },
    end: () => {
      if (at < text.length) throw new TimeParseError(`${rest()} is too much`);
    },
  };
}
