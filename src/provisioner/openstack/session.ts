/**
 * Who we are in the cloud: gets a token from Keystone when one is needed, a new one before it expires or when a service takes it no
 * more, and sends requests to the services that the catalogue names. Says nothing of what the requests mean.
 */
import { z } from 'zod';
import { untilAborted } from '../../base/until-aborted.ts';
import { parseAnswer } from './answer.ts';
import { type Catalog, catalogShape, endpointOf, type Service } from './catalog.ts';
import type { Clock } from './clock.ts';
import type { CloudConfig, Credentials, Scope } from './cloud-config.ts';
import type { HttpAnswer, HttpRequest, Send } from './http.ts';
import { hasStatus, type OpenstackError } from './openstack-error.ts';

export type ServiceRequest = {
  readonly method: HttpRequest['method'];
  readonly service: Service;
  /** Below the service's address, with its query: `/servers/detail?limit=10`. */
  readonly path: string;
  readonly body?: unknown;
  /** @default true, for all but POST */
  readonly repeatable?: boolean;
};

/** Asks a service of the cloud; resolves with the parsed body. Rejects like {@link Send}, and with what is wrong in the catalogue. */
export type AskService = (request: ServiceRequest, signal: AbortSignal) => Promise<unknown>;

type Token = { readonly value: string; readonly expiresAt: number; readonly catalog: Catalog };

/** A token that is valid for less than this may not be any more when the request arrives. */
const RENEW_AHEAD_MS = 120_000;

const tokenShape = z.object({ token: z.object({ expires_at: z.string(), catalog: catalogShape.default([]) }) });

export const createSession = ({
  config,
  send,
  clock,
}: {
  readonly config: CloudConfig;
  readonly send: Send;
  readonly clock: Clock;
}): AskService => {
  /** The token, or the request for it that is under way: whoever needs one meanwhile waits for the same. */
  let latest: Promise<Token> | null = null;

  const renew = (): Promise<Token> => {
    const renewed = authenticate(config, send);
    latest = renewed;
    renewed.catch(() => {
      if (latest === renewed) latest = null;
    });
    return renewed;
  };

  const token = async (signal: AbortSignal): Promise<Token> => {
    const current = await untilAborted(latest ?? renew(), signal);
    return current.expiresAt - clock.now() > RENEW_AHEAD_MS ? current : await untilAborted(renewInPlaceOf(current), signal);
  };

  /** One new token for all that found out about the old one. */
  let replaced: Token | null = null;
  const renewInPlaceOf = (old: Token): Promise<Token> => {
    if (replaced === old && latest !== null) return latest;
    replaced = old;
    return renew();
  };

  const askWith = (request: ServiceRequest, { value, catalog }: Token, signal: AbortSignal): Promise<HttpAnswer> => {
    const { method, service, path, body = null, repeatable = method !== 'POST' } = request;
    const url = new URL(`${endpointOf(catalog, service, config)}${path}`);
    return send({ method, url, headers: { 'x-auth-token': value }, body, repeatable }, signal);
  };

  return async (request, signal) => {
    const current = await token(signal);
    try {
      return (await askWith(request, current, signal)).body;
    } catch (error) {
      // Revoked, or forgotten by a Keystone that lost its keys.
      if (!hasStatus(error, 401)) throw error;
      return (await askWith(request, await untilAborted(renewInPlaceOf(current), signal), signal)).body;
    }
  };
};

/** Shared by all who wait, so no signal of one of them ends it; it has the time limits of every request. */
const authenticate = async ({ authUrl, credentials }: CloudConfig, send: Send): Promise<Token> => {
  const request: HttpRequest = {
    method: 'POST',
    url: new URL(`${authUrl}/auth/tokens`),
    headers: {},
    body: { auth: authOf(credentials) },
    repeatable: true,
  };
  try {
    const { headers, body } = await send(request, new AbortController().signal);
    const { token } = parseAnswer(tokenShape, body, 'a token');
    return { value: headers.get('x-subject-token') ?? '', expiresAt: Date.parse(token.expires_at), catalog: token.catalog };
  } catch (error) {
    throw hasStatus(error, 401) ? notLetIn(credentials, error) : error;
  }
};

const notLetIn = (credentials: Credentials, cause: OpenstackError): Error => {
  const [who, check] =
    credentials.type === 'password'
      ? [`user ${nameOf(credentials.user)}`, 'OS_USERNAME, OS_PASSWORD, the project and the domains']
      : [
          `application credential ${nameOf(credentials.credential)}`,
          'OS_APPLICATION_CREDENTIAL_ID and _SECRET, and whether it expired',
        ];
  return new Error(`Keystone does not let ${who} in: check ${check} (${cause.message})`, { cause });
};

const nameOf = (named: { readonly id: string } | { readonly name: string }): string => ('id' in named ? named.id : named.name);

/** As Keystone's API v3 wants it. */
const authOf = (credentials: Credentials): object => {
  switch (credentials.type) {
    case 'password': {
      const { user, password, scope } = credentials;
      return { identity: { methods: ['password'], password: { user: { ...user, password } } }, scope: scopeOf(scope) };
    }
    case 'applicationCredential': {
      const { credential, secret } = credentials;
      return { identity: { methods: ['application_credential'], application_credential: { ...credential, secret } } };
    }
  }
};

const scopeOf = (scope: Scope): object => (scope.type === 'project' ? { project: scope.project } : { domain: scope.domain });
