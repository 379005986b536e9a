import type { MeasuredUnits } from '../lib/cost/measured-units.ts';
import { CountingTable } from './counting-table.ts';
import { coldStorage, SCRAPE_MS, START } from './day-of-samples.ts';
import { scrapeTraffic } from './scrape-traffic.ts';

const COMMITS = 7;
/** A commit of ten thousand active series every 5 s: what a byte of the log is taken from. */
const USUAL_SAMPLES = 3333;

/** Write units and bytes of samples as commits of different sizes, each series once a commit. */
export async function measureWrites(
  sizes: readonly number[],
): Promise<Pick<MeasuredUnits, 'writeUnitsPerThousand' | 'logBytesPerSample'>> {
  const traffic = scrapeTraffic({ services: 9, podsPerService: 104, routes: 1, seed: 3 });
  const measured = [];
  let logBytesPerSample = 0;
  for (const samples of sizes) {
    let now = START;
    const table = new CountingTable();
    const storage = coldStorage(table, () => now);
    const [units, bytes] = [[] as number[], [] as number[]];
    // The first commit writes labels, too.
    for (let commit = 0; commit <= COMMITS; commit++, now += SCRAPE_MS) {
      const appender = storage.appender('bench', 'normalised');
      for (const { labels, target, next } of traffic.slice(0, samples)) {
        appender.append(labels, { timestamp: now - ((target * 4397) % SCRAPE_MS), value: next() });
      }
      await appender.commit();
      const { writeUnits, bytesWritten } = table.takeUsage();
      if (commit === 0) continue;
      units.push(writeUnits);
      bytes.push(bytesWritten);
    }
    const count = COMMITS * Math.min(samples, traffic.length);
    measured.push({ samples, units: round((sum(units) / count) * 1000) });
    if (samples === USUAL_SAMPLES) logBytesPerSample = round(sum(bytes) / count);
  }
  return { writeUnitsPerThousand: measured, logBytesPerSample };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
