/**
 * What many clients watch, as bytes: encoded once per object, however many watch it. The domain's status objects stay the
 * same for as long as nothing of them changed, so they key the cache, and a list of a thousand finished jobs is put together
 * from a thousand pieces that are there already.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { JobStatus, NodeStatus, ServerInfo, Status } from '../../domain/status.ts';
import { JobStatus as WireJob, NodeStatus as WireNode, Status as WireStatus } from '../generated/alfred.ts';
import { encodeJobStatus, encodeNodeStatus, encodeServerInfo } from './status.ts';

const oncePer = <Key extends object>(encode: (key: Key) => Uint8Array): ((key: Key) => Buffer) => {
  const cache = new WeakMap<Key, Buffer>();
  return key => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const { buffer, byteOffset, byteLength } = encode(key);
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    cache.set(key, bytes);
    return bytes;
  };
};

/** A JobStatus message. */
export const jobStatusBytes = oncePer<JobStatus>(job => WireJob.encode(encodeJobStatus(job)).finish());

const nodeStatusBytes = oncePer<NodeStatus>(node => WireNode.encode(encodeNodeStatus(node)).finish());

/** What a list's jobs may take of a message: the rest of the 50 MiB is for what goes along. */
const LARGEST_JOBS_BYTES = 48 << 20;

/**
 * The jobs that fit one message, in their order. Where they don't all fit (finished jobs of tens of thousands of tasks), those
 * that finished are left out, the oldest first: a message above the limit would reach nobody.
 */
export const fitting = (jobs: readonly JobStatus[], limitBytes = LARGEST_JOBS_BYTES): readonly JobStatus[] => {
  const total = jobs.reduce((sum, job) => sum + jobStatusBytes(job).length, 0);
  let surplus = total - limitBytes;
  if (surplus <= 0) return jobs;
  return jobs.filter(job => {
    if (surplus <= 0 || job.completedAt === null) return true;
    surplus -= jobStatusBytes(job).length;
    return false;
  });
};

/** Field number and wire type (2: length-delimited), as they stand before a field of a message type. */
const tag = (field: number): number => (field << 3) | 2;
const JOBS_LIST_JOBS = tag(1);
const STATUS_JOBS = tag(3);
const STATUS_NODES = tag(4);

/** A JobsList message. */
export const jobsListBytes = oncePer<readonly JobStatus[]>(jobs => {
  const writer = new BinaryWriter();
  for (const job of fitting(jobs)) writer.uint32(JOBS_LIST_JOBS).bytes(jobStatusBytes(job));
  return writer.finish();
});

/** A Status message of the server that `info` tells of. */
export const statusBytes = (info: ServerInfo): ((status: Status) => Buffer) =>
  oncePer<Status>(({ jobs, nodes }) => {
    const writer = WireStatus.encode(encodeServerInfo(info));
    for (const job of fitting(jobs)) writer.uint32(STATUS_JOBS).bytes(jobStatusBytes(job));
    for (const node of nodes) writer.uint32(STATUS_NODES).bytes(nodeStatusBytes(node));
    return writer.finish();
  });
