import { expect, it } from 'vitest';
import { fuzzReceiver } from './remote-write.ts';

it('answers 3,000 damaged requests with 2xx or 4xx, quickly, and queues nothing that the worker could not read', async () => {
  const report = await fuzzReceiver(3000, 20261122);
  expect(report.failures).toEqual([]);
  // Damage of every depth: some is not noticed, some refuses a part, some everything.
  expect(report.statuses['204']).toBeGreaterThan(50);
  expect(report.statuses['400']).toBeGreaterThan(500);
  expect(report.queuedMessages).toBeGreaterThan(500);
});
