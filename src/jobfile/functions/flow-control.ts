/** Stops a template on purpose. */
import { CallError, fn, StopError, type TemplateFunction, text } from '../template/function.ts';

export const flowControl: Readonly<Record<string, TemplateFunction>> = {
  /** Shown with its place in the template, as any mistake. */
  fail: fn([text('message')], message => {
    throw new CallError(`says: ${message}`);
  }),
  /** Shown as it is: the words are the jobfile's own, for whoever runs it. */
  error: fn([text('message')], message => {
    throw new StopError(message);
  }),
};
