import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OptionsError, resolveCommand, resolveOptions } from '../../src/server/options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alfred-options-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const configFile = (content: string): string => {
  const file = join(folder, 'alfred.yaml');
  writeFileSync(file, content);
  return file;
};

const refusal = (argv: readonly string[], env: Record<string, string> = {}): string => {
  try {
    resolveOptions(argv, env);
  } catch (error) {
    if (error instanceof OptionsError) return error.message;
    throw error;
  }
  throw new Error('the options were taken');
};

describe("the server's options", () => {
  it('have defaults that run a server', () => {
    expect(resolveOptions([], {})).toMatchObject({
      listen: '0.0.0.0:25373',
      logLevel: 'INFO',
      logFormat: 'json',
      logSource: false,
      provisioner: 'local',
      slotsPerNode: 2,
      taskStartupDelayMs: 1_000,
      taskTimeoutMs: 5 * 3_600_000,
      provisioningDelayMs: 20_000,
      provisioningFailureCooldownMs: 60_000,
      nodeIdleTimeoutMs: 0,
      nodeWorkspace: 'var/node-workspace',
      serverData: 'var/server-data',
      artifactRetentionMs: 4320 * 3_600_000,
      onShutdown: 'abort',
    });
  });

  it('come from the flag, else the environment, else the file, else the default', () => {
    const config = configFile('slots-per-node: 3\nmax-nodes: 3\ntask-timeout: 3h\nlog-source: true\n');
    const options = resolveOptions(['--config', config, '--slots-per-node', '1'], {
      ALFRED_SLOTS_PER_NODE: '2',
      ALFRED_MAX_NODES: '2',
    });
    expect(options).toMatchObject({
      slotsPerNode: 1,
      maxNodes: 2,
      taskTimeoutMs: 3 * 3_600_000,
      logSource: true,
      taskStartupDelayMs: 1_000,
    });
  });

  it('take the config file from the environment, too', () => {
    expect(resolveOptions([], { ALFRED_CONFIG: configFile('slots-per-node: 7') }).slotsPerNode).toBe(7);
  });

  it.each([
    [['--listen', 'unix:/run/alfred.sock'], { listen: 'unix:/run/alfred.sock' }],
    [['--listen', '127.0.0.1:0'], { listen: '127.0.0.1:0' }],
    [['--listen', '[::1]:25373'], { listen: '[::1]:25373' }],
    [['--log-level', 'debug'], { logLevel: 'DEBUG' }],
    [['--log-source'], { logSource: true }],
    [['--task-timeout', '0'], { taskTimeoutMs: 0 }],
    [['--on-shutdown', 'detach'], { onShutdown: 'detach' }],
  ])('understand %j', (argv, expected) => {
    expect(resolveOptions(argv, {})).toMatchObject(expected);
  });

  it('name the hosts of an ssh pool, a node each; fewer, where that is said', () => {
    const pool = ['--provisioner', 'ssh', '--ssh-hosts', 'ci@one, ci@10.0.0.2:2222,ci@[fd00::2]:22'];
    const sshHosts = ['ci@one', 'ci@10.0.0.2:2222', 'ci@[fd00::2]:22'];
    expect(resolveOptions(pool, {})).toMatchObject({ provisioner: 'ssh', sshHosts, maxNodes: 3 });
    expect(resolveOptions([...pool, '--max-nodes', '2'], {})).toMatchObject({ sshHosts, maxNodes: 2 });
  });

  it('describe the servers of a cloud, with lists as lists in the config file', () => {
    const config = configFile(
      'provisioner: openstack\nopenstack-flavor: m1.small\nopenstack-image: debian\nopenstack-ssh-username: debian\n' +
        'openstack-networks: [private, storage]\nopenstack-security-groups: ssh\n',
    );
    expect(resolveOptions(['--config', config], { ALFRED_OPENSTACK_SECURITY_GROUPS: 'ssh,web' })).toMatchObject({
      provisioner: 'openstack',
      openstackFlavor: 'm1.small',
      openstackImage: 'debian',
      openstackSshUsername: 'debian',
      openstackNetworks: ['private', 'storage'],
      openstackSecurityGroups: ['ssh', 'web'],
      openstackServerGroup: '',
    });
  });

  it.each([
    [['--max-nodes', '0'], '--max-nodes: "0" is no whole number from 1 to 10000'],
    [['--max-nodes', '1.5'], '--max-nodes: "1.5" is no whole number from 1 to 10000'],
    [['--slots-per-node', '-1'], '--slots-per-node: "-1" is no whole number from 1 to 1000'],
    [['--log-level', 'LOUD'], '--log-level: "LOUD" is none of DEBUG, INFO, WARN, ERROR'],
    [['--provisioner', 'cloud'], '--provisioner: "cloud" is none of local, ssh, openstack'],
    [['--provisioner', 'ssh'], '--ssh-hosts: needed with --provisioner ssh: user@host[:port],…'],
    [['--provisioner', 'ssh', '--ssh-hosts', ' , '], '--ssh-hosts: needed with --provisioner ssh'],
    [['--ssh-hosts', 'ci@one'], '--ssh-hosts: only with --provisioner ssh'],
    [['--provisioner', 'ssh', '--ssh-hosts', 'ci@one,two'], '--ssh-hosts: "two" is no host to log in to: write user@host'],
    [['--provisioner', 'ssh', '--ssh-hosts', 'ci@one:0'], '--ssh-hosts: "ci@one:0" is no host to log in to'],
    [['--provisioner', 'ssh', '--ssh-hosts', 'ci@one,ci@one'], '--ssh-hosts: ci@one stands there twice: a host is one node'],
    [
      ['--provisioner', 'ssh', '--ssh-hosts', 'ci@one,ci@two', '--max-nodes', '3'],
      '--max-nodes: 3 are more nodes than --ssh-hosts has hosts (2)',
    ],
    [['--openstack-flavor', 'm1.small'], '--openstack-flavor: only with --provisioner openstack'],
    [
      ['--provisioner', 'openstack', '--openstack-image', 'debian'],
      '--openstack-flavor: needed with --provisioner openstack: flavor of a node, by name or id; ' +
        '--openstack-ssh-username: needed with --provisioner openstack',
    ],
    [
      ['--provisioner', 'openstack', '--openstack-docker-host', 'here'],
      '--openstack-docker-host: "here" is no address of an engine',
    ],
    [['--listen', 'here'], '--listen: "here" is no address: write host:port, :port or unix:PATH'],
    [['--network-range', '10.0.0.0/30'], '--network-range: "10.0.0.0/30" is no IPv4 range'],
    [['--network-range', '10.0.0.300/16'], '--network-range: "10.0.0.300/16" is no IPv4 range'],
    [['--network-range', 'fd00::/8'], '--network-range: "fd00::/8" is no IPv4 range'],
    [['--task-timeout', '5'], '--task-timeout: "5" is no duration'],
    [['--max-node', '5'], "unknown option '--max-node' (Did you mean --max-nodes?)"],
    [['--max-nodes'], "option '--max-nodes <count>' argument missing"],
    [['serve'], 'too many arguments'],
  ])('refuse %j and say why', (argv, message) => {
    expect(refusal(argv)).toContain(message);
  });

  it('tell all problems together, in one line, each with where it was said', () => {
    const config = configFile('max-nodes: none');
    expect(refusal(['--config', config, '--task-timeout', 'soon'], { ALFRED_LOG_FORMAT: 'xml' })).toBe(
      `ALFRED_LOG_FORMAT: "xml" is none of json, text; max-nodes in ${config}: "none" is no whole number from 1 to 10000; ` +
        '--task-timeout: "soon" is no duration: write numbers with units (h, m, s, ms, us, ns), like 1h30m or 500ms',
    );
  });

  it.each([
    ['maxnodes: 3', 'unknown option maxnodes'],
    ['- max-nodes', 'expected options, one a line'],
    ['a: [', 'Flow sequence in block collection must be sufficiently indented'],
  ])('refuse the config file %j', (content, message) => {
    expect(refusal(['--config', configFile(content)])).toContain(message);
  });

  it('refuse a config file that is not there', () => {
    expect(refusal(['--config', join(folder, 'none.yaml')])).toContain('no such file or directory');
  });
});

describe("the server's command line", () => {
  it.each<[argv: string[], command: object]>([
    [[], { type: 'serve' }],
    [['gc'], { type: 'gc', dryRun: false }],
    [['gc', '--dry-run', '--server-data', 'elsewhere'], { type: 'gc', dryRun: true }],
    [['--server-data', 'elsewhere', 'gc', '-n'], { type: 'gc', dryRun: true }],
  ])('%j asks for %j, with the options of a server', (argv, command) => {
    const serverData = argv.includes('elsewhere') ? 'elsewhere' : 'var/server-data';
    expect(resolveCommand(argv, {})).toMatchObject({ ...command, options: { serverData } });
  });

  it.each([
    [['--dry-run'], "unknown option '--dry-run'"],
    [['gc', '--dry'], "unknown option '--dry'"],
    [['gc', 'everything'], "too many arguments for 'gc'"],
  ])('refuses %j', (argv, message) => {
    expect(refusal(argv)).toContain(message);
  });
});
