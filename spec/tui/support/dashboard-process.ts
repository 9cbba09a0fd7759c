/** A dashboard in a process of its own, to be ended in ways that no spec survives. Its argument says what goes wrong. */
import { setTimeout as after } from 'node:timers/promises';
import { runDashboard } from '../../../src/tui/dashboard.ts';
import { fakeServer } from './fake-server.ts';

const fault = process.argv[2];

await Promise.race([
  runDashboard({
    address: 'ci.example',
    connect: async () => fakeServer().client,
    stdin: process.stdin,
    stdout: process.stdout,
    color: true,
    signal: new AbortController().signal,
  }),
  after(200).then(() => {
    if (fault === 'exit') process.exit(7);
    if (fault === 'throw')
      setImmediate(() => {
        throw new Error('nobody catches this');
      });
    return new Promise(() => {});
  }),
]);
