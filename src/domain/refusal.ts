/**
 * Why a request is turned down: a value, not an exception. `rpc/codes` maps each to a gRPC code. `message` is one line that
 * says what to do.
 */
export type Refusal = {
  readonly type:
    | 'invalid' // the request itself is wrong, whatever the server's state
    | 'taskTooWide' // a task asks for more slots than a node has
    | 'unknownJob'
    | 'unknownTask'
    | 'notRunning' // the task has no container to be in: it waits, is between two steps, or has ended
    | 'nothingToRun' // no task of the job is one of those that were asked for
    | 'imageGone' // the server has forgotten an image that it would take
    | 'nothingToSend' // the task has no artifact or log, and won't get one
    | 'shuttingDown'
    | 'notDurable' // the journal could not take it: disk full, database gone
    | 'engineUnavailable'; // the server's Docker engine does not answer
  readonly message: string;
};

/** What a request came to. */
export type Result<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

export const ok = <Value>(value: Value): Result<Value> => ({ ok: true, value });

export const refuse = (type: Refusal['type'], message: string): Result<never> => ({ ok: false, refusal: { type, message } });
