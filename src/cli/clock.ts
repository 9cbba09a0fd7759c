import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { Context } from './context.ts';

/** The time and the timers of a command. */
export const clockOf = ({ doors }: Context): SchedulerLike => doors.clock ?? asyncScheduler;
