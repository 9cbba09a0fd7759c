import { setTimeout as delay } from 'node:timers/promises';
import { untilAborted } from '../base/until-aborted.ts';
import { UnreachableError } from '../engine/ports.ts';
import type { Engine } from './engine.ts';
import { EngineError, findCause, messageOf, toEngineError } from './errors.ts';
import { findImage, type LocalImage } from './images.ts';
import { readMessages } from './messages.ts';

/** A pull that several tasks wait for. It is given up when the last of them gives up. */
export type SharedPull = { readonly done: Promise<void>; readonly stop: AbortController; waiting: number };

/** A registry that sends nothing for so long won't. Unpacking a large layer sends progress too. */
const STALL_LIMIT_MS = 5 * 60_000;

/** Waits before another try: for a registry that asks for fewer pulls (429), and for failures that may pass. */
const RATE_LIMIT_WAITS_MS = [15_000, 30_000, 60_000, 120_000, 240_000];
const FAILURE_WAITS_MS = [1_000, 4_000, 10_000];

/** What a task is told about its pulls. */
export type Say = (text: string) => void;

/** The image, pulled unless the engine has it. Rejects with the registry's words. */
export const ensurePulled = async (engine: Engine, image: string, say: Say, signal: AbortSignal): Promise<LocalImage> => {
  const present = await findImage(engine, image, signal);
  if (present !== null) return present;
  say(`pulling ${image}`);
  await sharedPull(engine, image, say, signal);
  const pulled = await findImage(engine, image, signal);
  if (pulled === null) throw new EngineError(`pull ${image}: it was pulled, and is not there`);
  return pulled;
};

/** Joins the pull of this image that is under way, or starts one. */
const sharedPull = async (engine: Engine, image: string, say: Say, signal: AbortSignal): Promise<void> => {
  const pull = engine.pulls.get(image) ?? startPull(engine, image, say);
  pull.waiting += 1;
  try {
    await untilAborted(pull.done, signal);
  } finally {
    pull.waiting -= 1;
    if (pull.waiting === 0) {
      pull.stop.abort(new Error('nobody waits for the pull any more'));
      // Not to be joined while it ends.
      if (engine.pulls.get(image) === pull) engine.pulls.delete(image);
    }
  }
};

const startPull = (engine: Engine, image: string, say: Say): SharedPull => {
  const stop = new AbortController();
  const pull: SharedPull = { done: pullPersistently(engine, image, say, stop.signal), stop, waiting: 0 };
  engine.pulls.set(image, pull);
  return pull;
};

/** Pulls, and waits and tries again where that may help. `say`: the first task that waits hears why it takes so long. */
const pullPersistently = async (engine: Engine, image: string, say: Say, signal: AbortSignal): Promise<void> => {
  const waits = { rateLimit: [...RATE_LIMIT_WAITS_MS], failure: [...FAILURE_WAITS_MS] };
  for (;;) {
    try {
      await pullOnce(engine, image, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const unreachable = findCause(error, UnreachableError);
      if (unreachable !== null) {
        await unreachable.reachable(signal);
        continue;
      }
      const kind = pullFailure(error);
      const waitMs = kind === 'final' ? undefined : waits[kind].shift();
      if (waitMs === undefined) throw error;
      say(`${messageOf(error)}; trying again in ${waitMs / 1_000} s`);
      await delay(waitMs, undefined, { signal });
    }
  }
};

const pullOnce = async (engine: Engine, image: string, signal: AbortSignal): Promise<void> => {
  const what = `pull ${image}`;
  const stalled = new AbortController();
  const stall = setTimeout(() => stalled.abort(), STALL_LIMIT_MS);
  const cut = AbortSignal.any([signal, stalled.signal]);
  try {
    const authconfig = await engine.credentialsFor(image);
    const answer = engine.docker.pull(image, { abortSignal: cut, ...(authconfig !== null && { authconfig }) });
    for await (const _ of readMessages(what, (await untilAborted(answer, cut)) as unknown as AsyncIterable<Buffer>))
      stall.refresh();
  } catch (error) {
    if (stalled.signal.aborted)
      throw new EngineError(`${what}: no progress in ${STALL_LIMIT_MS / 60_000} minutes`, { cause: error });
    throw toEngineError(what, error);
  } finally {
    clearTimeout(stall);
  }
};

/**
 * What a pull's failure is, by the words of engine and registry: there are hardly any codes. `rateLimit` passes with time,
 * `failure` may, `final` won't.
 */
export const pullFailure = (error: unknown): 'rateLimit' | 'failure' | 'final' => {
  const words = messageOf(error);
  if (/toomanyrequests|too many requests|rate limit|\b429\b/i.test(words)) return 'rateLimit';
  if (/not found|unknown|denied|unauthorized|no basic auth|does not exist|invalid reference|no matching manifest/i.test(words))
    return 'final';
  const mayPass =
    /timeout|timed out|connection (refused|reset)|no route to host|unexpected EOF|: EOF|TLS handshake|temporary failure|i\/o|\b50[0234]\b/i;
  return mayPass.test(words) || (error instanceof EngineError && error.transient) ? 'failure' : 'final';
};
