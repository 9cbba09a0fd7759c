/** A dashboard in a process of its own, to be ended in ways that no spec survives. Its argument says what a key brings about. */
import { runDashboard } from '../../../src/tui/dashboard.ts';
import { fakeServer } from './fake-server.ts';

const FAULTS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('nobody catches this');
  },
};

process.stdin.on('data', () => FAULTS[process.argv[2] ?? '']?.());

await runDashboard({
  address: 'ci.example',
  client: fakeServer().client,
  stdin: process.stdin,
  stdout: process.stdout,
  color: true,
  signal: new AbortController().signal,
});
