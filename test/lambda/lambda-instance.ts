import { openEmfMeter } from '../../lib/lambda/emf-meter.ts';

// An instance of a function that counts two requests and then waits for its end.
const meter = openEmfMeter();
for (const value of [1, 41]) meter.add([{ name: 'Requests', unit: 'Count', value }]);
setTimeout(() => process.exit(3), 30_000);
