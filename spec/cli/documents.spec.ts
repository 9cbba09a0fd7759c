import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { DOCUMENTS } from '../../src/cli/documents.ts';
import type { JobId } from '../../src/domain/names.ts';
import type { AlfredClient } from '../../src/rpc/client-port.ts';
import { logText } from '../support/log-text.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { alfred } from './support/alfred.ts';
import {
  aborted,
  completed,
  failed,
  finished,
  job,
  queued,
  running,
  serverStatus,
  skipped,
  timedOut,
  warned,
} from './support/jobs.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

const done = finished(
  [
    completed('build'),
    failed('e2e', { exitCode: 137, reason: 'out of memory' }),
    failed('broken', { exitCode: -1, startedAt: null }),
    warned('lint'),
    skipped('release'),
    timedOut('fuzz'),
    aborted('docs'),
  ],
  { scheduledAt: 0, completedAt: 10_000 },
);
const open = job([running('unit'), queued('deploy')], { name: 'release-calm-heron' as JobId, scheduledAt: 0 });

/** A server with both jobs, that takes any other. */
const client: Partial<AlfredClient> = {
  ping: async () => ({ version: '9.9.9', commit: 'abcdef0' }),
  watchJobs: () => of([done, open]),
  watchStatus: () => of(serverStatus([done, open])),
  listJobs: async () => [],
  watchJob: name => of([open].find(one => one.name === name) ?? done),
  uploadImage: async () => 'present',
  scheduleJob: async () => done.name,
  rerunJob: async () => done.name,
  readLogs: async function* () {
    yield logText('before any header\n==> unit-step-1.log <==\n2026-01-15T12:00:01.123456789Z \u001b[32mfine\u001b[0m\n');
  },
  downloadArtifact: async function* () {
    yield Buffer.from('no more than a name');
  },
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
  await mkdir(join(folder, 'image'));
  await writeFile(join(folder, 'image', 'Dockerfile'), 'FROM scratch\n');
  const steps = 'steps: [{ dockerfile: image/Dockerfile, context: image }]';
  const services = 'services: { db: { image: redis, env: { AB: c }, tmpfs: [/data], health: { cmd: redis-cli ping } } }';
  await writeFile(
    join(folder, 'fine.yaml'),
    `version: "1"\nname: nightly\n${steps}\n${services}\nsecrets: { KEY: key }\ntasks: [unit]\n`,
  );
  await writeFile(join(folder, 'wrong.yaml'), `version: "1"\nname: Nightly\n${steps}\ntsaks: [unit]\n`);
  await writeFile(join(folder, 'stops.yaml'), '{{ error "not on a Sunday" }}\n');
});

afterAll(() => rm(folder, { recursive: true }));

const documentsOf = async (argv: readonly string[]): Promise<readonly unknown[]> => {
  const { stdout } = await alfred(['--json', ...argv], {
    client,
    io: { cwd: folder },
    doors: { clock: createVirtualTime().time.scheduler, buildImages: async ({ steps }) => steps.map(() => 'sha256:abc') },
  });
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
};

/** The format says it; a calendar as a regular expression says nothing to anybody. */
const withoutTimePattern = ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};

describe('the documents of --json', () => {
  it.each([
    ['run', ['run', 'fine.yaml']],
    ['run', ['run', '--async', 'fine.yaml']],
    ['run', ['run', '--dry-run', 'fine.yaml']],
    ['rerun', ['rerun', 'otter']],
    ['rerun', ['rerun', '--async', 'otter']],
    ['watch', ['watch', 'otter']],
    ['watch', ['watch', '-v', 'release-calm-heron']],
    ['ps', ['ps', '--all']],
    ['show', ['show', 'otter']],
    ['show', ['show', 'release-calm-heron']],
    ['logs', ['logs', 'release-calm-heron']],
    ['logs', ['logs', 'otter', 'build', '--no-timestamps']],
    ['artifact', ['artifact', 'release-calm-heron', '-o', 'out']],
    ['check', ['check', 'wrong.yaml']],
    ['check', ['check', 'stops.yaml']],
    ['check', ['check', 'missing.yaml']],
    ['version', ['version']],
  ] as const)('of %s are as its schema says, and hold nothing that it does not name: alfred %j', async (command, argv) => {
    const documents = await documentsOf(argv.map(word => (word.endsWith('.yaml') ? join(folder, word) : word)));
    expect(documents.length).toBeGreaterThan(0);
    // Parsing leaves out what the schema does not know.
    for (const document of documents) expect(DOCUMENTS[command].parse(document)).toStrictEqual(document);
  });

  it.each(Object.keys(DOCUMENTS) as readonly (keyof typeof DOCUMENTS)[])(
    'of %s have a JSON Schema, which allows them to grow; `-u` renews it',
    async command => {
      // What comes in may hold more than is known of it: older scripts read newer documents.
      const schema = z.toJSONSchema(DOCUMENTS[command], { io: 'input', override: withoutTimePattern });
      const titled = { ...schema, title: `A line of \`alfred ${command} --json\`` };
      await expect(`${JSON.stringify(titled, null, 2)}\n`).toMatchFileSnapshot(
        `../../src/cli/json-schema/${command}.schema.json`,
      );
    },
  );
});
