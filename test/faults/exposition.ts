import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service whose counters grow by other steps at each scrape, and now and then start anew. */
export async function startExposition(metric: string, shards: number, random: () => number) {
  const values = new Array<number>(shards).fill(0);
  const server: Server = createServer((_, response) => {
    const lines = values.map((value, shard) => {
      values[shard] = random() < 0.002 ? 0 : value + random() * 100;
      return `${metric}{shard="${shard}"} ${value}`;
    });
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# TYPE ${metric} counter\n${lines.join('\n')}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
