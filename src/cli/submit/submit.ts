/** Hands a job in: builds its images, uploads those that the server lacks, schedules it; a line on stderr for each. */
import { count } from '../../base/figures.ts';
import { type Jobfile, toJobSpec } from '../../jobfile/jobfile.ts';
import { clockOf } from '../clock.ts';
import type { Context, OpenServer } from '../context.ts';
import { openPhases } from '../phases.ts';
import { startedBy } from '../started-by.ts';
import { buildSteps, describeStep } from './build.ts';
import { type NamedImage, uploadImages } from './upload.ts';

/** The job's full name. `rendered` is the jobfile as the job's history will show it, `keepFailed` in milliseconds. */
export const submit = async (
  context: Context,
  { client }: OpenServer,
  { jobfile, rendered }: { readonly jobfile: Jobfile; readonly rendered: string },
  { keepFailed = 0 }: { readonly keepFailed?: number },
): Promise<string> => {
  const { io, output, commandLine } = context;
  const phases = openPhases(io, output, clockOf(context));
  try {
    // Before the build: who can't reach the server should not wait for that.
    await client.ping(io.signal);
    const imageIds = await buildSteps(context, phases, jobfile);
    await uploadImages(context, phases, client, namedImages(jobfile, imageIds));
    const phase = phases.start(`scheduling ${count(jobfile.tasks.length, 'task')}`);
    const spec = { ...toJobSpec(jobfile, imageIds), keepFailedMs: keepFailed };
    const submission = { spec, jobfile: rendered, commandLine, startedBy: startedBy(io.env) };
    const jobId = await client.scheduleJob(submission, io.signal);
    phase.done(`scheduled ${jobId}: ${count(jobfile.tasks.length, 'task')}`);
    return jobId;
  } finally {
    phases.end();
  }
};

/** Each image once, by the name of the first step that runs it. */
const namedImages = (jobfile: Jobfile, imageIds: readonly string[]): readonly NamedImage[] => {
  const names = new Map<string, string>();
  for (const [index, step] of jobfile.steps.entries()) {
    const imageId = imageIds[index];
    if (imageId !== undefined && !names.has(imageId)) names.set(imageId, describeStep(step, jobfile));
  }
  return [...names].map(([imageId, name]) => ({ imageId, name }));
};
