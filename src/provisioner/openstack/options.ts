/** What the servers of a cloud are made of, and how they are reached: the `--openstack-*` flags. */
export type OpenstackOptions = {
  /** Where Docker listens on a server, as seen from there: `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly dockerSocket: string;
  /** Name or id. */
  readonly flavor: string;
  /** Name or id. It must bring ssh, a Docker engine, and what puts Nova's keypair in place (cloud-init). */
  readonly image: string;
  /** Names or ids; empty: Nova takes the project's only one. The first one with an IPv4 address is the one to reach a server by. */
  readonly networks: readonly string[];
  /** Names or ids; empty: the project's default one. They must let ssh in. */
  readonly securityGroups: readonly string[];
  /** A user who may use Docker. */
  readonly sshUsername: string;
  /** Name or id; empty: none. */
  readonly serverGroup: string;
};

/** How long things may take. The defaults are for clouds with real hypervisors; emulated ones get there too. */
export type Timings = {
  /** From the request to `ACTIVE` with an address. */
  readonly activeMs: number;
  readonly activeEveryMs: number;
  /** Before the first attempt at ssh. */
  readonly sshGraceMs: number;
  readonly sshEveryMs: number;
  /** How long a server may be silent: neither ssh answers, nor does its console say anything new. */
  readonly silenceMs: number;
  /** How long it may take in all until ssh answers, however much the console says. */
  readonly sshMs: number;
  readonly dockerMs: number;
  readonly dockerEveryMs: number;
  /** From the request to delete a server until it can't be found any more. */
  readonly deleteMs: number;
  readonly deleteEveryMs: number;
  /** Between two looks at a server that is reached. */
  readonly watchEveryMs: number;
  /** Between two looks at one that is not. */
  readonly watchLostEveryMs: number;
};

export const DEFAULT_TIMINGS: Timings = {
  activeMs: 120_000,
  activeEveryMs: 2_000,
  sshGraceMs: 5_000,
  sshEveryMs: 2_000,
  silenceMs: 120_000,
  sshMs: 300_000,
  dockerMs: 120_000,
  dockerEveryMs: 2_000,
  deleteMs: 120_000,
  deleteEveryMs: 1_000,
  watchEveryMs: 60_000,
  watchLostEveryMs: 5_000,
};
