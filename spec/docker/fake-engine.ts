/** An engine of a few answers, behind a real socket: for what a real one does too rarely, or too late, for a spec. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { connectEngine, type Engine } from '../../src/docker/engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Answers a request that begins with its key, as `POST /networks/create`. The longest key wins. */
export type Answers = Readonly<Record<string, Answer>>;
export type Answer = (answer: ServerResponse, request: FakeRequest) => void | Promise<void>;
export type FakeRequest = { readonly url: URL; readonly body: unknown };

export type FakeEngine = AsyncDisposable & {
  readonly engine: Engine;
  /** Method and path of what was asked, without the version that every connection begins with. */
  readonly asked: readonly string[];
};

/** Sends a JSON body. */
export const send = (answer: ServerResponse, status: number, body?: unknown): void => {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(body === undefined ? undefined : JSON.stringify(body));
};

export const fakeEngine = async (answers: Answers): Promise<FakeEngine> => {
  const folder = await temporaryFolder();
  const asked: string[] = [];
  const all: Answers = { 'GET /version': answer => send(answer, 200, { ApiVersion: '1.41' }), ...answers };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://engine');
    const line = `${request.method} ${url.pathname}`;
    if (line !== 'GET /version') asked.push(line);
    const key =
      Object.keys(all)
        .filter(start => line.startsWith(start))
        .toSorted((a, b) => b.length - a.length)[0] ?? '';
    const body = Number(request.headers['content-length'] ?? 0) > 0 ? await json(request) : null;
    const answer = all[key] ?? (() => send(response, 404, { message: `no answer for ${line}` }));
    await answer(response, { url, body });
  };

  const server = createServer((request, response) => void handle(request, response));
  const socket = join(folder.path, 'engine.sock');
  server.listen(socket);
  await once(server, 'listening');
  const engine = await connectEngine({ DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: folder.path });
  return {
    engine: { ...engine, hostRoutes: async () => [] },
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};
