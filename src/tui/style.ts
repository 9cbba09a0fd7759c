/** How text looks, in words that a terminal of 16 colours has. Colours are never the only bearer of a meaning. */
export type Color =
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | 'brightGreen'
  | 'brightYellow'
  | 'brightBlue'
  | 'brightMagenta'
  | 'brightCyan';

/** No background colours: on someone's theme they clash. `inverse` makes bars that suit every theme. */
export type Style = {
  readonly color?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
};

export const PLAIN: Style = {};
export const DIM: Style = { dim: true };
export const BOLD: Style = { bold: true };

const COLOR_CODES: Readonly<Record<Color, number>> = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  brightGreen: 92,
  brightYellow: 93,
  brightBlue: 94,
  brightMagenta: 95,
  brightCyan: 96,
};

/** The escape sequence that sets this style whatever was set before. Without `color`, weight and inversion stay. */
export const sgr = (style: Style, color: boolean): string => {
  const codes = [
    ...(style.bold ? [1] : []),
    ...(style.dim ? [2] : []),
    ...(style.underline ? [4] : []),
    ...(style.inverse ? [7] : []),
    ...(style.color !== undefined && color ? [COLOR_CODES[style.color]] : []),
  ];
  return `\u001b[${[0, ...codes].join(';')}m`;
};
