import type { Duplex } from 'node:stream';
import { untilAborted } from '../base/until-aborted.ts';
import type { RemoteCommand, RemoteHost } from '../engine/ports.ts';

/**
 * A machine from the moment that its node is known, before there is a connection to it: what is asked of it waits for the connection,
 * and fails with what the promise rejects with. `name`: how messages name it until then.
 */
export const hostBehind = (connection: Promise<RemoteHost>, name: string): RemoteHost => {
  let address = name;
  // Often nobody asks for the machine before it is there; who does hears of a failure.
  connection.then(
    known => {
      address = known.address;
    },
    () => undefined,
  );
  return {
    get address() {
      return address;
    },
    run: async (script, signal): Promise<RemoteCommand> => await (await untilAborted(connection, signal)).run(script, signal),
    dialDocker: async (): Promise<Duplex> => await (await connection).dialDocker(),
  };
};
