/** A real OpenStack that can't or won't: what people are told, that what can go on does, and that nothing is left behind. */
import { setTimeout as delay } from 'node:timers/promises';
import { filter, firstValueFrom, mergeMap, tap, throwError, timeout } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectClient } from '../../src/rpc/client.ts';
import type { Program } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { FLAGS, freezeNova, openTenant, type Tenant } from '../support/openstack.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

/** Longer than any machine takes to boot, or not to. */
const LIMIT_MS = 420_000;

/** A later flag outweighs an earlier one. */
const trouble = (...flags: readonly string[]): readonly string[] => [
  ...FLAGS,
  ...['--max-nodes', '1', '--provisioning-failure-cooldown', '2s'],
  ...flags,
];

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk[Symbol.asyncDispose]());

const alfred = (server: ServerLives, ...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

const submit = async (server: ServerLives, script = 'echo done', tasks: readonly string[] = ['one']): Promise<string> => {
  const { stdout, stderr, exitCode } = await alfred(server, 'run', '--async', await desk.job({ script, tasks }));
  expect(exitCode, stderr).toBe(0);
  return stdout;
};

/** Resolves once a node gives a reason that matches: what `top` shows of it. */
const told = async (server: ServerLives, pattern: RegExp): Promise<void> => {
  const client = connectClient({ address: server.remote });
  const heard = new Set<string>();
  const reasons$ = client.watchStatus().pipe(
    mergeMap(({ nodes }) => nodes.flatMap(({ reason }) => reason ?? [])),
    tap(reason => heard.add(reason)),
    filter(reason => pattern.test(reason)),
    timeout({ first: LIMIT_MS, with: () => throwError(() => new Error(`nodes said only: ${[...heard].join('; ')}`)) }),
  );
  await firstValueFrom(reasons$).finally(() => client.close());
};

const machinesAreGone = (tenant: Tenant): Promise<void> => until(async () => (await tenant.servers()).length === 0, LIMIT_MS);

const expectNothingLeft = async (server: ServerLives, tenant: Tenant): Promise<void> => {
  const { exitCode, log } = await server.stop();
  expect(exitCode, log).toBe(0);
  expect(await tenant.left()).toEqual([]);
};

describe('a machine that OpenStack does not make', () => {
  it.each([
    ['of an unknown flavor', ['--openstack-flavor', 'gigantic'], /flavor "gigantic".*there are: medium, small, vast/],
    ['of an unknown image', ['--openstack-image', 'debian-12-dokcer'], /image "debian-12-dokcer".*did you mean debian-12-docker/],
    ['on an unknown network', ['--openstack-networks', 'public'], /network "public".*there are: only-ipv6, private/],
    ['that no host has room for', ['--openstack-flavor', 'vast'], /No valid host/],
  ])('%s is told with its reason, as often as it is tried, and leaves nothing', async (_, flags, words) => {
    await using tenant = await openTenant();
    await using server = await openServer({ flags: trouble(...flags), env: tenant.env });
    const job = await submit(server);

    await told(server, words);

    await machinesAreGone(tenant);
    expect(await alfred(server, 'cancel', job)).toMatchObject({ exitCode: 0 });
    await expectNothingLeft(server, tenant);
  });

  it('as the quota is used up is told; the machines that there are do all the work', async () => {
    await using tenant = await openTenant({ servers: 1 });
    await using server = await openServer({ flags: trouble('--max-nodes', '2', '--slots-per-node', '1'), env: tenant.env });
    const job = await submit(server, 'sleep 1', ['one', 'two', 'three']);

    await told(server, /quota exceeded: instances 1 of 1/);

    expect(await alfred(server, 'watch', job)).toMatchObject({ exitCode: 0 });
    await machinesAreGone(tenant);
    expect(await tenant.everMade()).toHaveLength(1);
    await expectNothingLeft(server, tenant);
  });
});

describe('a machine that is of no use', () => {
  it.each([
    [
      'as it has no IPv4 address',
      ['--openstack-networks', 'only-ipv6'],
      /no IPv4 address in .* it has fd77:.*--openstack-networks/,
    ],
    ['as nothing answers there', ['--openstack-image', 'blank'], /booted, but ssh does not answer/],
  ])('%s is told with its reason, and removed', async (_, flags, words) => {
    await using tenant = await openTenant();
    // Once is enough.
    await using server = await openServer({
      flags: trouble('--provisioning-failure-cooldown', '10m', ...flags),
      env: tenant.env,
    });
    const job = await submit(server);

    await told(server, words);

    await machinesAreGone(tenant);
    expect(await alfred(server, 'cancel', job)).toMatchObject({ exitCode: 0 });
    await expectNothingLeft(server, tenant);
  });

  it('yet, as it boots, goes with the server that stops', async () => {
    await using tenant = await openTenant();
    await using server = await openServer({ flags: trouble(), env: tenant.env });
    await submit(server);
    await until(async () => (await tenant.servers()).length === 1);

    await expectNothingLeft(server, tenant);
  });
});

describe('OpenStack in trouble', () => {
  it('that takes the tokens away gets new ones made, and the job does not notice', async () => {
    await using tenant = await openTenant();
    await using server = await openServer({ flags: trouble(), env: tenant.env });
    const job = await submit(server);
    await until(async () => (await tenant.servers()).length === 1);

    await tenant.revokeTokens();

    expect(await alfred(server, 'watch', job)).toMatchObject({ exitCode: 0 });
    await machinesAreGone(tenant);
    expect(await tenant.everMade()).toHaveLength(1);
    await expectNothingLeft(server, tenant);
  });

  it('whose API hangs for twenty seconds, when a machine is asked for and when it is to go, costs time alone', async () => {
    await using tenant = await openTenant();
    await using server = await openServer({ flags: trouble(), env: tenant.env });
    const outage = async (): Promise<void> => {
      using _ = await freezeNova();
      await delay(20_000);
    };
    const job = await submit(server);
    await outage();

    expect(await alfred(server, 'watch', job)).toMatchObject({ exitCode: 0 });
    await outage();

    await machinesAreGone(tenant);
    expect(await tenant.everMade()).toHaveLength(1);
    await expectNothingLeft(server, tenant);
  });
});
