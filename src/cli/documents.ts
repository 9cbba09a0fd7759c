/**
 * What the commands print with `--json`, one document a line: the shapes that scripts depend on. They only ever grow. Times are
 * ISO 8601 in UTC, what is not known yet is `null`. The commands take the types from here, `json-schema/` is made of it; at run
 * time nobody loads it.
 */
import { z } from 'zod';

const name = z.string().describe('The full name.');
const time = z.iso.datetime();
const count = z.int().nonnegative();

const task = z.object({
  name: z.string().describe('Unique in the job.'),
  state: z.enum(['queued', 'running', 'completed', 'failed', 'skipped', 'timedOut', 'aborted']),
  exitCode: z
    .int()
    .nullable()
    .describe('Of the step that ended the task: 42 is a warning, 43 means skipped, -1 that Alfred could not run it.'),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  reason: z.string().nullable().describe('Why it ended so, where state and exit code do not say it.'),
  keptUntil: time.nullable().describe('It failed, and until then it can be entered with `alfred exec`.'),
});

const job = z.object({
  name,
  about: z.string(),
  startedBy: z.string(),
  commandLine: z.string().describe('The command that started it, quoted for a shell.'),
  scheduledAt: time,
  completedAt: time.nullable().describe('Nothing changes after it.'),
  exitCode: z
    .int()
    .describe('What `alfred watch` exits with, as things stand: the worst of the ended tasks, 1 over 42 over 43 over 0.'),
  tasksEnded: count,
  tasksTotal: count,
});

const jobInList = job.extend({
  tasksUnreachable: count.describe('Running on nodes that do not answer just now; as far as anybody knows, they run on.'),
});

const jobWithTasks = job.extend({ tasks: z.array(task).describe("In the jobfile's order.") });

const change = z
  .discriminatedUnion('type', [
    job.extend({ type: z.literal('jobSeen') }),
    task.extend({ type: z.literal('taskChanged'), job: name }),
    job.extend({ type: z.literal('jobCompleted') }),
  ])
  .describe('A job as it is met and when it is done, a task whenever its state changed.');

const scheduled = z.object({ name }).describe('With --async: the job that was scheduled.');

const variable = z.object({ key: z.string(), value: z.string() });

const plan = z
  .object({
    folder: z.string().describe('The folder of the jobfile.'),
    name: z.string(),
    about: z.string(),
    steps: z.array(z.object({ dockerfile: z.string(), context: z.string(), options: z.array(z.string()) })),
    env: z.array(variable),
    secrets: z.array(variable).describe("Each value is the secret's name on the server."),
    services: z.array(
      z.object({
        name: z.string(),
        image: z.string(),
        env: z.array(variable),
        command: z.array(z.string()),
        tmpfs: z.array(z.string()),
        health: z
          .object({
            cmd: z.string(),
            args: z.array(z.string()),
            timeoutMs: z.number(),
            intervalMs: z.number(),
            retries: z.int(),
          })
          .nullable(),
      }),
    ),
    tasks: z.array(z.object({ name: z.string(), slots: z.int().positive() })),
  })
  .describe('With --dry-run: the job as it would be run, all paths absolute.');

const line = z.object({
  job: name,
  task: z.string(),
  file: z.string().nullable().describe("The step's log, or Alfred's own."),
  timestamp: z.string().nullable().describe('ISO 8601 in UTC, to the nanosecond.'),
  text: z.string().describe('Without escape codes and line end.'),
});

const saved = z.object({
  task: z.string().optional().describe('Left out when a file that was here already is unpacked.'),
  path: z.string().describe('The file, or the folder with --extract; absolute.'),
  isSnapshot: z.boolean().optional().describe('The task still ran: there may be more later.'),
});

const position = z.int().positive().describe('Counted from 1.');

const problem = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('mistake'),
      file: z.string(),
      line: position,
      column: position,
      length: z.int().positive().describe('Characters that are wrong.'),
      source: z.string().describe('The line as it was written.'),
      rendered: z.string().optional().describe('The line that the template made of it, where that differs.'),
      message: z.string(),
      expected: z.string().optional(),
      suggestion: z.string().optional().describe('The known word nearest to an unknown one.'),
      note: z.string().optional(),
      output: z.string().optional().describe('What a command that the template ran wrote to stderr.'),
    }),
    z.object({ type: z.literal('unreadable'), file: z.string(), message: z.string() }),
    z.object({ type: z.literal('stopped'), message: z.string().describe("The jobfile's own words.") }),
  ])
  .describe('Something that is wrong with the jobfile. One that is fine prints nothing.');

const build = z.object({ version: z.string(), commit: z.string() });

/** By command: what each line of its output is. `alfred schema` prints a JSON Schema. */
export const DOCUMENTS = {
  run: z.union([change, plan, scheduled]),
  rerun: z.union([change, scheduled]),
  watch: z.union([change, jobWithTasks.describe('With -v.')]),
  ps: jobInList,
  show: jobWithTasks.extend({ jobfile: z.string().describe("The jobfile's rendered source.") }),
  logs: line,
  artifact: saved,
  check: problem,
  version: z.object({ client: build, server: build.nullable().describe('null: it could not be reached.') }),
} as const;

export type TaskDocument = Readonly<z.infer<typeof task>>;
export type JobDocument = Readonly<z.infer<typeof job>>;
export type PsDocument = Readonly<z.infer<typeof jobInList>>;
export type ChangeDocument = Readonly<z.infer<typeof change>>;
