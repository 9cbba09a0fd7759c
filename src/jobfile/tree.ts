/**
 * A YAML document as a tree of values that know their places. Anchors and merge keys are resolved here, so that validation
 * sees plain lists and mappings; what is wrong with the YAML itself is found here too.
 */
import {
  type Document,
  isAlias,
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
import { assertNever } from '../base/invariant.ts';

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
  readonly entries: ReadonlyMap<string, { readonly key: Span; readonly value: Tree }>;
};

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

/** Aliases can multiply: ten lines can stand for a billion nodes. More than any jobfile needs, less than a second's work. */
const MOST_NODES = 1_000_000;

/** `null` for a document without content. */
export function parseTree(text: string): { readonly tree: Tree | null; readonly faults: readonly Fault[] } {
  try {
    const document = parseDocument(text, { prettyErrors: false, merge: true });
    const faults = [...document.errors, ...document.warnings].map(yamlFault);
    if (faults.length > 0 || document.contents === null) return { tree: null, faults };
    return plant(document, document.contents);
  } catch (error) {
    // The parser calls itself for each level: thousands of brackets exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    return { tree: null, faults: [{ span: { start: 0, end: 1 }, message: 'not valid YAML: nested too deeply' }] };
  }
}

/** The values of a tree without their places, as zod wants them. */
export function valueOf(tree: Tree): unknown {
  switch (tree.type) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(valueOf);
    case 'mapping':
      return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, valueOf(value)]));
    default:
      return assertNever(tree);
  }
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

function plant(document: Document, contents: Node): ReturnType<typeof parseTree> {
  const faults: Fault[] = [];
  let nodes = 0;

  const grow = (node: Node | null, fallback: Span): Tree => {
    const span = spanOf(node) ?? fallback;
    nodes += 1;
    if (nodes > MOST_NODES) throw new TooManyNodes();
    if (isAlias(node)) return grow(node.resolve(document) ?? null, span);
    if (isSeq(node)) return { type: 'list', span, items: node.items.map(item => grow(item as Node | null, span)) };
    if (isMap(node)) return { type: 'mapping', span, entries: entriesOf(node as YAMLMap<Node, Node | null>, span) };
    return { type: 'scalar', span, value: isScalar(node) ? scalarValue(node) : new PlainScalar('', null) };
  };

  const entriesOf = (map: YAMLMap<Node, Node | null>, span: Span): MappingTree['entries'] => {
    const entries = new Map<string, { readonly key: Span; readonly value: Tree }>();
    for (const pair of map.items) {
      const key = spanOf(pair.key) ?? span;
      const value = grow(pair.value, { start: key.end, end: key.end });
      if (isMergeKey(pair)) {
        for (const [name, entry] of mergedEntries(value, key)) if (!entries.has(name)) entries.set(name, entry);
      } else if (isScalar(pair.key)) {
        entries.set(keyText(pair.key), { key, value });
      } else {
        faults.push({ span: key, message: 'a key must be a plain text' });
      }
    }
    return entries;
  };

  /** What `<<: *a` or `<<: [*a, *b]` adds; the first that has a key wins. */
  const mergedEntries = (value: Tree, key: Span): MappingTree['entries'] => {
    if (value.type === 'mapping') return value.entries;
    const sources = value.type === 'list' ? value.items : [];
    if (value.type !== 'list' || sources.some(({ type }) => type !== 'mapping')) {
      faults.push({ span: key, message: '`<<` merges mappings', expected: 'an alias of a mapping, or a list of them' });
    }
    return new Map(sources.toReversed().flatMap(source => (source.type === 'mapping' ? [...source.entries] : [])));
  };

  try {
    return { tree: grow(contents, { start: 0, end: 0 }), faults };
  } catch (error) {
    if (!(error instanceof TooManyNodes)) throw error;
    return { tree: null, faults: [{ span: { start: 0, end: 1 }, message: 'the aliases of this file expand to too much' }] };
  }
}

class TooManyNodes extends Error {}

const isMergeKey = ({ key }: Pair<Node, Node | null>): boolean => isScalar(key) && key.type === 'PLAIN' && key.source === '<<';

const scalarValue = ({ value, source, type }: Scalar): ScalarTree['value'] =>
  typeof value === 'string' ? value : new PlainScalar(type === undefined ? '' : (source ?? ''), value);

const keyText = ({ value, source }: Scalar): string => (typeof value === 'string' ? value : (source ?? ''));

/** Without the comment and line end that a node's range may end with. */
const spanOf = (node: Node | null | undefined): Span | null =>
  node?.range == null ? null : { start: node.range[0], end: node.range[1] };
