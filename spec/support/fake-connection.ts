/** An ssh connection that a spec decides about, to a host whose Docker engine answers. */
import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
import { Subject } from 'rxjs';
import { NodeGoneError } from '../../src/engine/ports.ts';
import type { Connection } from '../../src/provisioner/openstack/machine.ts';
import type { ConnectionState, SshConnectionOptions } from '../../src/provisioner/ssh/connection.ts';
import { type HostKey, parseHostKey } from '../../src/provisioner/ssh/host-key.ts';

export type FakeHosts = {
  readonly connect: (options: SshConnectionOptions) => Connection;
  /** Every connection that was made, the newest last. */
  readonly connections: readonly {
    readonly options: SshConnectionOptions;
    readonly lose: () => void;
    readonly isOver: () => boolean;
  }[];
  /** Throws while ssh or Docker do not answer. */
  onOpen: () => void;
  onDial: () => void;
  hostKey: HostKey;
};

export const newHostKey = (): HostKey => {
  const type = 'ssh-ed25519';
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return parseHostKey(Buffer.concat([length, Buffer.from(type), Buffer.from([0, 0, 0, 32]), randomBytes(32)]));
};

export const fakeHosts = (): FakeHosts => {
  const connections: { options: SshConnectionOptions; lose: () => void; isOver: () => boolean }[] = [];
  const nothing = () => undefined;

  const connect = (options: SshConnectionOptions): Connection => {
    const { host, username } = options.target;
    const state$ = new Subject<ConnectionState>();
    let over: Error | null = null;
    const end = (error: Error): void => {
      over ??= error;
      state$.complete();
    };
    connections.push({
      options,
      lose: () => state$.next({ type: 'lost', why: 'the line was cut' }),
      isOver: () => over !== null,
    });
    return {
      address: `${username}@${host}`,
      state$,
      open: async () => {
        if (over !== null) throw over;
        hosts.onOpen();
        await options.trust(hosts.hostKey);
        state$.next({ type: 'connected' });
      },
      run: () => Promise.reject(over ?? new Error('nothing runs here')),
      dialDocker: async () => {
        if (over !== null) throw over;
        hosts.onDial();
        return dockerSocket();
      },
      giveUp: why => end(new NodeGoneError(why)),
      close: () => end(new Error('closed')),
    };
  };

  const hosts: FakeHosts = { connect, connections, onOpen: nothing, onDial: nothing, hostKey: newHostKey() };
  return hosts;
};

/** Answers every request as Docker answers a ping. */
const dockerSocket = (): Duplex =>
  new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, done) {
      this.push('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK');
      done();
    },
  });
