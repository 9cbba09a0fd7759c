/** All that the dashboard knows, and what can happen to it. */
import type { Key } from './keys.ts';
import type { Log } from './log.ts';
import type { Size } from './paint.ts';
import type { History } from './plots.ts';
import type { ServerStatus } from './port.ts';
import { type CancelTarget, INITIAL_UI, type Ui } from './ui.ts';

export type Connection =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  /** `since` and `retryAt` are milliseconds since the epoch. */
  | { readonly type: 'lost'; readonly why: string; readonly since: number; readonly retryAt: number };

export type Model = {
  /** `host:port` of the server, as the person wrote it. */
  readonly address: string;
  readonly connection: Connection;
  /** `null` until the server has said. */
  readonly build: { readonly version: string; readonly commit: string } | null;
  /** The last one received; `null` before the first. */
  readonly status: ServerStatus | null;
  readonly history: History;
  /** Of the task whose log is on the screen. */
  readonly log: Log | null;
  readonly ui: Ui;
  readonly size: Size;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** What happens to a dashboard. */
export type DashboardEvent =
  | { readonly type: 'serverMet'; readonly build: { readonly version: string; readonly commit: string } }
  | { readonly type: 'statusReceived'; readonly status: ServerStatus }
  | { readonly type: 'connectionLost'; readonly why: string; readonly retryAt: number }
  | { readonly type: 'keyPressed'; readonly key: Key }
  | { readonly type: 'resized'; readonly size: Size }
  | { readonly type: 'secondPassed' }
  | { readonly type: 'logReceived'; readonly text: string; readonly restarts: boolean }
  | { readonly type: 'logEnded' }
  | { readonly type: 'logFailed'; readonly why: string }
  | { readonly type: 'cancelDone'; readonly target: CancelTarget }
  | { readonly type: 'cancelFailed'; readonly target: CancelTarget; readonly why: string };

/** What the dashboard wants done. */
export type Command =
  | { readonly type: 'quit' }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' }
  | { readonly type: 'cancel'; readonly target: CancelTarget };

export const initialModel = (address: string, size: Size, now: number): Model => ({
  address,
  connection: { type: 'connecting' },
  build: null,
  status: null,
  history: [],
  log: null,
  ui: INITIAL_UI,
  size,
  now,
});
