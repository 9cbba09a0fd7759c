/**
 * `just demo`: the dashboard on a simulated server, without Docker; also the way to work on the dashboard. A number as its
 * argument makes another afternoon.
 */
import { runDashboard } from '../src/tui/dashboard.ts';
import { startSimulatedServer } from './demo/simulated-server.ts';

const seed = Number(process.argv[2] ?? 7);
const server = await startSimulatedServer(seed);
const dashboard = runDashboard({
  address: 'a simulated server',
  client: server.client,
  stdin: process.stdin,
  stdout: process.stdout,
  color: !process.env.NO_COLOR,
  signal: new AbortController().signal,
  scheduler: server.scheduler,
});
try {
  await Promise.race([dashboard, server.catchUp()]);
  await dashboard;
} finally {
  server.stop();
}
