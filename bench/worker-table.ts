import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDbServer } from '../local/dynamodb-server.ts';

/** The stand-in for DynamoDB as a process of its own, so that its CPU time is not the worker's. Says its URL to the parent. */
const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-table-'));
const { url } = await startDynamoDbServer({ folder });
process.send?.({ url });
process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
