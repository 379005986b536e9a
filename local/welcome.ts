import { remoteWriteTuning } from '../lib/cli/setup/remote-write-tuning.ts';
import type { LocalServer } from './start.ts';

/** What a person who started the server wants to know: where it is, how to write to it, and what to ask. */
export function welcome(server: LocalServer, { demo }: { readonly demo: boolean }): string {
  const { url, dataFolder } = server;
  return `
Tributary is ready at ${url}
Data is in ${dataFolder}

${server.writes ? howToWrite(server, demo) : howToRead(server)}

What came in and what became of it:

  ${url}/status
  curl '${url}/api/v1/status/intake'

Grafana: add a data source of type Prometheus with the URL ${url}
Stop with Ctrl-C; a second start goes on with the same data.
`;
}

function howToWrite({ url, tenant, token }: LocalServer, demo: boolean): string {
  return `Paste into your prometheus.yml:

${indent(remoteWriteBlock(url, tenant, token))}

${demo ? 'A simulated shop is writing already (--no-demo leaves it out). Ask for its requests:' : 'Ask for requests:'}

  curl '${url}/api/v1/query?query=asserts:request:total'
  curl -G '${url}/api/v1/query' --data-urlencode 'query=sum by (asserts_source, job) (rate(asserts:request:total[5m]))'`;
}

/** Of a tenant whose servers are asked there are derived series alone, and no shop. */
function howToRead({ url, tenant }: LocalServer): string {
  return `The servers of tenant ${tenant} are asked, and nothing is written to it: there is no shop. In two minutes ask for requests:

  curl '${url}/api/v1/query?query=asserts:request:rate5m'`;
}

/** The block for prometheus.yml; here nobody wants to wait for a large batch. */
export function remoteWriteBlock(url: string, tenant: string, token: string): string {
  return `remote_write:
  - url: ${url}/api/v1/write
    basic_auth:
      username: ${tenant}
      password: ${token}
${remoteWriteTuning({ deadlineSeconds: 5 })}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
