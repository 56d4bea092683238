import type { FlipAnalysis, FlipCrossing, FlipPoint, FlipSearch } from '../contracts/flip.js';
import type { Study } from '../contracts/study.js';
import { findFlips, standingsOf } from '../decision/index.js';
import { UserError } from '../input/user-error.js';
import { flipBasis, openFlipRuns } from '../runner/index.js';
import { flipCommandLine } from './command-line.js';
import { chooseAxes } from './flip-axes.js';
import { writeFlips } from './flip-file.js';
import { makeFolder } from './out-folder.js';
import { reportPipeline, resolveInputs } from './pipeline.js';
import type { PipelineOptions } from './pipeline.js';

/** Parts of an axis that are looked at before intervals are halved. */
const gridParts = 8;

export interface FlipPipelineOptions extends PipelineOptions {
  readonly jobs: number;
  /** Most runs that the search may need, and the width of a narrow interval as a share of its axis. */
  readonly budget: number;
  readonly resolution: number;
  /** `workload:parameter` or `workload:parameter=from..to`. */
  readonly parameters: readonly string[];
  readonly onRun: (computed: number, reused: number) => void;
}

export interface FlipOutcome {
  readonly study: Study;
  readonly flips: FlipAnalysis;
  readonly file: string;
  /** The report that shows them; null when the study's own runs are not all stored. */
  readonly page: string | null;
  readonly runs: { readonly computed: number; readonly reused: number };
}

/** Study → runs at other values of its workloads' parameters → flips.json → the report again, where there is one to write. */
export async function flipPipeline(options: FlipPipelineOptions): Promise<FlipOutcome> {
  const inputs = await resolveInputs(options);
  const { study } = inputs;
  makeFolder(options.outDir);
  const runner = await openFlipRuns({ ...inputs, jobs: options.jobs, onRun: options.onRun });
  try {
    const { axes, named } = chooseAxes(study, runner.workloads, options.parameters);
    const own = await runner.nominal();
    const standingAt = standingsOf(study, own);
    const found = await findFlips(
      {
        axes,
        named,
        nominal: standingAt(0, own),
        budget: options.budget,
        runsAPoint: study.alternatives.length,
        resolution: options.resolution,
        parts: gridParts,
      },
      async ({ workload, parameter }, values) => {
        const others = own.filter((run) => run.workload !== workload);
        const runs = await runner.vary(values.map((value) => ({ workload, parameter, value })));
        return values.map((value, at) => standingAt(value, [...others, ...runs[at]]));
      },
    );
    const flips: FlipAnalysis = {
      format: 'physmap flips 2',
      study: study.id,
      profile: study.defaultProfile,
      basis: flipBasis(runner.manifest),
      nominal: standingAt(0, own),
      budget: options.budget,
      resolution: options.resolution,
      ...found,
      command: flipCommandLine(options),
    };
    const file = writeFlips(options.outDir, flips);
    return { study, flips, file, page: await pageWith(options), runs: runner.counts() };
  } finally {
    await runner.close();
  }
}

/** The report again; null when runs that it needs were never made. */
async function pageWith(options: PipelineOptions): Promise<string | null> {
  try {
    return (await reportPipeline(options)).page;
  } catch (error) {
    if (error instanceof UserError && error.code === 'missing-file') return null;
    throw error;
  }
}

/** A line for each search. */
export function describeFlips({ study, flips, file, page, runs }: FlipOutcome): string {
  const names = new Map(study.alternatives.map(({ id, short }) => [id, short]));
  const preferred = (ids: FlipPoint['preferred']): string => ids.map((id) => names.get(id) ?? id).join(' = ') || 'none';
  const lines = [
    study.question,
    `  preferred at the study's own values, with the weights of ${flips.profile}: ${preferred(flips.nominal.preferred)}`,
    ...flips.searches.flatMap((search) => [
      `  ${search.axis.workload}: ${search.axis.title}, ${search.axis.nominal} ${search.axis.unit} in the study`.trimEnd(),
      ...describeSearch(search, preferred),
    ]),
  ];
  if (flips.searches.length === 0) lines.push('  no parameter moves the lead of the preferred alternative');
  if (flips.unscreened.length > 0)
    lines.push(`  not looked at within ${flips.budget} runs: ${flips.unscreened.join(', ')}`);
  lines.push(
    `${flips.runs} runs of a budget of ${flips.budget}: ${runs.computed} made, the others used again`,
    `Wrote ${file}`,
  );
  lines.push(page === null ? 'The report shows them after `physmap run`.' : `Wrote ${page}`);
  return `${lines.join('\n')}\n`;
}

function describeSearch(
  { axis, crossings, searched, complete }: FlipSearch,
  preferred: (ids: FlipPoint['preferred']) => string,
) {
  const range =
    searched === null
      ? 'anywhere: every run failed'
      : `from ${searched.low} to ${searched.high} ${axis.unit}`.trimEnd();
  const told = crossings.map(
    ({ low, high, before, after }: FlipCrossing) =>
      `    between ${low} and ${high} ${axis.unit}`.trimEnd() +
      `: ${preferred(before)} below, ${preferred(after)} above`,
  );
  if (told.length === 0) told.push(`    no change ${range}`);
  return complete ? told : [...told, '    the budget ended before the search did'];
}
