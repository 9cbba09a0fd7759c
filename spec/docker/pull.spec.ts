import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/docker/errors.ts';
import { ensurePulled, pullFailure } from '../../src/docker/pull.ts';
import { until } from '../support/until.ts';
import { type Answers, type FakeEngine, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const IMAGE = 'registry.example/db:7';

/** An engine that lacks the image until a pull has ended well. */
const lacking = (pull: (report: (message: object) => void) => Promise<void> | void): Answers => {
  let isThere = false;
  return {
    'GET /images/': answer => (isThere ? send(answer, 200, { Config: {} }) : send(answer, 404, { message: 'No such image' })),
    'POST /images/create': async answer => {
      answer.writeHead(200);
      let failed = false;
      await pull(message => {
        failed ||= 'error' in message;
        answer.write(`${JSON.stringify(message)}\r\n`);
      });
      isThere = !failed;
      answer.end();
    },
  };
};

const pulls = ({ asked }: FakeEngine): number => asked.filter(line => line === 'POST /images/create').length;

describe('the image of a service', () => {
  it('is pulled when the engine lacks it, once for all that want it at the same time', async () => {
    const done = Promise.withResolvers<void>();
    await using fake = await fakeEngine(lacking(() => done.promise));
    const said: string[] = [];
    const tasks = ['a', 'b', 'c'].map(task => ensurePulled(fake.engine, IMAGE, text => said.push(`${task}: ${text}`), never));
    await until(async () => said.length === 3);
    done.resolve();
    expect(await Promise.all(tasks)).toEqual(Array(3).fill({ reference: IMAGE, volumes: [] }));
    expect(pulls(fake)).toBe(1);
    expect(said).toEqual(['a', 'b', 'c'].map(task => `${task}: pulling ${IMAGE}`));
    expect(fake.engine.pulls.size).toBe(0);
  });

  it('is not pulled when the engine has it', async () => {
    await using fake = await fakeEngine({
      'GET /images/': answer => send(answer, 200, { Config: { Volumes: { '/data': {} } } }),
    });
    expect(await ensurePulled(fake.engine, IMAGE, () => undefined, never)).toEqual({ reference: IMAGE, volumes: ['/data'] });
    expect(pulls(fake)).toBe(0);
  });

  it("can't be had when the registry says so in the middle of the stream: in its words, and at once", async () => {
    const message = 'manifest for registry.example/db:7 not found: manifest unknown';
    await using fake = await fakeEngine(lacking(report => report({ error: message, errorDetail: { message } })));
    await expect(ensurePulled(fake.engine, IMAGE, () => undefined, never)).rejects.toThrow(`pull ${IMAGE}: ${message}`);
    expect(pulls(fake)).toBe(1);
  });

  it('is waited for when the registry asks for patience, and the task is told why', async () => {
    await using fake = await fakeEngine(
      lacking(report => report({ error: 'toomanyrequests: You have reached your pull rate limit' })),
    );
    const said: string[] = [];
    const stop = new AbortController();
    const pulled = ensurePulled(fake.engine, IMAGE, text => said.push(text), stop.signal);
    await until(async () => said.length === 2);
    stop.abort();
    await expect(pulled).rejects.toThrow('aborted');
    expect(said[1]).toBe(`pull ${IMAGE}: toomanyrequests: You have reached your pull rate limit; trying again in 15 s`);
  });

  it('is pulled again after a failure that may pass', async () => {
    let tries = 0;
    const report = (message: object, tell: (message: object) => void): void => {
      tries += 1;
      if (tries === 1) tell(message);
    };
    await using fake = await fakeEngine(lacking(tell => report({ error: 'Get "https://registry.example/v2/": EOF' }, tell)));
    await ensurePulled(fake.engine, IMAGE, () => undefined, never);
    expect(pulls(fake)).toBe(2);
  });

  it('goes on being pulled for those that wait when others give up', async () => {
    const done = Promise.withResolvers<void>();
    await using fake = await fakeEngine(lacking(() => done.promise));
    const giveUp = new AbortController();
    const tasks = [giveUp.signal, never].map(signal => ensurePulled(fake.engine, IMAGE, () => undefined, signal));
    await until(async () => pulls(fake) === 1);
    giveUp.abort();
    await expect(tasks[0]).rejects.toThrow('aborted');
    done.resolve();
    expect(await tasks[1]).toEqual({ reference: IMAGE, volumes: [] });
    expect(pulls(fake)).toBe(1);
  });

  it('is given up with the last that waits', async () => {
    let isCut = false;
    await using fake = await fakeEngine({
      ...lacking(() => undefined),
      'POST /images/create': answer => {
        answer.writeHead(200);
        answer.write('{"status":"Downloading"}\n');
        answer.once('close', () => {
          isCut = true;
        });
      },
    });
    const giveUp = new AbortController();
    const pulled = ensurePulled(fake.engine, IMAGE, () => undefined, giveUp.signal);
    await until(async () => pulls(fake) === 1);
    giveUp.abort();
    await expect(pulled).rejects.toThrow('aborted');
    await until(async () => isCut);
  });
});

it.each([
  ['toomanyrequests: slow down', 'rateLimit'],
  ['received unexpected HTTP status: 429 Too Many Requests', 'rateLimit'],
  ['pull access denied for x, repository does not exist or may require docker login', 'final'],
  ['manifest unknown', 'final'],
  ['no basic auth credentials', 'final'],
  ['dial tcp 10.0.0.1:443: connect: connection refused', 'failure'],
  ['net/http: TLS handshake timeout', 'failure'],
  ['received unexpected HTTP status: 503 Service Unavailable', 'failure'],
  ['x509: certificate signed by unknown authority', 'final'],
  ['invalid reference format', 'final'],
] as const)('takes the registry\'s "%s" for %s', (words, kind) => {
  expect(pullFailure(new EngineError(`pull x: ${words}`))).toBe(kind);
});
