import type { TaskFullName } from '../domain/names.ts';

/** Who hears of a task's logs. */
export type Listener = {
  /** There is such a file now. */
  readonly opened: (fileName: string) => void;
  /** One of the files has grown. */
  readonly written: () => void;
};

/** Tells followers of a task's logs at once, within this process, instead of letting them look every now and then. */
export type News = {
  listen(task: TaskFullName, listener: Listener): Disposable;
  /** To all who listen to this task. */
  to(task: TaskFullName): Listener;
};

export const createNews = (): News => {
  const listeners = new Map<TaskFullName, Set<Listener>>();
  return {
    listen: (task, listener) => {
      const others = listeners.get(task) ?? new Set();
      listeners.set(task, others.add(listener));
      return {
        [Symbol.dispose]: () => {
          others.delete(listener);
          if (others.size === 0) listeners.delete(task);
        },
      };
    },
    to: task => ({
      opened: fileName => {
        for (const listener of listeners.get(task) ?? []) listener.opened(fileName);
      },
      written: () => {
        for (const listener of listeners.get(task) ?? []) listener.written();
      },
    }),
  };
};
