import { describe, expect, it } from 'vitest';
import { ensureContainer, removeContainer, startContainer, stopContainer, waitForEnd } from '../../src/docker/containers.ts';
import { fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const labels = { 'alfred.server': 'me' };

describe('a container', () => {
  it('is not started twice when the answer to its start gets lost', async () => {
    let state = 'created';
    let starts = 0;
    await using fake = await fakeEngine({
      'GET /containers/x/json': answer => send(answer, 200, { State: { Status: state } }),
      'POST /containers/x/start': answer => {
        starts += 1;
        state = 'exited';
        answer.destroy();
      },
    });
    await startContainer(fake.engine, 'x', never);
    expect(starts).toBe(1);
  });

  it('is started in the end when the engine was away', async () => {
    let starts = 0;
    await using fake = await fakeEngine({
      'GET /containers/x/json': answer => send(answer, 200, { State: { Status: 'created' } }),
      'POST /containers/x/start': answer => {
        starts += 1;
        if (starts === 1) answer.destroy();
        else send(answer, 204);
      },
    });
    await startContainer(fake.engine, 'x', never);
    expect(starts).toBe(2);
  });

  it('starts all the same when the engine has made its network twice: the other network goes', async () => {
    const twin = { Name: 'alfred-j-t', Labels: labels, IPAM: { Config: [] } };
    const networks = new Map(['mine', 'twin'].map(Id => [Id, { ...twin, Id }]));
    let started = false;
    await using fake = await fakeEngine({
      'GET /containers/x/json': answer =>
        send(answer, 200, { State: { Status: 'created' }, HostConfig: { NetworkMode: 'mine' } }),
      'GET /networks': answer => send(answer, 200, [...networks.values()]),
      'DELETE /networks/twin': answer => {
        networks.delete('twin');
        send(answer, 204);
      },
      'POST /containers/x/start': answer => {
        if (networks.size > 1) return send(answer, 400, { message: 'network alfred-j-t is ambiguous (2 matches found on name)' });
        started = true;
        send(answer, 204);
      },
    });
    await startContainer(fake.engine, 'x', never);
    expect(started).toBe(true);
    expect([...networks.keys()]).toEqual(['mine']);
  });

  it('is waited for over a connection that breaks in the middle of the answer', async () => {
    let waits = 0;
    await using fake = await fakeEngine({
      'POST /containers/x/wait': answer => {
        waits += 1;
        if (waits > 1) return send(answer, 200, { StatusCode: 7 });
        answer.writeHead(200);
        answer.write('{"Stat');
        setImmediate(() => answer.destroy());
      },
      'GET /containers/x/json': answer => send(answer, 200, { State: { Running: false, ExitCode: 7, OOMKilled: false } }),
    });
    expect(await waitForEnd(fake.engine, 'x', never)).toEqual({ code: 7, outOfMemory: false, engineWasAway: true });
    expect(waits).toBe(2);
  });

  it('ran out of memory also when the engine says it a moment after the end', async () => {
    let inspected = 0;
    await using fake = await fakeEngine({
      'POST /containers/x/wait': answer => send(answer, 200, { StatusCode: 137 }),
      'GET /containers/x/json': answer => {
        inspected += 1;
        send(answer, 200, { State: { Running: false, ExitCode: 137, OOMKilled: inspected > 1 } });
      },
    });
    expect(await waitForEnd(fake.engine, 'x', never)).toEqual({ code: 137, outOfMemory: true, engineWasAway: false });
  });

  it('is gone as soon as it is on its way out', async () => {
    await using fake = await fakeEngine({
      'POST /containers/x/wait': answer => send(answer, 200, { StatusCode: 137 }),
      'GET /containers/x/json': answer => send(answer, 200, { State: { Running: false, Status: 'removing', ExitCode: 137 } }),
    });
    expect(await waitForEnd(fake.engine, 'x', never)).toBeNull();
  });

  it('is known to be gone when the engine does not know it', async () => {
    await using fake = await fakeEngine({});
    expect(await waitForEnd(fake.engine, 'x', never)).toBeNull();
  });

  it('that had ended before was not stopped', async () => {
    await using fake = await fakeEngine({ 'POST /containers/x/stop': answer => send(answer, 304) });
    expect(await stopContainer(fake.engine, 'x', 1_000)).toBe(false);
  });

  it('keeps its environment out of the address of the request', async () => {
    let query = '';
    let sent: unknown;
    await using fake = await fakeEngine({
      'POST /containers/create': (answer, { url, body }) => {
        query = url.search;
        sent = body;
        send(answer, 201, { Id: 'x' });
      },
    });
    await ensureContainer(fake.engine, { name: 'a', labels, spec: { Image: 'i', Env: ['PASSWORD=secret'] } }, never);
    expect(query).toBe('?name=a');
    expect(sent).toEqual({ Image: 'i', Env: ['PASSWORD=secret'], Labels: labels });
  });

  it('is found though its name was taken before it could be seen', async () => {
    let looks = 0;
    await using fake = await fakeEngine({
      'POST /containers/create': answer => send(answer, 409, { message: 'the name is in use' }),
      'GET /containers/a/json': answer => {
        looks += 1;
        if (looks < 3) send(answer, 404, { message: 'No such container' });
        else send(answer, 200, { Id: 'made-before', Config: { Labels: labels } });
      },
    });
    expect(await ensureContainer(fake.engine, { name: 'a', labels, spec: { Image: 'i' } }, never)).toEqual({
      id: 'made-before',
      isNew: false,
    });
  });

  it("is adopted when its name is taken by the task's own, and by no other", async () => {
    let found: object = labels;
    await using fake = await fakeEngine({
      'POST /containers/create': answer => send(answer, 409, { message: 'the name is in use' }),
      'GET /containers/a/json': answer => send(answer, 200, { Id: 'made-before', Config: { Labels: found } }),
    });
    const made = { name: 'a', labels, spec: { Image: 'i' } };
    expect(await ensureContainer(fake.engine, made, never)).toEqual({ id: 'made-before', isNew: false });
    found = { 'alfred.server': 'somebody else' };
    await expect(ensureContainer(fake.engine, made, never)).rejects.toThrow(
      "name a is taken by a container that is not this task's",
    );
  });

  it('that the engine is removing for somebody else is waited for over a connection that breaks', async () => {
    let waits = 0;
    await using fake = await fakeEngine({
      'DELETE /containers/a': answer => send(answer, 409, { message: 'removal of container a is already in progress' }),
      'POST /containers/a/wait': answer => {
        waits += 1;
        if (waits === 1) answer.writeHead(200).destroy();
        else send(answer, 200, { StatusCode: 0 });
      },
    });
    await removeContainer(fake.engine, 'a');
    expect(waits).toBe(2);
  });
});
