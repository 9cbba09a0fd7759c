import type { Span } from '../tree.ts';

/** What is wrong with a template, and where in it. */
export type TemplateFault = {
  readonly span: Span;
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
  /** What a command that the template ran wrote to stderr. */
  readonly output?: string;
};

/** A template can't be read or run: everything that is known to be wrong with it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly faults: readonly TemplateFault[];

  constructor(faults: readonly TemplateFault[], options?: ErrorOptions) {
    super(faults[0]?.message ?? 'the template is wrong', options);
    this.faults = faults;
  }
}

/** Stops at one fault. */
export const templateError = (span: Span, message: string, more: Omit<TemplateFault, 'span' | 'message'> = {}): TemplateError =>
  new TemplateError([{ span, message, ...more }]);
