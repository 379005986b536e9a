/**
 * A Lambda sandbox in small: imports one bundle, answers its first event and a second one, and prints what each took.
 * `node coldstart-probe.mjs BUNDLE EVENT_JSON`; milliseconds, and bytes of resident memory.
 */
const [, , bundle, event] = process.argv;
const context = { getRemainingTimeInMillis: () => 30_000 };
const started = performance.now();
const { handler } = await import(bundle);
const imported = performance.now();
const first = await handler(JSON.parse(event), context);
const answered = performance.now();
await handler(JSON.parse(event), context);
const again = performance.now();
const cpu = process.cpuUsage();
console.log(
  JSON.stringify({
    boot: started,
    import: imported - started,
    first: answered - imported,
    second: again - answered,
    cpu: (cpu.user + cpu.system) / 1000,
    rss: process.memoryUsage().rss,
    status: first?.statusCode ?? 0,
    failed: first?.batchItemFailures?.length ?? 0,
  }),
);
process.exit(0);
