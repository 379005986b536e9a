import { startLocal } from '../../local/start.ts';

/** What the process is told in its only argument, as JSON. */
export interface StackChildOptions {
  readonly config: string;
  readonly data: string;
  readonly port: number;
  /** `POST CONTROL/SERVICE` with the endpoint of a stand-in answers with the endpoint to use instead. */
  readonly control: string;
}

/** The whole local stack in a process of its own, so that it can be killed at any moment. */
const { control, ...options } = JSON.parse(process.argv[2] ?? '') as StackChildOptions;

await startLocal({
  ...options,
  log: (line) => process.stderr.write(`${line}\n`),
  between: async (service, url) => {
    const response = await fetch(`${control}/${service}`, { method: 'POST', body: url });
    return response.text();
  },
});
