import { describe, expect, it, vi } from 'vitest';
import { ServerRefusedError, ServerUnreachableError } from '../../src/rpc/client-port.ts';
import { alfred } from './support/alfred.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

describe('wrong usage', () => {
  it.each([
    [['rnu'], "alfred: unknown command 'rnu' (Did you mean run?); see alfred --help"],
    [['run'], "alfred: missing required argument 'jobfile'; see alfred run --help"],
    [['run', 'job.yaml', '--asinc'], "alfred: unknown option '--asinc' (Did you mean --async?); see alfred run --help"],
    [['run', 'job.yaml', '-p'], "alfred: option '-p, --param <key=value>' argument missing; see alfred run --help"],
    [
      ['run', 'job.yaml', '-p', 'BRANCH'],
      "alfred: option '-p, --param <key=value>' argument 'BRANCH' is invalid: expected KEY=VALUE; see alfred run --help",
    ],
    [['watch'], "alfred: missing required argument 'job'; see alfred watch --help"],
    [['watch', 'a', 'b'], "alfred: too many arguments for 'watch'. Expected 1 argument but got 2: a, b; see alfred watch --help"],
    [
      ['--ssh-port', 'ssh', 'version'],
      "alfred: option '--ssh-port <port>' argument 'ssh' is invalid: expected a number from 1 to 65535; see alfred --help",
    ],
    [
      ['--remote', 'not a host', 'version'],
      'alfred: --remote: "not a host" is no server: write host, host:port, unix:PATH or local',
    ],
    [
      ['--remote', 'host:99999', 'version'],
      'alfred: --remote: "host:99999" is no server: write host, host:port, unix:PATH or local',
    ],
    [
      ['--remote', '-oProxyCommand=id', 'version'],
      'alfred: --remote: "-oProxyCommand=id" is no server: write host, host:port, unix:PATH or local',
    ],
    [['--local', '--remote', 'host', 'version'], 'alfred: --local and --remote contradict each other: give one of them'],
    [['run', '/no/such/job.yaml'], '/no/such/job.yaml: there is no such file'],
  ])('%j is told so in one line on stderr, and exits 2', async (argv, message) => {
    const { exitCode, stdout, stderr } = await alfred(argv);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(message);
    expect(exitCode).toBe(2);
    expect(stdout).not.toContain('server');
  });

  it('shows what there is when no command is given', async () => {
    const { exitCode, stdout, stderr } = await alfred([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: alfred <command> [options]');
  });
});

describe('help', () => {
  const COMMANDS = 'run rerun watch exec cancel ps show logs artifact top check schema version completion'.split(' ');

  it.each([[['--help']], [['help', 'run']], ...COMMANDS.map(name => [[name, '--help']])])(
    '%j is on stdout, exits 0 and fits 80 columns',
    async argv => {
      const { exitCode, stdout, stderr } = await alfred(argv);
      expect(exitCode).toBe(0);
      expect(stderr).toBe('');
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  it.each(COMMANDS)('of %s has examples', async name => {
    expect((await alfred([name, '--help'])).stdout).toMatch(new RegExp(`^Examples:\n(  .*\n)*  .*alfred.* ${name}\\b`, 'm'));
  });

  it('lists the commands', async () => {
    expect((await alfred(['--help'])).stdout).toMatchSnapshot();
  });
});

describe('a server that', () => {
  const fails = (error: Error) => ({ client: { ping: () => Promise.reject(error) } });

  it('can not be reached exits 3, with one line', async () => {
    const error = new ServerUnreachableError("can't reach the server at ci:25373: no such host");
    const { exitCode, stderr, closed } = await alfred(['--remote', 'ci', 'version'], fails(error));
    expect(stderr).toBe("alfred: can't reach the server at ci:25373: no such host\n");
    expect(exitCode).toBe(3);
    expect(closed).toBe(1);
  });

  it('nobody named, and can not be reached, comes with the ways to name one', async () => {
    const error = new ServerUnreachableError("can't reach the server at alfred.tipee.dev:25373: no such host");
    const { stderr } = await alfred(['version'], fails(error));
    for (const way of ['--remote', 'ALFRED_REMOTE', '--local']) expect(stderr).toContain(way);
  });

  it('refuses exits 3, with its own words', async () => {
    const { exitCode, stderr } = await alfred(['version'], fails(new ServerRefusedError('who are you?', 'unauthenticated')));
    expect([exitCode, stderr]).toStrictEqual([3, 'alfred: who are you?\n']);
  });
});

describe('a bug', () => {
  const world = { client: { ping: () => Promise.reject(new TypeError('x is not a function')) } };

  it('shows no stack trace', async () => {
    const { exitCode, stderr } = await alfred(['version'], world);
    expect([exitCode, stderr]).toStrictEqual([2, 'alfred: x is not a function\n']);
  });

  it('shows one with -v', async () => {
    expect((await alfred(['-v', 'version'], world)).stderr).toMatch(/TypeError: x is not a function\n +at /);
  });
});
