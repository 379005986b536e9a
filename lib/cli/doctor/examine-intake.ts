import { isWantedDrop } from '../../pipeline/wanted-drop.ts';
import type { Plan } from '../../plan/plan.ts';
import { RemoteError } from '../../remote/remote-error.ts';
import type { SourceTally } from '../../storage/ledger.ts';
import type { FoundSource } from '../find-source.ts';
import { explainFailure } from './explain-failure.ts';
import type { Examined, Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** Later than this nothing is coming any more, whatever gathers it on its way, ms. */
const MAX_SILENCE = 5 * 60_000;

/** Above that much of what is sent for nothing, filtering is worth it. */
const MAX_UNSELECTED = 0.2;

/** What the deployed API knows of a source: when something came last, and what was refused or dropped in the last hour. */
export async function examineIntake(
  probe: Probe,
  { plan, ...found }: FoundSource & { readonly plan: Pick<Plan, 'version'> },
): Promise<Examined> {
  const subject = `${probe.client.url}/api/v1/status/intake`;
  try {
    const data = asIntake(await probe.data('/api/v1/status/intake', [['window', '1h']]), subject);
    return { subject, findings: [...checkPlan(data, plan), ...checkSource(data, found)] };
  } catch (error) {
    const failure = explainFailure('api', error);
    const isRefused = failure.message.startsWith('unauthorized');
    return { subject, findings: [isRefused ? { ...failure, remedy: tokenRemedy(found) } : failure] };
  }
}

interface Intake {
  readonly plan: string;
  readonly window: { readonly maxt: number };
  readonly sources: readonly SourceTally[];
}

/** @throws RemoteError where the answer comes from something else than our API */
function asIntake(data: unknown, url: string): Intake {
  const { sources, window } = (data ?? {}) as Partial<Intake>;
  const isIntake = Array.isArray(sources) && sources.every((one) => one?.tally !== undefined) && window !== undefined;
  if (isIntake) return data as Intake;
  throw new RemoteError('bad_response', `cannot read ${url}: it is no account of what came in`);
}

function checkPlan({ plan: deployed }: Intake, { version }: Pick<Plan, 'version'>): Finding[] {
  if (deployed === version) return [{ check: 'plan', verdict: 'ok', message: `plan ${version} is deployed` }];
  const message = `plan ${deployed} is deployed, and here is ${version}`;
  return [
    { check: 'plan', verdict: 'warning', message, remedy: 'build and deploy, or look from where it was deployed' },
  ];
}

function tokenRemedy({ tenant }: FoundSource): string {
  return `give a token with the scope read of tenant ${tenant.name}: --token, or the variable TRIBUTARY_TOKEN`;
}

function checkSource({ sources, window }: Intake, wanted: FoundSource): Finding[] {
  const { name } = wanted.source;
  const found = sources.find(({ source }) => source === name);
  if (found === undefined) return [checkMissing(sources, wanted)];
  const { tally, lastReceived, examples } = found;
  const age = window.maxt - lastReceived;
  const last: Finding = {
    check: 'intake',
    verdict: age > MAX_SILENCE ? 'broken' : 'ok',
    message: `the last message came ${Math.round(age / 1000)} s ago; in the last hour ${tally.accepted} samples were accepted, ${tally.selected} of them selected, ${tally.contextualized} contextualized`,
    ...(age > MAX_SILENCE && { remedy: 'look whether the server still sends, or still answers' }),
  };
  const reasons = (kind: 'refused' | 'dropped') =>
    Object.entries(tally[kind]).map(([reason, count]): Finding => {
      const example = examples.find((one) => one.reason === reason);
      const where =
        example === undefined ? '' : `, for example ${[example.series, example.detail].filter(Boolean).join(': ')}`;
      const isHarmless = isWantedDrop(reason);
      return {
        check: kind,
        verdict: isHarmless ? 'note' : tally.accepted === 0 ? 'broken' : 'warning',
        message: `${count} times ${reason}${where}`,
        ...(!isHarmless && { remedy: 'what each reason means: docs/rules.md, docs/federation.md, docs/query.md' }),
      };
    });
  return [last, ...checkWaste(tally, name), ...reasons('refused'), ...reasons('dropped')];
}

/** Without a token a local server tells of its first tenant, whichever was meant. */
function checkMissing(sources: Intake['sources'], wanted: FoundSource): Finding {
  const { tenant, source } = wanted;
  const known = sources.map((one) => one.source);
  const isOthers = known.length > 0 && !tenant.sources.some(({ name }) => known.includes(name));
  if (isOthers) {
    const message = `the answer is about the sources of another tenant: ${known.join(', ')}`;
    return { check: 'intake', verdict: 'warning', message, remedy: tokenRemedy(wanted) };
  }
  const message = `nothing came from ${source.name} within the last hour; from ${known.join(', ') || 'none'} it did`;
  return { check: 'intake', verdict: 'broken', message, remedy: 'examine the server that sends or is read' };
}

function checkWaste({ accepted, unselected }: SourceTally['tally'], name: string): Finding[] {
  if (unselected <= accepted * MAX_UNSELECTED) return [];
  const message = `${Math.round((unselected / accepted) * 100)} % of what came is used by no rule`;
  return [{ check: 'intake', verdict: 'note', message, remedy: `paste what \`tributary setup ${name}\` prints` }];
}
