/**
 * What is wrong with a jobfile, as its author should see it: the place in the file that they wrote, what is there, what was
 * expected. Every stage of reading ends in problems or a result; the commands print them with {@link renderProblems}.
 */
export type Problem = Mistake | Unreadable | Stopped;

/** Something in the file is wrong. */
export type Mistake = {
  readonly type: 'mistake';
  /** As the user named it. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Characters that the caret underlines; at least 1, all on the line. */
  readonly length: number;
  /** The line as it was written. */
  readonly source: string;
  /** The line that the template made of it, where that differs. */
  readonly rendered?: string;
  readonly message: string;
  readonly expected?: string;
  /** The known word nearest to an unknown one. */
  readonly suggestion?: string;
  /** What else may help. */
  readonly note?: string;
  /** What a command that the template ran wrote to stderr. */
  readonly output?: string;
};

/** The file as a whole can't be read. */
export type Unreadable = {
  readonly type: 'unreadable';
  readonly file: string;
  readonly message: string;
};

/** The jobfile itself said stop, with its function `error`: its words and nothing else. */
export type Stopped = {
  readonly type: 'stopped';
  readonly message: string;
};

/** What a stage of reading came to. */
export type Stage<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** More than anybody mends before looking again; a loop can make the same mistake thousands of times. */
const MOST_SHOWN = 100;

/** All problems as text for a terminal, a blank line between them, without a line end at the end. */
export function renderProblems(problems: readonly Problem[]): string {
  const shown = problems.slice(0, MOST_SHOWN).map(renderProblem);
  const rest = problems.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n\n');
}

/**
 * One problem as text:
 * ```
 * job.yaml:4:1: unknown key `tsaks`
 *    4 | tsaks:
 *      | ^^^^^
 *      = did you mean `tasks`?
 * ```
 */
export function renderProblem(problem: Problem): string {
  if (problem.type === 'stopped') return problem.message;
  if (problem.type === 'unreadable') return `${problem.file}: ${problem.message}`;
  const { file, line, column, message, rendered, expected, suggestion, note, output } = problem;
  const margin = String(line).padStart(4);
  const gutter = ' '.repeat(margin.length);
  const notes = [
    ...(rendered === undefined ? [] : [`the template made: ${clip(printable(rendered.trim()), 1).text}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(suggestion === undefined ? [] : [`did you mean \`${suggestion}\`?`]),
    ...(note === undefined ? [] : [note]),
  ];
  const view = clip(printable(problem.source), column);
  return [
    `${file}:${line}:${column}: ${message}`,
    `${margin} | ${view.text}`,
    `${gutter} | ${underline(view.text, view.column, problem.length)}`,
    ...notes.map(note => `${gutter} = ${note}`),
    ...(output === undefined ? [] : output.split('\n').map(outputLine => `${gutter} > ${printable(outputLine)}`)),
  ].join('\n');
}

const WIDEST_LINE = 140;

/** The part of a long line around `column`, and the column within that part. */
function clip(text: string, column: number): { readonly text: string; readonly column: number } {
  if (text.length <= WIDEST_LINE) return { text, column };
  const start = Math.max(0, Math.min(column - 1 - WIDEST_LINE / 2, text.length - WIDEST_LINE));
  const end = start + WIDEST_LINE;
  const shown = `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
  return { text: shown, column: column - start + (start > 0 ? 1 : 0) };
}

/** A jobfile's bytes must not steer the terminal: control characters other than tabs are shown as `�`. */
const printable = (text: string): string => text.replace(/(?!\t)[\p{Cc}\u2028\u2029]/gu, '�');

/** Tabs stay tabs, so that the caret stands under its character whatever their width. */
function underline(text: string, column: number, length: number): string {
  const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return before + '^'.repeat(Math.max(1, Math.min(length, text.length - column + 1)));
}
