import type { RemoteAccess, RemoteAuth } from '../context/remote-access.ts';
import type { YamlPath } from '../rules/yaml-file.ts';
import type { WrittenRemoteAccess } from './remote-schema.ts';

/** Where something is wrong, and what. */
export type Finding = readonly [path: YamlPath, message: string];

/** Fills in the defaults of how servers are reached. */
export function asRemoteAccess(written: WrittenRemoteAccess): RemoteAccess {
  const { ca, cert, key, server_name: serverName } = written.tls ?? {};
  return {
    auth: asAuth(written.auth),
    headers: written.headers ?? {},
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { serverName }),
    },
    allowNetworks: written.allow_networks ?? [],
  };
}

/** What the keys of a source that calls servers must be to each other. */
export function remoteAccessProblems({ auth, tls, headers }: WrittenRemoteAccess, path: YamlPath): Finding[] {
  const findings: Finding[] = [];
  if ((tls?.cert === undefined) !== (tls?.key === undefined))
    findings.push([[...path, 'tls'], 'needs both cert and key, or neither']);
  if (auth?.type === 'oauth2') findings.push(...urlProblems(auth.token_url, [...path, 'auth', 'token_url']));
  if (auth?.type === 'sigv4' && (auth.access_key_id === undefined) !== (auth.secret_access_key === undefined))
    findings.push([[...path, 'auth'], 'needs both access_key_id and secret_access_key, or neither']);
  for (const name of Object.keys(headers ?? {})) {
    if (FORBIDDEN_HEADERS.has(name.toLowerCase()))
      findings.push([
        [...path, 'headers', name],
        'is set by the client itself; use auth for credentials, or remove it',
      ]);
  }
  return findings;
}

const FORBIDDEN_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
]);

/** A base URL of a server, or of a token endpoint. */
export function urlProblems(text: string, path: YamlPath): Finding[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return [
      [path, `${JSON.stringify(text)} is not a URL; write http:// or https://, the host, and a path if there is one`],
    ];
  if (url.username !== '' || url.password !== '') return [[path, 'must not hold credentials; use auth']];
  if (url.search !== '' || url.hash !== '') return [[path, 'must not have a query or a fragment']];
  return [];
}

function asAuth(auth: WrittenRemoteAccess['auth']): RemoteAuth {
  switch (auth?.type) {
    case undefined:
      return { type: 'none' };
    case 'basic':
    case 'bearer':
      return auth;
    case 'oauth2': {
      const {
        token_url: tokenUrl,
        client_id: clientId,
        client_secret: clientSecret,
        scopes = [],
        parameters = {},
      } = auth;
      return { type: 'oauth2', tokenUrl, clientId, clientSecret, scopes, parameters };
    }
    case 'sigv4':
      return asSigV4(auth);
  }
}

/** Without keys of its own a function signs with those that Lambda gives it. */
function asSigV4(auth: Extract<WrittenRemoteAccess['auth'], { type: 'sigv4' }>): RemoteAuth {
  const { region, service = 'aps', access_key_id: id, secret_access_key: secretKey, session_token: token } = auth;
  if (id === undefined || secretKey === undefined) return { type: 'sigv4', region, service, ...OWN_CREDENTIALS };
  const keys = { accessKeyId: id, secretAccessKey: secretKey };
  return { type: 'sigv4', region, service, ...keys, ...(token === undefined ? {} : { sessionToken: token }) };
}

const OWN_CREDENTIALS = {
  accessKeyId: '${env:AWS_ACCESS_KEY_ID}',
  secretAccessKey: '${env:AWS_SECRET_ACCESS_KEY}',
  sessionToken: '${env:AWS_SESSION_TOKEN}',
} as const;
