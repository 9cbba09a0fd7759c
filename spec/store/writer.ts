/**
 * Run by a spec as a process that gets killed: takes job after job into the journal of the folder that it is given, and says
 * each job's number when the journal has it.
 */
import { initialState } from '../../src/scheduler/state.ts';
import { transition } from '../../src/scheduler/transition.ts';
import { openJournal } from '../../src/store/journal.ts';
import { config, narrow, submits } from '../support/builders.ts';

const silent = () => {};
const journal = openJournal({
  folder: process.argv[2] ?? '',
  log: { debug: silent, info: silent, warn: silent, error: silent },
  factsPerSnapshot: 50,
});

let state = journal.load();
const take = (input: Parameters<typeof transition>[1]): void => {
  const next = transition(state, input);
  journal.append(next.facts, next.state);
  state = next.state;
};

if (state === initialState) take({ type: 'serverStarted', config: config(), at: Date.now() });
for (let job = state.jobCount; ; job += 1) {
  take({ ...submits(`job-${job}`, narrow(3)), at: Date.now() } as Parameters<typeof transition>[1]);
  process.stdout.write(`${job}\n`);
}
