/** Where a watch shows what it sees: redrawn in place on a terminal, line by line elsewhere, as documents for programs. */
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import type { TerminalStream } from '../io.ts';
import { openLiveLines } from '../live-lines.ts';
import { oneLine } from '../one-line.ts';
import type { Pen } from '../pen.ts';
import { changesBetween, describeChange } from './changes.ts';
import { changeDocument } from './document.ts';
import { keptFor } from './kept.ts';
import { noticeOf, renderWatch, type WatchView } from './view.ts';

/** `show` may be called as often as one likes: what did not change is not shown again. */
export type Display = {
  show(view: WatchView): void;
  /** Leaves the terminal as it was found, with the last view on it. */
  end(): void;
};

export const liveDisplay = (stream: TerminalStream, pen: Pen): Display => {
  const live = openLiveLines(stream);
  return {
    show: view => live.draw(renderWatch(view, stream.columns ?? 80, pen)),
    end: live.end,
  };
};

/** One line per change. */
export const lineDisplay = (write: (line: string) => void, pen: Pen): Display => {
  let job: JobStatus | null = null;
  let activity: string | null = null;
  let loss: WatchView['loss'] = null;
  return {
    show: view => {
      if (loss !== null && view.loss === null) write('connected again');
      if (view.job !== null)
        for (const change of changesBetween(job, view.job)) {
          write(describeChange(change, view.now, pen));
          if (change.type === 'taskChanged' && change.task.keptUntil !== null) write(describeKept(change.task, view));
        }
      if (view.loss !== loss || view.activity !== activity) {
        const notice = noticeOf(view);
        if (notice !== null) write(pen.paint('yellow', notice));
      }
      ({ job, activity, loss } = view);
    },
    end: () => undefined,
  };
};

const describeKept = (task: TaskStatus, { now, howToEnter }: WatchView): string =>
  `🔑 ${oneLine(task.name)} ${keptFor(task, now)}: ${howToEnter(task.name)}`;

/** One JSON document per change. */
export const documentDisplay = (write: (document: object) => void): Display => {
  let job: JobStatus | null = null;
  return {
    show: view => {
      if (view.job === null) return;
      for (const change of changesBetween(job, view.job)) write(changeDocument(change));
      job = view.job;
    },
    end: () => undefined,
  };
};

/** Both at once. */
export const twoDisplays = (one: Display, other: Display): Display => ({
  show: view => {
    one.show(view);
    other.show(view);
  },
  end: () => {
    one.end();
    other.end();
  },
});
