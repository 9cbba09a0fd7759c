import { relative } from 'node:path';
import { formatElapsed } from '../../base/figures.ts';
import { BuildError, type BuildProgress } from '../../jobfile/build.ts';
import type { ImageStep, Jobfile } from '../../jobfile/jobfile.ts';
import { clockOf } from '../clock.ts';
import type { Context } from '../context.ts';
import { lineSplitter } from '../lines.ts';
import type { Phase, Phases } from '../phases.ts';

/** Builds the images of a jobfile's steps, a phase for each; answers their ids, one per step. */
export const buildSteps = async (context: Context, phases: Phases, jobfile: Jobfile): Promise<readonly string[]> => {
  const { io, doors } = context;
  const builds = new Map<number, Build>();
  const onProgress = (progress: BuildProgress): void => {
    if (progress.type === 'started') {
      builds.set(progress.image, startBuild(context, phases, describeStep(progress.step, jobfile)));
      return;
    }
    const build = builds.get(progress.image);
    if (progress.type === 'output') build?.output(progress.chunk);
    else build?.built();
  };
  try {
    return await doors.buildImages(jobfile, { signal: io.signal, onProgress });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    phases.end();
    // With -v it is on the screen already.
    if (!context.output.verbose) context.output.note(error.output.trimEnd());
    throw new BuildError(`${describeStep(error.step, jobfile)}: ${error.message}`, error.step, error.output, { cause: error });
  }
};

type Build = { output(chunk: Uint8Array): void; built(): void };

const startBuild = (context: Context, phases: Phases, name: string): Build => {
  const { output } = context;
  const clock = clockOf(context);
  const startedAt = clock.now();
  const phase: Phase = phases.start(`building ${name}`);
  const splitter = lineSplitter(line => {
    if (output.verbose) phases.note(line);
    else if (line.trim() !== '') phase.detail(line);
  });
  return {
    output: splitter.write,
    built: () => {
      splitter.end();
      phase.done(`built ${name} in ${formatElapsed(clock.now() - startedAt)}`);
    },
  };
};

/** A step as the jobfile names it: by its Dockerfile. */
export const describeStep = ({ dockerfile }: ImageStep, { folder }: Jobfile): string => relative(folder, dockerfile);
