/**
 * The server is killed again and again, at moments that hurt, while a job runs: nobody who waits for the job notices. The seed
 * is printed; `CHAOS_SEED=<seed> npm test -- spec/e2e/chaos.spec.ts` kills in the same order.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { connectClient } from '../../src/rpc/client.ts';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import { alfredServer, type Program, said } from '../support/binary.ts';
import { dice, upTo } from '../support/chance.ts';
import { openDesk } from '../support/desk.ts';
import { describeOnEngine, expectNothingLeft, theEngine } from '../support/engine.ts';
import { scriptImage } from '../support/images.ts';
import { openLedger, writeInLedger } from '../support/ledger.ts';

const KILLS = 15;
const LINES = 30;

const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

/** Tasks by what they do, which their names begin with. */
const KINDS = { cancel: 1, plain: 20, fail: 5, warn: 5, skip: 5, slow: 4 } as const;
type Kind = keyof typeof KINDS;

const TASKS = (Object.keys(KINDS) as Kind[]).flatMap(kind => Array.from({ length: KINDS[kind] }, (_, n) => `${kind}-${n + 1}`));

const kindOf = (task: string): Kind => task.split('-')[0] as Kind;

/** How each kind ends, and after which of the two steps. */
const ENDINGS: Readonly<Record<Kind, { readonly state: string; readonly exitCode: number | null; readonly steps: number }>> = {
  plain: { state: 'completed', exitCode: 0, steps: 2 },
  slow: { state: 'completed', exitCode: 0, steps: 2 },
  fail: { state: 'failed', exitCode: 7, steps: 2 },
  warn: { state: 'failed', exitCode: 42, steps: 2 },
  skip: { state: 'skipped', exitCode: 43, steps: 1 },
  cancel: { state: 'aborted', exitCode: null, steps: 1 },
};

/** What each step does, in busybox's shell; `$STEP` is its number. */
const script = (ledgerPort: number): string => `
  ${writeInLedger(ledgerPort, '$ALFRED_TASK $STEP')}
  [ $STEP = 1 ] || cat "$ALFRED_SHARED/from-step-1"
  n=0
  while [ $n -lt ${LINES} ]; do
    echo "$ALFRED_TASK step $STEP line $n"
    n=$((n + 1))
    [ $((n % 10)) != 0 ] || sleep 0.1
  done
  wget -q -O - http://web:8080/hello
  echo "made by step 1" > "$ALFRED_SHARED/from-step-1"
  echo "$ALFRED_TASK" >> "$ALFRED_OUTPUT/made"
  case "$ALFRED_TASK $STEP" in
    cancel-*) sleep 600 ;;
    slow-*) sleep 3 ;;
    skip-*) exit 43 ;;
    fail-*2) exit 7 ;;
    warn-*2) exit 42 ;;
  esac`;

const expectedLog = (task: string, step: number): string => {
  const lines = Array.from({ length: LINES }, (_, n) => `${task} step ${step} line ${n}`);
  return [...(step === 1 ? [] : ['made by step 1']), ...lines, 'hello from the service', ''].join('\n');
};

const WEB = 'mkdir /www && echo "hello from the service" > /www/hello && exec httpd -f -p 8080 -h /www';

const writeJob = async (folder: string, name: string, ledgerPort: number): Promise<string> => {
  for (const step of [1, 2]) {
    const dockerfile = `FROM ${await scriptImage('eval "$SCRIPT"')}\nENV STEP=${step}\n`;
    await writeFile(join(folder, `Dockerfile.${step}`), dockerfile);
  }
  const jobfile = {
    version: '1',
    name,
    steps: [1, 2].map(step => ({ dockerfile: `Dockerfile.${step}`, context: '.' })),
    env: { SCRIPT: script(ledgerPort) },
    services: {
      web: {
        image: await scriptImage(WEB),
        health: { cmd: 'wget -q -O /dev/null http://127.0.0.1:8080/hello', interval: '200ms' },
      },
    },
    tasks: TASKS,
  };
  await writeFile(join(folder, 'job.yaml'), stringify(jobfile));
  return join(folder, 'job.yaml');
};

/** What the engine has just done when the server is killed: the server is then about to hear of it. */
const MOMENTS = {
  'a network was made': ({ Type, Action }) => Type === 'network' && Action === 'create',
  'a service started': ({ Action, role }) => Action === 'start' && role === 'service',
  'a step was made': ({ Action, role }) => Action === 'create' && role === 'step',
  'step 1 ended': ({ Action, role, step }) => Action === 'die' && role === 'step' && step === '1',
  'step 2 ended': ({ Action, role, step }) => Action === 'die' && role === 'step' && step === '2',
} as const satisfies Record<string, (event: EngineEvent) => boolean>;

type EngineEvent = {
  readonly Type: string;
  readonly Action: string;
  readonly role: string | undefined;
  readonly step: string | undefined;
};

