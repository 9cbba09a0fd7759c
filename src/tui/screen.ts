/**
 * The terminal itself, and the only file that knows it: it is taken over, drawn upon, listened to, and left as it was found,
 * whichever way the program ends. README.md says why no terminal library stands here.
 */
import { emitKeypressEvents } from 'node:readline';
import { defer, fromEvent, map, merge, type Observable, Subject, startWith, take, takeUntil, timer } from 'rxjs';
import type { Key } from './keys.ts';
import { type Frame, paint, type Size } from './paint.ts';

/** What the dashboard uses of stdin; a spec brings a stream of its own. */
export type TerminalInput = NodeJS.ReadableStream & Partial<Pick<NodeJS.ReadStream, 'isRaw' | 'setRawMode'>>;

/** What the dashboard uses of stdout. */
export type TerminalOutput = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, 'columns' | 'rows'>>;

export type Screen = {
  readonly key$: Observable<Key>;
  size(): Size;
  /** The size at once, then whenever it may have changed: then the whole screen must be drawn. */
  readonly size$: Observable<Size>;
  /** The terminal has gone away: a closed window, a broken ssh connection. */
  readonly gone$: Observable<unknown>;
  /** Shows a frame. While the terminal is still busy with the last one, only the newest is kept. */
  draw(frame: Frame): void;
  /** Has the next frame drawn whole: something else has written on the screen. */
  forget(): void;
  /** Stops the program as Ctrl+Z does; goes on where it was when the shell says so. */
  suspend(): void;
  /** Gives the terminal back as it was found. Further calls do nothing. */
  close(): void;
};

/** The alternate screen keeps what was on the terminal before; lines are not wrapped, so the last cell can be drawn. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

/** For streams that do not say. */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

/** A process that still runs so long after it stopped itself was not stopped. */
const NOT_STOPPED_MS = 200;

/** Signals that end the program where nobody else listens for them. */
const DEADLY = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const openScreen = (input: TerminalInput, output: TerminalOutput, color: boolean): Screen => {
  const wasRaw = input.isRaw ?? false;
  const resumed$ = new Subject<void>();
  const closed$ = new Subject<void>();
  const canvas = openCanvas(output, color);
  let isOpen = true;
  let isSuspended = false;

  const takeOver = (): void => {
    input.setRawMode?.(true);
    canvas.forget();
    output.write(ENTER);
  };
  const giveBack = (): void => {
    output.write(LEAVE);
    input.setRawMode?.(wasRaw);
  };
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    closed$.next();
    process.off('exit', close);
    for (const signal of DEADLY) process.off(signal, onDeadly);
    canvas.close();
    giveBack();
    input.pause();
  };
  /** Whoever else listens for the signal ends the program in their own way; otherwise it ends as if nobody had listened. */
  const onDeadly = (signal: NodeJS.Signals): void => {
    close();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const suspend = (): void => {
    // A frame that is on its way when the shell takes over would be drawn across its prompt.
    isSuspended = true;
    giveBack();
    // Where no shell could continue it (behind `ssh -t`, alone in a container), a process is not stopped and hears of no SIGCONT.
    const continued$ = merge(fromEvent(process, 'SIGCONT'), timer(NOT_STOPPED_MS)).pipe(take(1), takeUntil(closed$));
    continued$.subscribe(() => {
      isSuspended = false;
      takeOver();
      resumed$.next();
    });
    // All of the foreground, as the terminal itself would: the shell gets its turn also when a script started Alfred.
    process.kill(0, 'SIGTSTP');
  };

  // The terminal may go away at any moment, also while it is given back: `gone$` tells, and nobody needs a crash besides.
  for (const stream of [input, output]) stream.on('error', () => {});
  // The way out that passes no `finally`: `process.exit`, and errors that nobody caught.
  process.on('exit', close);
  for (const signal of DEADLY) process.on(signal, onDeadly);
  takeOver();

  return {
    key$: keysOf(input),
    size: () => sizeOf(output),
    size$: merge(fromEvent(output, 'resize'), resumed$).pipe(
      startWith(null),
      map(() => sizeOf(output)),
    ),
    gone$: merge(fromEvent(input, 'end'), fromEvent(input, 'error'), fromEvent(output, 'error'), fromEvent(output, 'close')),
    draw: frame => {
      if (!isSuspended) canvas.draw(frame);
    },
    forget: canvas.forget,
    suspend,
    close,
  };
};

type Canvas = Pick<Screen, 'draw' | 'forget' | 'close'>;

/** Knows what is on the terminal, and never has more than one frame on its way there. */
const openCanvas = (output: TerminalOutput, color: boolean): Canvas => {
  let shown: Frame | null = null;
  let waiting: Frame | null = null;
  let isBusy = false;
  let isOpen = true;

  const draw = (frame: Frame): void => {
    if (!isOpen) return;
    if (isBusy) {
      waiting = frame;
      return;
    }
    const text = paint(shown, frame, color);
    shown = frame;
    if (text === '' || output.write(text)) return;
    isBusy = true;
    output.once('drain', onDrain);
  };
  const onDrain = (): void => {
    isBusy = false;
    const next = waiting;
    waiting = null;
    if (next !== null) draw(next);
  };

  return {
    draw,
    forget: () => {
      shown = null;
    },
    close: () => {
      isOpen = false;
      output.off('drain', onDrain);
    },
  };
};

const sizeOf = ({ columns, rows }: TerminalOutput): Size => ({
  columns: columns || DEFAULT_SIZE.columns,
  rows: rows || DEFAULT_SIZE.rows,
});

/** As Node's readline tells keys; it also knows how long to wait after an Escape for the rest of an arrow key. */
type Keypress = { readonly name?: string; readonly ctrl: boolean; readonly meta: boolean };

const keysOf = (input: TerminalInput): Observable<Key> =>
  defer(() => {
    emitKeypressEvents(input);
    input.resume();
    return fromEvent(input, 'keypress', (text: string | undefined, key: Keypress) => toKey(text ?? '', key));
  });

const PRINTABLE = /^[^\p{Cc}]+$/u;

const toKey = (text: string, { name, ctrl, meta }: Keypress): Key => {
  if (ctrl) return { name: `ctrl-${name}`, text: '' };
  if (meta && name !== 'escape') return { name: `alt-${name}`, text: '' };
  if (name === 'return') return { name: 'enter', text: '' };
  if (PRINTABLE.test(text)) return { name: text === ' ' ? 'space' : text, text };
  return { name: name ?? '', text: '' };
};
