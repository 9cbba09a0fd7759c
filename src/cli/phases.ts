/** The steps that come before a job runs: a line each, with a spinner on a terminal, then ✓, ! or ✗ and what came of it. */
import { interval, type SchedulerLike, type Subscription } from 'rxjs';
import { cut } from './cut.ts';
import type { Io } from './io.ts';
import { type LiveLines, openLiveLines } from './live-lines.ts';
import { oneLine } from './one-line.ts';
import type { Output } from './output.ts';
import type { Style } from './pen.ts';

export type Phases = {
  start(title: string): Phase;
  /** Lines that stay on the screen, above the phases that go on. */
  note(text: string): void;
  /** Stops drawing. Phases that have not ended count as failed. */
  end(): void;
};

/** Ends by exactly one of `done`, `warn` and `fail`; what is called after that does nothing. */
export type Phase = {
  /** What it is at just now; without a terminal nobody hears of it. */
  detail(text: string): void;
  done(result: string): void;
  warn(result: string): void;
  fail(result: string): void;
};

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;

type Mark = { readonly sign: string; readonly style: Style };

const MARKS = {
  done: { sign: '✓', style: 'green' },
  warn: { sign: '!', style: 'yellow' },
  fail: { sign: '✗', style: 'red' },
} as const satisfies Record<string, Mark>;

type Open = { readonly title: string; detail: string };

export const openPhases = (io: Io, output: Output, scheduler: SchedulerLike): Phases => {
  const { paint } = output.notePen;
  const open = new Set<Open>();
  const board = output.isLive ? liveBoard(io, output, scheduler, open) : plainBoard(output);

  const finish = (phase: Open, { sign, style }: Mark, result: string): void => {
    if (!open.delete(phase)) return;
    board.keep([`${paint(style, sign)} ${oneLine(result)}`]);
  };

  return {
    start: title => {
      const phase: Open = { title, detail: '' };
      open.add(phase);
      board.started(phase);
      return {
        detail: text => {
          phase.detail = oneLine(text);
        },
        done: result => finish(phase, MARKS.done, result),
        warn: result => finish(phase, MARKS.warn, result),
        fail: result => finish(phase, MARKS.fail, result),
      };
    },
    note: text => board.keep(text.split('\n').map(oneLine)),
    end: () => {
      for (const phase of [...open]) finish(phase, MARKS.fail, phase.title);
      board.end();
    },
  };
};

type Board = { started(phase: Open): void; keep(lines: readonly string[]): void; end(): void };

/** Without a terminal a phase says when it begins, so that a log shows what takes its time, and how it ended. */
const plainBoard = (output: Output): Board => ({
  started: ({ title }) => output.note(`${title} …`),
  keep: lines => output.note(lines.join('\n')),
  end: () => undefined,
});

const liveBoard = (io: Io, { notePen }: Output, scheduler: SchedulerLike, open: ReadonlySet<Open>): Board => {
  let live: LiveLines | null = null;
  let spinner: Subscription | null = null;
  let frame = 0;

  const draw = (kept: readonly string[] = []): void => {
    live ??= openLiveLines(io.stderr);
    const sign = FRAMES[frame % FRAMES.length] ?? '';
    const columns = (io.stderr.columns ?? 80) - 2;
    const lines = [...open].map(({ title, detail }) => cut(detail === '' ? title : `${title}  ${detail}`, columns));
    live.draw(
      lines.map(line => `${notePen.paint('cyan', sign)} ${line}`),
      kept,
    );
  };

  return {
    started: () => {
      spinner ??= interval(FRAME_MS, scheduler).subscribe(() => {
        frame += 1;
        draw();
      });
      draw();
    },
    keep: draw,
    end: () => {
      spinner?.unsubscribe();
      live?.end();
    },
  };
};
