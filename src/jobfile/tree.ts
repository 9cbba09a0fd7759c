/**
 * A YAML document as a tree of values that know their places. Anchors and merge keys are resolved here, so that validation
 * sees plain lists and mappings; what is wrong with the YAML itself is found here too.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';

/** A stretch of the parsed text. */
export type Span = { readonly start: number; readonly end: number };

/** What is wrong with the parsed text, and where. */
export type Fault = {
  readonly span: Span;
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
};

export type Tree = ScalarTree | ListTree | MappingTree;

export type ScalarTree = {
  readonly type: 'scalar';
  readonly span: Span;
  readonly value: string | PlainScalar;
};

export type ListTree = {
  readonly type: 'list';
  readonly span: Span;
  readonly items: readonly Tree[];
};

export type MappingTree = {
  readonly type: 'mapping';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, Entry>;
};

/** `key`: where the key stands. */
export type Entry = { readonly key: Span; readonly value: Tree };

/**
 * A scalar that YAML takes for something else than text (`1.10`, `true`, nothing at all). Where the jobfile wants a text,
 * what the author typed counts: `1.10` is no `1.1`.
 */
export class PlainScalar {
  readonly typed: string;
  readonly value: unknown;

  constructor(typed: string, value: unknown) {
    this.typed = typed;
    this.value = value;
  }
}

/** Nesting that no jobfile needs; deeper text would exhaust the stack. */
const MOST_LEVELS = 100;

const TOO_DEEP: Fault = { span: { start: 0, end: 1 }, message: 'not valid YAML: nested too deeply' };

/** `null` for a document without content, or one that is not valid YAML. */
export function parseTree(text: string): { readonly tree: Tree | null; readonly faults: readonly Fault[] } {
  // Keys are compared here: the parser compares each with each.
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false });
  const errors = [...document.errors, ...document.warnings];
  if (errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return { tree: null, faults: [TOO_DEEP] };
  if (errors.length > 0) return { tree: null, faults: firstOfEachPlace(errors).map(yamlFault) };
  return document.contents === null ? { tree: null, faults: [] } : plant(document.contents);
}

/** What comes after the first error at a place mostly comes from it. */
function firstOfEachPlace(errors: readonly YAMLError[]): readonly YAMLError[] {
  const seen = new Set<number>();
  return errors.filter(({ pos: [start] }) => !seen.has(start) && seen.add(start));
}

/**
 * The values of a tree without their places, as zod wants them. What aliases share stays shared: ten lines of aliases can
 * stand for a billion values.
 */
export function valueOf(tree: Tree, known = new Map<Tree, unknown>()): unknown {
  if (tree.type === 'scalar') return tree.value;
  const value =
    known.get(tree) ??
    (tree.type === 'list'
      ? tree.items.map(item => valueOf(item, known))
      : Object.fromEntries([...tree.entries].map(([key, entry]) => [key, valueOf(entry.value, known)])));
  known.set(tree, value);
  return value;
}

/** What is at the end of `path` and where its key stands; of what is not there, the nearest ancestor that is, `depth` steps down. */
export function treeAt(tree: Tree, path: readonly PropertyKey[]): { tree: Tree; key: Span | null; depth: number } {
  const found = { tree, key: null as Span | null, depth: 0 };
  for (const step of path) {
    const parent = found.tree;
    const entry = parent.type === 'mapping' ? parent.entries.get(String(step)) : undefined;
    const item = parent.type === 'list' ? parent.items[Number(step)] : undefined;
    if (entry === undefined && item === undefined) break;
    found.tree = entry?.value ?? (item as Tree);
    found.key = entry?.key ?? null;
    found.depth += 1;
  }
  return found;
}

const yamlFault = ({ message, pos: [start, end] }: YAMLError): Fault => ({
  span: { start, end },
  message: `not valid YAML: ${lowerFirst(message.replaceAll(/\s*\n\s*/g, ' '))}`,
});

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

function plant(contents: Node): ReturnType<typeof parseTree> {
  const faults: Fault[] = [];
  /** By anchor; `null` while it grows. */
  const anchored = new Map<string, Tree | null>();
  const nothing = (span: Span): Tree => ({ type: 'scalar', span, value: new PlainScalar('', null) });

  const grow = (node: Node | null, fallback: Span, level: number): Tree => {
    const span = spanOf(node) ?? fallback;
    if (level > MOST_LEVELS) {
      faults.push(TOO_DEEP);
      return nothing(span);
    }
    if (isAlias(node)) return growAlias(node.source, span);
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
    if (anchor === undefined) return growNode(node, span, level);
    anchored.set(anchor, null);
    const tree = growNode(node, span, level);
    anchored.set(anchor, tree);
    return tree;
  };

  const growNode = (node: Node | null, span: Span, level: number): Tree => {
    if (isSeq(node)) return { type: 'list', span, items: node.items.map(item => grow(item as Node | null, span, level + 1)) };
    if (isMap(node)) return { type: 'mapping', span, entries: entriesOf(node as YAMLMap<Node, Node | null>, span, level) };
    return isScalar(node) ? { type: 'scalar', span, value: scalarValue(node) } : nothing(span);
  };

  const growAlias = (anchor: string, span: Span): Tree => {
    const tree = anchored.get(anchor);
    if (tree !== undefined && tree !== null) return tree;
    const message =
      tree === null ? `*${anchor} stands inside of what it stands for` : `there is no &${anchor} before this *${anchor}`;
    faults.push({ span, message });
    return nothing(span);
  };

  const entriesOf = (map: YAMLMap<Node, Node | null>, span: Span, level: number): MappingTree['entries'] => {
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const pair of map.items) {
      const key = spanOf(pair.key) ?? span;
      const value = grow(pair.value, { start: key.end, end: key.end }, level + 1);
      const name = isScalar(pair.key) ? keyText(pair.key) : '__proto__';
      if (isMergeKey(pair)) for (const entry of mergedEntries(value, key)) merged.set(...entry);
      else if (name === '__proto__') faults.push({ span: key, message: 'this can be no key', expected: 'a plain text' });
      else if (own.has(name)) faults.push({ span: key, message: `the key \`${name}\` is there twice` });
      else own.set(name, { key, value });
    }
    // What is merged comes first, as if it had been written there; what is written here counts.
    return new Map([...merged, ...own]);
  };

  /** What `<<: *a` or `<<: [*a, *b]` adds; the first that has a key wins. */
  const mergedEntries = (value: Tree, key: Span): MappingTree['entries'] => {
    const sources = value.type === 'list' ? value.items : [value];
    if (sources.some(({ type }) => type !== 'mapping')) {
      faults.push({ span: key, message: '`<<` merges mappings', expected: 'an alias of a mapping, or a list of them' });
    }
    return new Map(sources.toReversed().flatMap(source => (source.type === 'mapping' ? [...source.entries] : [])));
  };

  return { tree: grow(contents, { start: 0, end: 0 }, 0), faults };
}

const isMergeKey = ({ key }: Pair<Node, Node | null>): boolean => isScalar(key) && key.type === 'PLAIN' && key.source === '<<';

const scalarValue = ({ value, source, type }: Scalar): ScalarTree['value'] =>
  typeof value === 'string' ? value : new PlainScalar(type === undefined ? '' : (source ?? ''), value);

const keyText = ({ value, source }: Scalar): string => (typeof value === 'string' ? value : (source ?? ''));

/** Without the comment and line end that a node's range may end with. */
const spanOf = (node: Node | null | undefined): Span | null =>
  node?.range == null ? null : { start: node.range[0], end: node.range[1] };