/** Each moment twice, and others drawn by chance, in an order drawn by chance: milliseconds, where no moment is named. */
const drawMoments = (seed: number): readonly (keyof typeof MOMENTS | number)[] => {
  const chance = dice(seed);
  const named = Object.keys(MOMENTS) as (keyof typeof MOMENTS)[];
  const moments = [...named, ...named, ...Array.from({ length: KILLS - 2 * named.length }, () => upTo(2_500, chance))];
  return moments
    .map(moment => ({ moment, at: chance() }))
    .sort((a, b) => a.at - b.at)
    .map(({ moment }) => moment);
};

/** Resolves when the moment has come for this job, or some seconds passed without it. */
const comes = async (moment: keyof typeof MOMENTS | number, jobName: string): Promise<void> => {
  if (typeof moment === 'number') return void (await delay(moment));
  const { docker } = theEngine();
  const over = new AbortController();
  const events = await docker.getEvents({ abortSignal: over.signal });
  const seen = (async () => {
    for await (const chunk of events)
      for (const line of String(chunk).split('\n').filter(Boolean)) {
        const { Type, Action, Actor } = JSON.parse(line);
        const attributes = Actor.Attributes;
        const event = { Type, Action, role: attributes['alfred.role'], step: attributes['alfred.step'] };
        if (attributes.name?.startsWith(`alfred-${jobName}-`) && MOMENTS[moment](event)) return;
      }
  })();
  await Promise.race([seen, delay(4_000)]);
  over.abort();
  await seen.catch(() => {});
};

describeOnEngine('a server that is killed again and again', () => {
  it(`loses nothing, does nothing twice and leaves nothing behind (seed ${SEED})`, { timeout: 300_000 }, async ({
    onTestFinished,
  }) => {
    const ledger = await openLedger();
    const desk = await openDesk();
    const job = await writeJob(desk.path, desk.jobName, ledger.port);
    const [remote, data, workspace] = ['alfred.sock', 'data', 'workspace'].map(name => join(desk.path, name)) as [
      string,
      string,
      string,
    ];
    const flags = ['--max-nodes', '2', '--slots-per-node', '4', '--task-startup-delay', '0s', '--provisioning-delay', '0s'];

    // Not returned bare: a program is a promise of its end.
    const start = async (): Promise<{ readonly program: Program }> => {
      const program = alfredServer([
        '--listen',
        `unix:${remote}`,
        '--server-data',
        data,
        '--node-workspace',
        workspace,
        ...flags,
      ]);
      await said(program, /"listening"/);
      return { program };
    };

    let server = await start();
    const stop = () => {
      server.program.kill('SIGTERM');
      return server.program;
    };
    // One after the other: what is left is counted when the server has stopped.
    onTestFinished(async () => {
      await stop();
      await ledger[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    });
    const { stdout: jobId } = await desk.alfred(['--remote', `unix:${remote}`, 'run', '--async', job]);
    const watch = desk.alfred(['--remote', `unix:${remote}`, 'watch', jobId]);
    await said(watch, /running/);

    for (const [kill, moment] of drawMoments(SEED).entries()) {
      await comes(moment, desk.jobName);
      server.program.kill('SIGKILL');
      await server.program;
      server = await start();
      if (kill === KILLS - 4) await desk.alfred(['--remote', `unix:${remote}`, 'cancel', jobId, 'cancel-1']);
    }

    const { exitCode, all } = await watch;
    expect(exitCode, all).toBe(1);

    const client = connectClient({ address: `unix:${remote}` });
    const { tasks } = await lastValueFrom(client.watchJob(jobId));
    await client.close();
    const endings = tasks.toArray().map(({ name, state, exitCode }) => ({ name, state, exitCode }));
    expect(endings).toEqual(TASKS.map(name => ({ name, ...withoutSteps(ENDINGS[kindOf(name)]) })));

    const everyStepOnce = TASKS.flatMap(task =>
      Array.from({ length: ENDINGS[kindOf(task)].steps }, (_, n) => `${task} ${n + 1}`),
    );
    expect(ledger.lines.toSorted()).toEqual(everyStepOnce.toSorted());

    for (const task of TASKS) {
      const files = await filesIn(join(data, 'artifacts', jobId, `${task}.tar.zst`));
      const { steps } = ENDINGS[kindOf(task)];
      expect(files.made).toBe(`${task}\n`.repeat(steps));
      for (let step = 1; step <= steps; step += 1)
        expect(withoutTimestamps(files[`${task}-step-${step}.log`])).toBe(expectedLog(task, step));
    }
    expect((await stop()).exitCode).toBe(0);
    const artifacts = await readdir(join(data, 'artifacts', jobId));
    expect(artifacts.toSorted()).toEqual(TASKS.map(task => `${task}.tar.zst`).toSorted());
    const instance = (await readFile(join(data, 'instance'), 'utf8')).trim();
    await expectNothingLeft(instance, { list: () => readdir(workspace) });
  });
});

const withoutSteps = ({ state, exitCode }: (typeof ENDINGS)[Kind]) => ({ state, exitCode });
