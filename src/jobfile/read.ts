/**
 * Reads a jobfile: file → template → YAML → shape and rules → job. Each stage hands on a value or the complete list of what
 * is wrong. Runs what the jobfile says through `exec` and `shell`, nothing else; builds nothing and knows no server.
 */
import { readFile } from 'node:fs/promises';
import { checkShape } from './faults.ts';
import { folderOf, type Jobfile, toJobfile } from './jobfile.ts';
import type { Problem, Stage } from './problem.ts';
import { mistakeIn, type Rendered } from './rendered.ts';
import { missingFiles, repeatedTaskNames } from './rules.ts';
import { type SourceText, sourceText } from './source-text.ts';
import { render } from './template/render.ts';
import { type Fault, parseTree } from './tree.ts';

export type JobfileRequest = {
  /** As the user named it: problems call the file so. */
  readonly path: string;
  /** The template's `Args`. */
  readonly args: readonly string[];
  /** The template's `Params`. */
  readonly params: Readonly<Record<string, string>>;
  /** The template's `Env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the template and the commands that it runs; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
};

export type Reading =
  | { readonly ok: true; readonly jobfile: Jobfile; readonly rendered: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The job that the file describes, or everything that is wrong with the file. Rejects when aborted, and on nothing else. */
export async function readJobfile(request: JobfileRequest): Promise<Reading> {
  const source = await readSource(request.path);
  if (!source.ok) return source;
  request.signal.throwIfAborted();
  const folder = folderOf(request.path);
  const output = await render(source.value, { ...request, folder });
  if (!output.ok) return output;
  const jobfile = await interpret(output.value, folder);
  return jobfile.ok ? { ok: true, jobfile: jobfile.value, rendered: output.value.output.text } : jobfile;
}

/** Far more than any person writes. */
const MOST_BYTES = 10 * 2 ** 20;

async function readSource(path: string): Promise<Stage<SourceText>> {
  const unreadable = (message: string): Stage<never> => ({ ok: false, problems: [{ type: 'unreadable', file: path, message }] });
  try {
    const bytes = await readFile(path);
    if (bytes.length > MOST_BYTES) return unreadable(`is too big for a jobfile: ${bytes.length} bytes, at most ${MOST_BYTES}`);
    return { ok: true, value: sourceText(path, new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    return unreadable(whyUnreadable(error));
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof TypeError) return 'is not UTF-8 text';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'is a folder, not a jobfile';
  if (code === 'EACCES') return 'you may not read it';
  return error instanceof Error ? error.message : String(error);
}

/** From the template's output to the job. */
async function interpret(output: Rendered, folder: string): Promise<Stage<Jobfile>> {
  const { tree, faults: yamlFaults } = parseTree(output.output.text);
  if (tree === null) return failed(output, yamlFaults.length > 0 ? yamlFaults : [EMPTY]);
  const { shape, faults } = checkShape(tree);
  const all = [...yamlFaults, ...faults, ...repeatedTaskNames(tree), ...(await missingFiles(tree, folder))];
  return shape === null || all.length > 0 ? failed(output, all) : { ok: true, value: toJobfile(shape, folder) };
}

const EMPTY: Fault = { span: { start: 0, end: 0 }, message: 'the jobfile is empty', expected: 'version, name, steps and tasks' };

/** In the order of the file. What an alias shares is wrong once, however often it is used. */
function failed(output: Rendered, faults: readonly Fault[]): Stage<never> {
  const distinct = new Map(faults.map(fault => [`${fault.span.start} ${fault.message}`, fault]));
  const inOrder = [...distinct.values()].sort((a, b) => a.span.start - b.span.start);
  return { ok: false, problems: inOrder.map(({ span, ...what }) => mistakeIn(output, span, what)) };
}
