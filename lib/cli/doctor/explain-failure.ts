import { QueryRejectedError } from '../../remote/query.ts';
import { type FailureReason, RemoteError } from '../../remote/remote-error.ts';
import type { Finding } from './finding.ts';

const REMEDIES: Readonly<Record<FailureReason, string>> = {
  timeout: 'look whether a firewall drops packets, or whether the server is overloaded; --timeout waits longer',
  unknown_host: 'DNS does not know the name: correct the URL, or run where the name can be resolved',
  address_not_allowed: 'add the network to allow_networks of the source if that server is meant',
  connection_refused: 'nothing listens there: correct host and port, or start the server',
  connection_lost: 'look at the log of the server, and of what stands before it',
  unreachable: 'there is no route: look at firewalls, security groups and the network of the function',
  tls: 'name a private authority in tls.ca, or the name that the certificate is for in tls.server_name; if the server asks for a certificate, set tls.cert and tls.key',
  credentials: 'set what the reference names where this runs, and where the function runs',
  unauthorized: 'correct auth and headers of the source, or the permissions of that user at the server',
  redirect: 'put the URL that it leads to into the source',
  http_status: 'correct the URL: it is the base of the server, what stands before /api/v1 or /federate',
  body_too_large: 'narrow the rules, or raise the limit',
  bad_response: 'correct the URL: what answers there does not speak the API of Prometheus',
};

/** What a failed request means for a check. Anything but a failure of the server is a fault of ours and is thrown on. */
export function explainFailure(check: string, error: unknown, verdict: Finding['verdict'] = 'broken'): Finding {
  if (!(error instanceof RemoteError)) throw error;
  return { check, verdict, message: `${error.reason}: ${error.message}`, remedy: remedyFor(error) };
}

function remedyFor(error: RemoteError): string {
  if (error instanceof QueryRejectedError) return 'look at the limits of the server, and at what it says';
  if (error.reason === 'address_not_allowed' && error.message.includes('never'))
    return 'use another address of the server';
  return REMEDIES[error.reason];
}
