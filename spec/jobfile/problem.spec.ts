import { expect, it } from 'vitest';
import { type Mistake, renderProblem, renderProblems } from '../../src/jobfile/problem.ts';

const mistake = (change: Partial<Mistake>): Mistake => ({
  type: 'mistake',
  file: 'job.yaml',
  line: 3,
  column: 5,
  length: 4,
  source: 'a: [bcde]',
  message: 'wrong',
  ...change,
});

it('shows the place, the line, and a caret under what is wrong', () => {
  expect(renderProblem(mistake({}))).toMatchInlineSnapshot(`
    "job.yaml:3:5: wrong
       3 | a: [bcde]
         |     ^^^^"
  `);
});

it('adds what was expected, the nearest known word, what the template made, and what a command said', () => {
  expect(
    renderProblem(mistake({ expected: 'a text', suggestion: 'bcd', rendered: '  made: x', output: 'first\nsecond' })),
  ).toMatchInlineSnapshot(`
    "job.yaml:3:5: wrong
       3 | a: [bcde]
         |     ^^^^
         = the template made: made: x
         = expected a text
         = did you mean \`bcd\`?
         > first
         > second"
  `);
});

it('cuts long lines around the caret', () => {
  const shown = renderProblem(mistake({ source: `${'x'.repeat(500)}HERE${'y'.repeat(500)}`, column: 501 })).split('\n');
  expect(shown[1]?.length).toBeLessThan(160);
  const column = shown[2]?.indexOf('^') ?? 0;
  expect(shown[1]?.slice(column, column + 4)).toBe('HERE');
});

it('never sends control characters to the terminal', () => {
  expect(renderProblem(mistake({ source: 'a\u001b[2Jb', output: '\u0007' })).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

it('keeps tabs, so that the caret stands where the editor shows it', () => {
  expect(renderProblem(mistake({ source: '\t\tbcde', column: 3 })).split('\n')[2]).toBe('     | \t\t^^^^');
});

it('is one line for a file that can not be read, and the words alone for a jobfile that says stop', () => {
  expect(
    renderProblems([
      { type: 'unreadable', file: 'job.yaml', message: 'there is no such file' },
      { type: 'stopped', message: 'say which branch' },
    ]),
  ).toBe('job.yaml: there is no such file\n\nsay which branch');
});

it('shows the first hundred of very many, and says how many are left', () => {
  const shown = renderProblems(Array.from({ length: 250 }, () => mistake({})));
  expect(shown.split('\n\n')).toHaveLength(101);
  expect(shown.endsWith('\n\n… and 150 more')).toBe(true);
});
