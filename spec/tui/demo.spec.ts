import { describe, expect, it } from 'vitest';
import { startSimulatedServer } from '../../hack/demo/simulated-server.ts';
import { runDashboard } from '../../src/tui/dashboard.ts';
import { keyboard, openTerminal } from './support/terminal.ts';

describe('the demo', { timeout: 60_000 }, () => {
  it('shows an afternoon of the real scheduler, with a past, jobs and logs', async () => {
    const terminal = openTerminal();
    const server = await startSimulatedServer(7);
    const quit = new AbortController();
    const ended = runDashboard({
      address: 'a simulated server',
      client: server.client,
      stdin: terminal.stdin,
      stdout: terminal.stdout,
      color: true,
      signal: quit.signal,
      scheduler: server.scheduler,
    });
    await server.catchUp();
    const shows = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(await terminal.text())) await new Promise(resolve => setTimeout(resolve, 20));
    };
    await shows(/JOBS \d+ .*\n ■ \S+-\S+/);
    expect(await terminal.text()).toMatch(/[⣀-⣿]{5}/);
    terminal.type(keyboard('enter'));
    await shows(/TASKS \d+ /);
    terminal.type(keyboard('enter'));
    await shows(/-step-0\.log|queued|✓/);
    server.stop();
    terminal.type('q');
    await ended;
  });
});
