import { clockOf } from '../clock.ts';
import type { Context } from '../context.ts';
import { describeLoss } from '../watch/view.ts';
import type { ConnectionNotices } from './unbroken-log.ts';

/** Says on stderr that the connection is lost, and that it is back: once each, however many logs come over it. */
export const connectionNotices = (context: Context): ConnectionNotices => {
  const { note, notePen } = context.output;
  let isLost = false;
  return {
    lost: loss => {
      if (!isLost) note(notePen.paint('yellow', describeLoss(loss, clockOf(context).now())));
      isLost = true;
    },
    alive: () => {
      if (isLost) note('connected again');
      isLost = false;
    },
  };
};
