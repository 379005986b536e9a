import { runFuzz } from './run-fuzz.ts';
import { TARGETS } from './targets/targets.ts';

const [total = '100000', seed = String(Date.now() % 1e9), only = ''] = process.argv.slice(2);
const chosen = TARGETS.filter(({ name }) => new RegExp(only).test(name));
const count = Math.ceil(Number(total) / chosen.length);
console.log(`${count} inputs for each of ${chosen.length} parsers, seed ${seed}`);
const began = performance.now();
const reports = [];
for (const target of chosen) {
  const report = await runFuzz(target, count, Number(seed));
  reports.push(report);
  const { failures, inputs, accepted, refused, slowestMs, heapGrowth } = report;
  for (const failure of failures) console.error(`${target.name}: ${failure}`);
  console.log(
    `${target.name.padEnd(24)} ${inputs} inputs: ${accepted} accepted, ${refused} refused, ${failures.length} failures; ` +
      `slowest ${slowestMs.toFixed(1)} ms, heap ${(heapGrowth / 2 ** 20).toFixed(1)} MiB`,
  );
}
const inputs = reports.reduce((sum, report) => sum + report.inputs, 0);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  `${inputs} inputs in ${seconds} s, resident set at its largest ${process.resourceUsage().maxRSS >> 10} MiB`,
);
process.exitCode = reports.some(({ failures }) => failures.length > 0) ? 1 : 0;
