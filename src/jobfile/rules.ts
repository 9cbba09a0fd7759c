/** What a jobfile must hold to beyond its shape. Looks at the tree, so that its mistakes are found beside those of the shape. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Fault, type Span, type Tree, treeAt } from './tree.ts';

/** Tasks that have the name of an earlier one. */
export function repeatedTaskNames(tree: Tree): readonly Fault[] {
  const faults: Fault[] = [];
  const seen = new Map<string, number>();
  const tasks = childOf(tree, 'tasks');
  for (const [index, item] of tasks?.type === 'list' ? tasks.items.entries() : []) {
    const task = textOf(item.type === 'mapping' ? childOf(item, 'name') : item);
    if (task === null) continue;
    const earlier = seen.get(task.text);
    if (earlier === undefined) seen.set(task.text, index);
    else
      faults.push({
        span: task.span,
        message: `\`tasks[${index}]\` has the name of \`tasks[${earlier}]\`: ${task.text}`,
        expected: 'a name for each task',
      });
  }
  return faults;
}

/** Dockerfiles and contexts that are not there. */
export async function missingFiles(tree: Tree, folder: string): Promise<readonly Fault[]> {
  const steps = childOf(tree, 'steps');
  const checks = (steps?.type === 'list' ? steps.items : []).flatMap(step => [
    missing(textOf(childOf(step, 'dockerfile')), folder, 'file'),
    missing(textOf(childOf(step, 'context')), folder, 'folder'),
  ]);
  return (await Promise.all(checks)).flat();
}

async function missing(path: TextAt | null, folder: string, kind: 'file' | 'folder'): Promise<readonly Fault[]> {
  if (path === null || path.text === '') return [];
  const absolute = resolve(folder, path.text);
  try {
    const found = await stat(absolute);
    if (kind === 'folder' ? found.isDirectory() : !found.isDirectory()) return [];
    return [{ span: path.span, message: `${absolute} is a ${kind === 'folder' ? 'file' : 'folder'}`, expected: `a ${kind}` }];
  } catch (error) {
    const reason = isMissing(error) ? 'does not exist' : `can't be read: ${error instanceof Error ? error.message : error}`;
    return [{ span: path.span, message: `${absolute} ${reason}`, expected: `a ${kind}, relative to the jobfile's folder` }];
  }
}

type TextAt = { readonly text: string; readonly span: Span };

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const childOf = (tree: Tree, key: string): Tree | null => {
  const { tree: child, depth } = treeAt(tree, [key]);
  return depth === 1 ? child : null;
};

const textOf = (tree: Tree | null): TextAt | null => {
  if (tree?.type !== 'scalar') return null;
  return { text: typeof tree.value === 'string' ? tree.value : tree.value.typed, span: tree.span };
};
