import type { RemoteAccess, RemoteAuth } from '../../context/remote-access.ts';
import type { FederationSource, Tenant } from '../../context/tenant.ts';
import { federationMatchers, federationPages } from '../../plan/federation-matchers.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatDuration } from '../../promql/duration.ts';
import { scopeHint } from './scope-hint.ts';

export interface FederationSetup {
  readonly tenant: Pick<Tenant, 'name'>;
  readonly source: FederationSource;
  readonly plan: Plan;
}

/** What the servers of a federation source must allow, and what we will ask them: selectors, and the URLs of pages. */
export function describeFederationSetup({ tenant, source, plan }: FederationSetup): string {
  const { name, servers, interval, timeout, access, scope } = source;
  const selectors = federationMatchers(plan);
  const pages = federationPages(selectors);
  return [
    `Source ${name} of tenant ${tenant.name}, made from plan ${plan.version}: nothing is pasted anywhere, we come and read.`,
    '',
    'WHAT WE MUST REACH',
    ...servers.map((server) => `  GET ${server}/federate and ${server}/api/v1/metadata`),
    `  every ${formatDuration(interval)}, ${pages.length} ${pages.length === 1 ? 'page' : 'pages'} within ${formatDuration(timeout)}, from the function federation`,
    ...[...describeAuth(access.auth), ...describeAccess(access)].map((line) => `  ${line}`),
    '',
    'SCOPE',
    ...scopeHint(scope).map((line) => `  ${line}`),
    '',
    'WHAT WE ASK FOR (match[])',
    ...selectors.map((selector) => `  ${selector}`),
    '',
    'THE SAME AS URLS',
    ...servers.flatMap((server) => pages.map((page) => `  ${server}/federate?${page.map(asParameter).join('&')}`)),
    '',
    `Whether it works: tributary doctor ${name}`,
    '',
  ].join('\n');
}

function asParameter(selector: string): string {
  return `match%5B%5D=${encodeURIComponent(selector)}`;
}

function describeAuth(auth: RemoteAuth): string[] {
  switch (auth.type) {
    case 'none':
      return ['without credentials: let nobody else reach it'];
    case 'basic':
      return [`as user ${auth.username}, with the password of ${auth.password}`];
    case 'bearer':
      return [`with the bearer token of ${auth.token}`];
    case 'oauth2':
      return [`with a token from ${auth.tokenUrl} for client ${auth.clientId}, whose secret is ${auth.clientSecret}`];
    case 'sigv4':
      return [`signed for ${auth.service} in ${auth.region} with ${auth.accessKeyId}`];
  }
}

function describeAccess({ headers, tls, allowNetworks }: RemoteAccess): string[] {
  const names = Object.keys(headers);
  return [
    ...(names.length === 0 ? [] : [`with the headers ${names.join(', ')}`]),
    ...(tls.cert === undefined ? [] : [`with the certificate of ${referenceOf(tls.cert)}`]),
    ...(tls.ca === undefined ? [] : [`trusting the authority of ${referenceOf(tls.ca)}`]),
    allowNetworks.length === 0
      ? 'public addresses only: private ones need allow_networks and the function in your VPC'
      : `public addresses and those of allow_networks: ${allowNetworks.join(', ')}`,
  ];
}

/** A PEM text is too long to be shown. */
function referenceOf(text: string): string {
  return text.startsWith('${') ? text : 'tributary.yml';
}
