/** Reads what vitest says of a run, in its JSON report. Run by itself, prints the one line that CI ends with. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where `npm test` has vitest write its report. */
export const REPORT = join(import.meta.dirname, '../var/test-report.json');

export type TestReport = {
  readonly passed: number;
  /** Failed specs, and files that failed as a whole: at import, or in a hook. */
  readonly failed: number;
  /** `file: title` of each spec that was not run. */
  readonly skipped: readonly string[];
};

type VitestFile = {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
};

export const readReport = async (path = REPORT): Promise<TestReport> => {
  const { testResults } = JSON.parse(await readFile(path, 'utf8')) as { testResults: readonly VitestFile[] };
  const specs = testResults.flatMap(file => file.assertionResults.map(spec => ({ ...spec, file: file.name })));
  const brokenFiles = testResults.filter(
    file => file.status === 'failed' && file.assertionResults.every(spec => spec.status !== 'failed'),
  );
  const isRun = (status: string): boolean => status === 'passed' || status === 'failed';
  return {
    passed: specs.filter(spec => spec.status === 'passed').length,
    failed: specs.filter(spec => spec.status === 'failed').length + brokenFiles.length,
    skipped: specs.filter(spec => !isRun(spec.status)).map(spec => `${spec.file}: ${spec.fullName}`),
  };
};

if (import.meta.main) {
  const { passed, failed, skipped } = await readReport();
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
}
