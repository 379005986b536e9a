import { type Command, Option } from 'commander';
import { parseQueryAnswer, type QueryAnswer } from '../remote/query-answer.ts';
import { baseUrl } from './base-url.ts';
import { CommandError } from './command-error.ts';

/** A running Tributary, and a token with scope `read`. */
export interface Deployment {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token?: string;
}

/** Where a local server listens unless told otherwise. */
export const LOCAL_URL = 'http://127.0.0.1:9201';

const TIMEOUT_MS = 60_000;

/** Adds `--url` and `--token` to a command. @param defaultUrl whom it asks without `--url` */
export function withDeployment(command: Command, defaultUrl?: string): Command {
  return command
    .option('--url <url>', 'the API of a deployment, such as http://127.0.0.1:9201', baseUrl, defaultUrl)
    .addOption(new Option('--token <token>', 'with scope read; else $TRIBUTARY_TOKEN, else none is sent'));
}

/** The deployment that options name; undefined where they name none. */
export function deploymentOf(
  options: { readonly url: string; readonly token?: string },
  environment: Readonly<Record<string, string | undefined>>,
): Deployment;
export function deploymentOf(
  options: { readonly url?: string; readonly token?: string },
  environment: Readonly<Record<string, string | undefined>>,
): Deployment | undefined;
export function deploymentOf(
  { url, token }: { readonly url?: string; readonly token?: string },
  environment: Readonly<Record<string, string | undefined>>,
): Deployment | undefined {
  if (url === undefined) return undefined;
  const known = token ?? environment['TRIBUTARY_TOKEN'];
  return { url: url.replace(/\/+$/, ''), ...(known !== undefined && { token: known }) };
}

/**
 * Evaluates an expression at a time (ms), on a deployment or any other server with Prometheus's API.
 *
 * @throws CommandError saying what was asked of whom, and what the answer was.
 */
export async function queryDeployment(deployment: Deployment, expr: string, time: number): Promise<QueryAnswer> {
  const { text } = await ask(deployment, '/api/v1/query', { query: expr, time: (time / 1000).toFixed(3) }, 'POST');
  return parseQueryAnswer(text, MAX_SAMPLES);
}

const MAX_SAMPLES = 10_000_000;

/**
 * The `data` of an answer of the API.
 *
 * @throws CommandError saying what was asked of whom, and what the answer was.
 */
export async function askDeployment(
  deployment: Deployment,
  path: string,
  parameters: Readonly<Record<string, string>>,
  method: 'GET' | 'POST' = 'POST',
): Promise<unknown> {
  const { data } = await ask(deployment, path, parameters, method);
  return data;
}

/** The text of a successful answer, and its data. */
async function ask(
  { url, token }: Deployment,
  path: string,
  parameters: Readonly<Record<string, string>>,
  method: 'GET' | 'POST',
): Promise<{ readonly text: string; readonly data: unknown }> {
  const form = new URLSearchParams(parameters).toString();
  const headers = {
    ...(method === 'POST' && { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const where = `${url}${path}${method === 'GET' && form !== '' ? `?${form}` : ''}`;
  const body = method === 'POST' ? { body: form } : {};
  const response = await fetch(where, { method, headers, ...body, signal }).catch((error: unknown) => {
    throw new CommandError(`cannot ask ${url}${path}: ${causeOf(error)}; correct the URL, or start the server`);
  });
  const text = await response.text();
  const answer = parseAnswer(text);
  if (answer?.status === 'success') return { text, data: answer.data };
  throw new CommandError(`cannot ask ${url}${path}: ${refusal(response.status, answer, text)}`);
}

interface ApiAnswer {
  readonly status?: string;
  readonly data?: unknown;
  readonly error?: string;
}

function parseAnswer(text: string): ApiAnswer | undefined {
  try {
    return JSON.parse(text) as ApiAnswer;
  } catch {
    return undefined;
  }
}

/** What the server said against it, and what to do where that is not part of it. */
function refusal(status: number, answer: ApiAnswer | undefined, text: string): string {
  if (answer?.error === undefined) {
    return `${status} without an answer of the API (${JSON.stringify(text.trim().slice(0, 200))}); correct the URL`;
  }
  const remedy = status === 401 ? '; give another token with --token, or in $TRIBUTARY_TOKEN' : '';
  return `${status} ${answer.error}${remedy}`;
}

/** The message of `fetch` itself says only that it failed. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
