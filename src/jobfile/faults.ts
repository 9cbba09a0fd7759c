/** Puts what zod found into the words of a jobfile's author, at the place where the author can mend it. */
import type { z } from 'zod';
import { nearest } from '../base/nearest.ts';
import { type JobfileShape, jobfileShape, PATTERN_WORDS } from './schema.ts';
import { type Fault, type Span, type Tree, treeAt, valueOf } from './tree.ts';

type Issue = z.core.$ZodIssue;
type IssueOf<Code extends Issue['code']> = Extract<Issue, { readonly code: Code }>;
type Path = readonly PropertyKey[];

/** Where an issue is: its path from the root of the document, and what stands there. */
type Site = {
  readonly path: Path;
  /** What is at the path; its nearest ancestor when nothing is. */
  readonly found: Tree;
  /** The key of what was found. */
  readonly key: Span | null;
  readonly missing: boolean;
};

/** The shape that `tree` has, or everything that keeps it from having it. */
export function checkShape(tree: Tree): { readonly shape: JobfileShape | null; readonly faults: readonly Fault[] } {
  const result = jobfileShape.safeParse(valueOf(tree));
  if (result.success) return { shape: result.data, faults: [] };
  return { shape: null, faults: faultsOfAll(result.error.issues, tree, []) };
}

/** A misspelt key is one mistake, not two: where `nmae` is unknown, nobody needs to hear that `name` is missing. */
function faultsOfAll(issues: readonly Issue[], tree: Tree, base: Path): readonly Fault[] {
  const misspelt = new Set(
    issues.flatMap(issue =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(key => JSON.stringify([...issue.path, nearest(key, knownKeys(issue))]))
        : [],
    ),
  );
  return issues
    .filter(issue => !(misspelt.has(JSON.stringify(issue.path)) && siteOf(tree, [...base, ...issue.path]).missing))
    .flatMap(issue => faultsOf(issue, tree, base));
}

const knownKeys = ({ message }: IssueOf<'unrecognized_keys'>): readonly string[] => message.split(', ');

function faultsOf(issue: Issue, tree: Tree, base: Path): readonly Fault[] {
  const site = siteOf(tree, [...base, ...issue.path]);
  const { found, key, path } = site;
  const name = inBackticks(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(unknown => unknownKey(unknown, knownKeys(issue), siteOf(tree, [...path, unknown])));
    case 'invalid_union':
      return unionFaults(issue, tree, site);
    case 'invalid_type':
      return [mismatch(site, kindWords(issue.expected))];
    case 'invalid_value':
      return [mismatch(site, issue.values.map(value => JSON.stringify(value)).join(' or '))];
    case 'invalid_key':
      return [{ span: key ?? found.span, message: `${name} can't be called so`, ...patternWords(issue.issues[0]) }];
    case 'invalid_format':
      return [{ span: found.span, message: `${name} can't be ${describe(found)}`, ...patternWords(issue) }];
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? [
            {
              span: key ?? found.span,
              message: `${name} is empty`,
              expected: issue.origin === 'array' ? 'at least one' : 'a path',
            },
          ]
        : [mismatch(site, `${issue.minimum} or more`)];
    case 'too_big':
      return [mismatch(site, `at most ${issue.maximum}`)];
    default:
      return [{ span: found.span, message: issue.message }];
  }
}

/** What is there, against what was expected; or that nothing is. */
function mismatch({ path, found, key, missing }: Site, expected: string): Fault {
  const name = inBackticks(path);
  if (!missing) return { span: found.span, message: `${name} is ${describe(found)}`, expected };
  const parent = path.length > 1 ? ` in ${inBackticks(path.slice(0, -1))}` : '';
  const span = key ?? { start: found.span.start, end: found.span.start + 1 };
  return { span, message: `\`${String(path.at(-1))}\` is missing${parent}`, expected };
}

function unknownKey(unknown: string, known: readonly string[], { key, found }: Site): Fault {
  const suggestion = nearest(unknown, known);
  return {
    span: key ?? found.span,
    message: `unknown key \`${unknown}\``,
    expected: `one of ${known.join(', ')}`,
    ...(suggestion === null ? {} : { suggestion }),
  };
}

/** Of several forms, the one that the author had in mind: the one whose kind (text, list, mapping) is what is there. */
function unionFaults(issue: IssueOf<'invalid_union'>, tree: Tree, site: Site): readonly Fault[] {
  const isWrongKind = ({ code, path }: Issue) => code === 'invalid_type' && path.length === 0;
  const meant = issue.errors.find(issues => !issues.some(isWrongKind));
  if (meant !== undefined) return faultsOfAll(meant, tree, site.path);
  const kinds = issue.errors.flat().flatMap(inner => (inner.code === 'invalid_type' ? [kindWords(inner.expected)] : []));
  return [mismatch(site, kinds.join(' or '))];
}

function siteOf(tree: Tree, path: Path): Site {
  const { tree: found, key, depth } = treeAt(tree, path);
  return { path, found, key, missing: depth < path.length };
}

const patternWords = (issue: Issue | undefined): Pick<Fault, 'expected'> => {
  const source = issue?.code === 'invalid_format' ? issue.pattern?.replace(/^\/|\/[a-z]*$/g, '') : undefined;
  const expected =
    source === undefined ? undefined : (PATTERN_WORDS.get(source.replaceAll('\\/', '/')) ?? PATTERN_WORDS.get(source));
  return expected === undefined ? {} : { expected };
};

const KIND_WORDS: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['array', 'a list'],
  ['object', 'a mapping'],
  ['record', 'a mapping'],
  ['int', 'a whole number'],
  ['number', 'a whole number'],
]);

const kindWords = (kind: string): string => KIND_WORDS.get(kind) ?? kind;

function describe(tree: Tree): string {
  if (tree.type !== 'scalar') return `a ${tree.type}`;
  const { value } = tree;
  if (typeof value === 'string') return JSON.stringify(value);
  return value.value === null ? 'empty' : value.typed;
}

/** `steps[0].context`, as a person would say where it is. */
function inBackticks(path: Path): string {
  if (path.length === 0) return 'the jobfile';
  const text = path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `\`${text.replace(/^\./, '')}\``;
}
