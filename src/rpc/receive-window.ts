/**
 * How much a client may send ahead of the server. Node's own 64 KiB are used up long before an answer is back from far away: 40 ms
 * away an upload ran at 0.9 MB/s, with this window at 25. grpc-js has an option for it on the client's side only
 * (`grpc-node.flow_control_window`), so the server widens each connection when its first call arrives.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/** What a stalled upload may hold in memory, beside the chunks that were read. */
const WINDOW_BYTES = 4 << 20;

const STREAM_CREATED = 'http2.server.stream.created';

/** Widens the window of every connection to a server of this process, until the function it returns is called. */
export const widenReceiveWindows = (): (() => void) => {
  const widened = new WeakSet<ServerHttp2Session>();
  const onStream = (message: unknown) => {
    const { session } = (message as { readonly stream: ServerHttp2Stream }).stream;
    if (session === undefined || widened.has(session as ServerHttp2Session)) return;
    widened.add(session as ServerHttp2Session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.settings({ initialWindowSize: WINDOW_BYTES });
  };
  subscribe(STREAM_CREATED, onStream);
  return () => unsubscribe(STREAM_CREATED, onStream);
};
