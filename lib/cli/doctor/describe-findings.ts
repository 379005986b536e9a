import { type Examined, type Finding, isBroken } from './finding.ts';

/** Findings as text for people: a paragraph for each server, what is broken with its remedy, and a last line. */
export function describeFindings(title: string, examined: readonly Examined[]): string {
  const broken = examined.filter(isBroken).length;
  const verdict = broken === 0 ? 'Nothing is broken.' : `Broken: ${broken} of ${examined.length}.`;
  return [
    title,
    ...examined.flatMap(({ subject, findings }) => ['', subject, ...findings.flatMap(describeFinding)]),
    '',
    verdict,
    '',
  ].join('\n');
}

function describeFinding({ check, verdict, message, remedy, snippet = [] }: Finding): string[] {
  return [
    `  ${verdict.padEnd(8)} ${check.padEnd(12)} ${message}`,
    ...(remedy === undefined ? [] : [`${INDENT}-> ${remedy}`]),
    ...snippet.map((line) => `${INDENT}     ${line}`),
  ];
}

const INDENT = ' '.repeat(24);
