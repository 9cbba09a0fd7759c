import type { PublicEvent } from '../domain/events.ts';
import type { Fact } from './fact.ts';
import type { State } from './state.ts';

/** What a fact means to users, as news; `before` is the state that the fact was not yet folded into. Lazy: one fact may be thousands of events. */
export function* publicEvents(_before: State, _fact: Fact): Iterable<PublicEvent> {}
