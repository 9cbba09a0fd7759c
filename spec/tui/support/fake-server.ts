import { BehaviorSubject } from 'rxjs';
import type { DashboardClient, ServerStatus } from '../../../src/tui/port.ts';
import { logText } from '../../support/log-text.ts';
import { busyServer } from './status.ts';

/** A server that says what the spec makes it say, and remembers what it was asked. */
export const fakeServer = (calls: Partial<DashboardClient> = {}) => {
  const status$ = new BehaviorSubject<ServerStatus>(busyServer);
  const cancelled: string[] = [];
  const client: DashboardClient = {
    ping: async () => ({ version: '1.4.0', commit: '26bb24c' }),
    watchStatus: () => status$,
    readLogs: async function* (job, task) {
      yield logText(`the log of ${task} of ${job}\n`);
    },
    cancelJob: async job => void cancelled.push(job),
    cancelTask: async (job, task) => void cancelled.push(`${job}/${task}`),
    ...calls,
  };
  return { client, status$, cancelled };
};
