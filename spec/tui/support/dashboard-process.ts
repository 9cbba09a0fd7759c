/** A dashboard in a process of its own, to be ended in ways that no spec survives. Its argument says what a key brings about. */
import { map, timer } from 'rxjs';
import { runDashboard } from '../../../src/tui/dashboard.ts';
import { fakeServer } from './fake-server.ts';
import { busyServer } from './status.ts';

const FAULTS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('nobody catches this');
  },
};

process.stdin.on('data', () => FAULTS[process.argv[2] ?? '']?.());

/** There is always something new to draw. */
const always = timer(0, 20).pipe(map(tick => ({ ...busyServer, server: { ...busyServer.server, maxNodes: tick } })));

await runDashboard({
  address: 'ci.example',
  client: fakeServer({ watchStatus: () => always }).client,
  stdin: process.stdin,
  stdout: process.stdout,
  color: true,
  signal: new AbortController().signal,
});
