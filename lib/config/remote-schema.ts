import { z } from 'zod';
import { NETWORKS } from '../context/remote-access.ts';
import { closedMap } from '../rules/shapes.ts';
import { hasOnlyReferences, isOneReference } from './read-secret.ts';

const text = (what: string) => z.string(`is missing; give ${what}`).min(1, `is empty; give ${what}`);

/** A whole secret is one reference, so that none is ever written into the file. */
const secret = z
  .string('is missing; write a reference such as ${env:NAME}')
  .refine(
    isOneReference,
    'must be a reference such as ${env:NAME}, ${ssm:/name} or ${file:/path}: a secret never stands in this file',
  )
  .describe(
    'A reference that the function reads when it runs: ${env:NAME}, ${file:/path}, ${ssm:/name} (SSM Parameter Store) or ${secretsmanager:name#key} (Secrets Manager; #key for one value of a JSON object).',
  );

const pem = z
  .string('must be a PEM text or a reference to one')
  .refine(
    (value) => isOneReference(value) || value.includes('-----BEGIN '),
    'must be a PEM text, or a reference such as ${env:NAME}, ${ssm:/name} or ${file:/path}',
  )
  .describe('PEM text, or a reference to it.');

const basic = closedMap({
  type: z.literal('basic'),
  username: text('the user of the server'),
  password: secret,
});

const bearer = closedMap({ type: z.literal('bearer'), token: secret });

const oauth2 = closedMap({
  type: z.literal('oauth2').describe('Client credentials grant.'),
  token_url: text('the URL of the token endpoint'),
  client_id: text('the id of the client'),
  client_secret: secret,
  scopes: z.array(z.string('must be a string'), 'must be a list of scopes').optional(),
  parameters: z
    .record(z.string(), z.string('must be a string; quote it'), 'must be a map of names to values')
    .describe('Further parameters of the token request, for example audience.')
    .optional(),
});

const sigv4 = closedMap({
  type: z.literal('sigv4').describe('AWS Signature Version 4.'),
  region: text('the AWS region of the server'),
  service: text('the AWS service').describe('Default aps.').optional(),
  access_key_id: secret.optional().describe('Default: the credentials of the function itself.'),
  secret_access_key: secret.optional(),
  session_token: secret.optional(),
});

const AUTH_TYPES = ['basic', 'bearer', 'oauth2', 'sigv4'];

/** Keys of every source that calls servers of the user's. */
export const remoteAccessShape = {
  auth: z
    .discriminatedUnion('type', [basic, bearer, oauth2, sigv4], {
      error: (issue) =>
        issue.code === 'invalid_union'
          ? `must be one of ${AUTH_TYPES.join(', ')}; leave auth out where none is needed`
          : 'must be a map with the key type and what that type needs',
    })
    .describe('How the servers know us. Default: not at all.')
    .optional(),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'is not the name of a header'),
      z
        .string('must be a string; quote it')
        .regex(/^[\t\x20-\x7e]*$/, 'must hold only printable ASCII')
        .refine(
          hasOnlyReferences,
          'has a reference that is not known; write ${env:NAME}, ${file:/path}, ${ssm:/name} or ${secretsmanager:name#key}',
        ),
      'must be a map of header names to values',
    )
    .describe('Sent with every request, for example X-Scope-OrgID. Values may hold ${env:NAME}.')
    .optional(),
  tls: closedMap({
    ca: pem
      .describe('Certificates of the authority that signed those of the servers, where it is a private one.')
      .optional(),
    cert: pem.describe('Our certificate, for servers that ask for one (mTLS).').optional(),
    key: secret.describe('The private key of cert, as a reference.').optional(),
    server_name: text('a name')
      .describe('The name the certificates are for, where it is not that of the URL.')
      .optional(),
  }).optional(),
  allow_networks: z
    .array(z.enum(NETWORKS, `must be one of ${NETWORKS.join(', ')}`), 'must be a list of private and loopback')
    .describe('Addresses that may be connected to beside public ones. Default none.')
    .optional(),
};

const remoteAccess = z.object(remoteAccessShape);
export type WrittenRemoteAccess = z.infer<typeof remoteAccess>;
