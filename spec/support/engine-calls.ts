import { connectEngine, type Engine } from '../../src/docker/engine.ts';

/** A connection that tells of every call before it is sent: its number, from 1, and what it asks for. */
export const engineTelling = async (onCall: (number: number, request: string) => void): Promise<Engine> => {
  const engine = await connectEngine();
  const { modem } = engine.docker;
  const dial = modem.dial.bind(modem);
  let calls = 0;
  modem.dial = (options, callback) => {
    calls += 1;
    onCall(calls, `${options.method} ${options.path}`);
    dial(options, callback);
  };
  return engine;
};
