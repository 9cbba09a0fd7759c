import { tmpdir } from 'node:os';
import { renderProblems } from '../../../src/jobfile/problem.ts';
import { sourceText } from '../../../src/jobfile/source-text.ts';
import type { Dialect } from '../../../src/jobfile/template/dialect.ts';
import { render, type TemplateData } from '../../../src/jobfile/template/render.ts';

export type RenderOptions = Partial<TemplateData> & {
  /** @default what the text itself says */
  readonly dialect?: Dialect;
};

/** The file's name in problems, short so that the rest of a snapshot can be read. */
const FILE = 'job.yaml';

/** What a template becomes: its text, or its problems as the terminal shows them. */
export async function renderText(template: string, { dialect, ...data }: RenderOptions = {}): Promise<string> {
  const line = dialect === undefined ? '' : `# template: ${dialect}\n`;
  const stage = await render(sourceText(FILE, line + template), {
    args: ['one', 'two'],
    params: { k: 'v' },
    env: { HOME: '/root', EMPTY: '', PATH: process.env.PATH },
    folder: tmpdir(),
    signal: new AbortController().signal,
    ...data,
  });
  return stage.ok ? stage.value.output.text.slice(line.length) : renderProblems(stage.problems);
}
