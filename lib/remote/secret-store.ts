import { withDeadline } from './deadline.ts';
import { sigV4Headers } from './sigv4.ts';
import { type RemoteResponse, Transport } from './transport.ts';

/** Where AWS keeps secrets: SSM Parameter Store and Secrets Manager. */
export const SECRET_STORES = ['ssm', 'secretsmanager'] as const;
export type SecretStore = (typeof SECRET_STORES)[number];

/** Reads one secret; rejects with an Error that says why, without the value. */
export type FetchSecret = (store: SecretStore, name: string) => Promise<string>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Both speak the JSON protocol of AWS. */
const CALLS = {
  ssm: {
    target: 'AmazonSSM.GetParameter',
    endpoint: 'AWS_ENDPOINT_URL_SSM',
    request: (name: string) => ({ Name: name, WithDecryption: true }),
    value: (answer: Answer) => answer.Parameter?.Value,
  },
  secretsmanager: {
    target: 'secretsmanager.GetSecretValue',
    endpoint: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
    request: (name: string) => ({ SecretId: name }),
    value: (answer: Answer) => answer.SecretString,
  },
} as const;

interface Answer {
  readonly Parameter?: { readonly Value?: string };
  readonly SecretString?: string;
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}

const TIMEOUT_MS = 5000;

/** A secret of Secrets Manager has 64 KB at most, and JSON may double that. */
const MAX_BYTES = 256 * 1024;

/**
 * Reads secrets with the credentials and in the region of the environment, as Lambda sets them. An endpoint of one's own is
 * named as for the SDK (`AWS_ENDPOINT_URL_SSM`).
 */
export function newFetchSecret(environment: Environment): FetchSecret {
  let transport: Transport | undefined;
  return async (store, name) => {
    const call = CALLS[store];
    const endpoint = environment[call.endpoint];
    // Endpoints within a VPC have private addresses.
    transport ??= new Transport({
      tls: {},
      allowNetworks: endpoint === undefined ? ['private'] : ['private', 'loopback'],
    });
    const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
    if (!region) throw new Error('there is no AWS region here; set AWS_REGION');
    const url = new URL(endpoint ?? `https://${store}.${region}.amazonaws.com/`);
    const body = Buffer.from(JSON.stringify(call.request(name)));
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': call.target };
    const request = { method: 'POST', url, headers, body } as const;
    const auth = { type: 'sigv4', region, service: store, ...credentials(environment) } as const;
    const signature = await sigV4Headers(request, auth, (text) => text, Date.now());
    const open = transport;
    const response = await withDeadline(TIMEOUT_MS, `ask ${url.host}`, undefined, (signal) =>
      open.exchange({ ...request, headers: { ...headers, ...signature }, maxBytes: MAX_BYTES, signal }),
    );
    return textOf(response, call.value);
  };
}

function credentials(environment: Environment) {
  const [accessKeyId, secretAccessKey] = [environment['AWS_ACCESS_KEY_ID'], environment['AWS_SECRET_ACCESS_KEY']];
  if (!accessKeyId || !secretAccessKey) {
    throw new Error('there are no AWS credentials here; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function textOf({ status, body }: RemoteResponse, read: (answer: Answer) => string | undefined): string {
  const answer = parse(body);
  if (status !== 200) {
    const { __type: type = `status ${status}`, message, Message } = answer;
    const remedy = /AccessDenied/.test(type) ? '; name it in the parameter secretArns of serverless.yml' : '';
    // Accounts and roles are not the business of tenants, whom this reaches with the fault of their source.
    const said = (message ?? Message ?? 'AWS does not say why').replace(/\barn:[^\s,]+/g, 'arn:…');
    throw new Error(`${type.replace(/^.*#/, '')}: ${said}${remedy}`);
  }
  const value = read(answer);
  if (typeof value !== 'string' || value === '') throw new Error('AWS answers with no text');
  return value;
}

function parse(body: Buffer): Answer {
  try {
    return (JSON.parse(body.toString('utf8')) as Answer | null) ?? {};
  } catch {
    return {};
  }
}
