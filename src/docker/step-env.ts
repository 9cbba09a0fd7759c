import type { SecretStore } from '../engine/ports.ts';
import type { TaskScope } from './task-scope.ts';

/** The environment of a task's steps: the job's, then its secrets in base64, then what Alfred says of the task; the later wins. */
export const stepEnv = async (scope: TaskScope, secrets: SecretStore): Promise<readonly string[]> => {
  const { spec } = scope.run;
  const env = new Map(spec.env.map(({ key, value }) => [key, value]));
  for (const { key, value: name } of spec.secrets) env.set(key, Buffer.from(await secrets.read(name)).toString('base64'));
  env.set('ALFRED_TASK', scope.name);
  env.set('ALFRED_TASK_FQN', scope.fullName);
  env.set('ALFRED_NB_SLOTS_FOR_TASK', String(scope.slots));
  env.set('ALFRED_SHARED', '/alfred/shared');
  env.set('ALFRED_OUTPUT', '/alfred/output');
  return Array.from(env, ([key, value]) => `${key}=${value}`);
};
