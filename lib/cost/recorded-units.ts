import type { MeasuredUnits } from './measured-units.ts';

/** As `npm run bench -- cost` measured them on 2026-11-22 (Node.js 20, two shared x86 cores). */
export const RECORDED_UNITS: MeasuredUnits = {
  receiverCpuPerMillion: 0.133,
  queueBytesPerSample: 30.8,
  workerCpuPerMillion: 14.6,
  writeUnitsPerThousand: [
    { samples: 100, units: 21.4 },
    { samples: 333, units: 12.9 },
    { samples: 1000, units: 11.6 },
    { samples: 3333, units: 11.3 },
    { samples: 10_000, units: 11.3 },
    { samples: 33_333, units: 11.4 },
  ],
  logBytesPerSample: 11.3,
  chunkBytesPerSample: 0.77,
  compactionUnitsPerThousand: 0.77,
  compactionCpuPerMillion: 0.37,
  labelsBytesPerSeries: 3.46,
  queryReadUnits: 203,
};
