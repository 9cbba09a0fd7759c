import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HEAD, jobfileFolder, PLAIN } from './support/jobfile-folder.ts';

it('reads a plain jobfile: defaults in place, paths absolute, durations in milliseconds', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(`version: "1"
name: test
about: Unit tests
steps:
  - dockerfile: Dockerfile
    context: docker
    options: [--build-arg, VERSION=3]
env: {CI: "true"}
secrets: {NPM_TOKEN: npm-token}
services:
  cache:
    image: redis:7
    command: [redis-server, --save, ""]
    tmpfs: ["/data:size=64m"]
    env: {TZ_NAME: UTC}
    health: {cmd: [redis-cli, ping], timeout: 1s, interval: 500ms, retries: 30}
  bare: {image: busybox}
tasks: [lint, {name: e2e, slots: 2}, {name: docs, slots: 0}]
`);
  expect(reading).toMatchObject({ ok: true });
  expect(reading.ok && reading.jobfile).toEqual({
    folder: folder.path,
    name: 'test',
    about: 'Unit tests',
    steps: [
      {
        dockerfile: join(folder.path, 'Dockerfile'),
        context: join(folder.path, 'docker'),
        options: ['--build-arg', 'VERSION=3'],
      },
    ],
    env: [{ key: 'CI', value: 'true' }],
    secrets: [{ key: 'NPM_TOKEN', value: 'npm-token' }],
    services: [
      {
        name: 'cache',
        image: 'redis:7',
        command: ['redis-server', '--save', ''],
        tmpfs: ['/data:size=64m'],
        env: [{ key: 'TZ_NAME', value: 'UTC' }],
        health: { cmd: 'redis-cli', args: ['ping'], timeoutMs: 1_000, intervalMs: 500, retries: 30 },
      },
      { name: 'bare', image: 'busybox', command: [], tmpfs: [], env: [], health: null },
    ],
    tasks: [
      { name: 'lint', slots: 1 },
      { name: 'e2e', slots: 2 },
      { name: 'docs', slots: 1 },
    ],
  });
});

it('keeps texts as they were typed, whatever YAML takes them for', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(`version: 1
name: test
steps:
  - {dockerfile: Dockerfile, context: ., options: [--build-arg, 1.10]}
env: {VERSION: 1.10, DEBUG: yes, HEX: 0x1F, ON_OFF: true, NOTHING: , TILDE: ~, DATE: 2024-01-01, LONG: 12345678901234567890}
tasks: [42, {name: 007}]
`);
  expect(reading.ok && reading.jobfile.env.map(({ value }) => value)).toEqual([
    '1.10',
    'yes',
    '0x1F',
    'true',
    '',
    '',
    '2024-01-01',
    '12345678901234567890',
  ]);
  expect(reading.ok && reading.jobfile.steps[0]?.options).toEqual(['--build-arg', '1.10']);
  expect(reading.ok && reading.jobfile.tasks.map(({ name }) => name)).toEqual(['42', '007']);
});

it('takes a key with nothing behind it for no key', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(`${PLAIN}about:\nenv:\nsecrets:\nservices:\n`);
  expect(reading.ok && reading.jobfile).toMatchObject({ about: '', env: [], secrets: [], services: [] });
});

it('fills in the health check that a service leaves out, and runs a command line with a shell', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(
    `${PLAIN}services: {db: {image: postgres, health: {cmd: pg_isready -h 127.0.0.1}}, mq: {image: mq, health: {cmd: /ready}}}\n`,
  );
  expect(reading.ok && reading.jobfile.services.map(({ health }) => health)).toEqual([
    { cmd: 'sh', args: ['-c', 'pg_isready -h 127.0.0.1'], timeoutMs: 5_000, intervalMs: 10_000, retries: 3 },
    { cmd: '/ready', args: [], timeoutMs: 5_000, intervalMs: 10_000, retries: 3 },
  ]);
});

it('accepts trailing commas, anchors and merge keys', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(`${HEAD}env: &shared {CI: "1", LEVEL: info,}
services:
  db: &db
    image: postgres
    env: {<<: *shared, LEVEL: debug}
  replica: {<<: [*db], image: postgres:16}
tasks: [lint, test,]
`);
  expect(reading.ok && reading.jobfile.services).toMatchObject([
    {
      name: 'db',
      image: 'postgres',
      env: [
        { key: 'CI', value: '1' },
        { key: 'LEVEL', value: 'debug' },
      ],
    },
    {
      name: 'replica',
      image: 'postgres:16',
      env: [
        { key: 'CI', value: '1' },
        { key: 'LEVEL', value: 'debug' },
      ],
    },
  ]);
});

it('looks for files from the folder of the jobfile, not from where it was started', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(
    `version: "1"\nname: test\nsteps: [{dockerfile: ./docker/../Dockerfile, context: docker}]\ntasks: [lint]\n`,
  );
  expect(reading.ok && reading.jobfile.steps[0]).toMatchObject({
    dockerfile: join(folder.path, 'Dockerfile'),
    context: join(folder.path, 'docker'),
  });
});

it('hands back the rendered source, comments and all', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(`# for {{ index .Args 0 }}\n${PLAIN}`, { args: ['me'] });
  expect(reading.ok && reading.rendered).toBe(`# for me\n${PLAIN}`);
});

it('rejects with the reason when it is aborted', async () => {
  await using folder = await jobfileFolder();
  const controller = new AbortController();
  const reading = folder.read(`${PLAIN}# {{ shell "sleep 60" }}`, { env: { PATH: process.env.PATH }, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('Ctrl+C')), 50);
  await expect(reading).rejects.toThrow('Ctrl+C');
});
