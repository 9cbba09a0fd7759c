import { NEVER } from 'rxjs';
import type { Provisioner } from '../engine/ports.ts';

/** Nodes that are names only: every task runs on this machine's engine, so there is nothing to make, lose or end. */
export const createLocalProvisioner = (): Provisioner => ({
  name: 'local',
  provision: async () => {},
  connect: async () => {},
  terminate: async () => {},
  news$: NEVER,
});
