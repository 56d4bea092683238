import { join } from 'node:path';
import type { Decision } from '../contracts/decision.js';
import type { RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { decide } from '../decision/index.js';
import { writeWhole } from '../files/write-whole.js';
import { readStudy } from '../input/study.js';
import { checkStudyAgainst } from '../input/study-registry.js';
import { writeReport } from '../report/index.js';
import { loadRuns, loadWorkloads, runStudy } from '../runner/index.js';
import type { StudyInputs, StudyRuns } from '../runner/index.js';
import { registryWith } from './catalogue.js';
import { makeFolder } from './out-folder.js';
import { exitCode } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { commandLine } from './command-line.js';
import type { ResultOptions } from './command-line.js';
import { readFlips } from './flip-file.js';
import { sweepsAsked } from './sweep-option.js';

/** What a command hands to the stages. Each stage passes files (contracts/) to the next. */
export interface PipelineOptions extends ResultOptions {
  readonly outDir: string;
}

export interface RunPipelineOptions extends PipelineOptions {
  readonly jobs: number;
  readonly onProgress: (done: number, total: number, reused: number) => void;
}

export interface PipelineOutcome {
  readonly study: Study;
  readonly decision: Decision;
  /** The page to open. */
  readonly page: string;
  readonly outDir: string;
  readonly runs: { readonly total: number; readonly computed: number; readonly reused: number };
  readonly failures: readonly string[];
}

/** Study → runs → decision → report. */
export async function runPipeline({ jobs, onProgress, ...options }: RunPipelineOptions): Promise<PipelineOutcome> {
  const inputs = await resolveInputs(options);
  makeFolder(options.outDir);
  const { reused, computed, ...made } = await runStudy({ ...inputs, jobs, onProgress });
  return finishPipeline(inputs, made, { total: computed + reused, computed, reused });
}

/** Stored runs → decision → report. UserError when a run that the study needs is not stored. */
export async function reportPipeline(options: PipelineOptions): Promise<PipelineOutcome> {
  const inputs = await resolveInputs(options);
  const stored = await loadRuns(inputs);
  const total = allRuns(stored).length;
  return finishPipeline(inputs, stored, { total, computed: 0, reused: total });
}

/** The study with every name and unit checked against the workloads that there are, the user's among them. */
export async function resolveInputs(options: PipelineOptions): Promise<StudyInputs> {
  const { studyFile, outDir, userWorkloads, draws, sweeps = [] } = options;
  const draft = readStudy(studyFile);
  const workloads = await loadWorkloads(userWorkloads);
  const study = checkStudyAgainst(draft, registryWith(workloads));
  const asked = sweepsAsked(study, workloads, sweeps);
  return {
    study: {
      ...study,
      ...(draws === undefined ? {} : { draws }),
      ...(asked.length === 0 ? {} : { sweeps: [...(study.sweeps ?? []), ...asked] }),
    },
    studyFile,
    outDir,
    userWorkloads,
    command: commandLine(options),
  };
}

async function finishPipeline(
  { study, outDir }: StudyInputs,
  made: StudyRuns,
  counts: PipelineOutcome['runs'],
): Promise<PipelineOutcome> {
  const { runs, sweeps, manifest } = made;
  const decision = decide(study, runs, manifest.costs);
  writeWhole(join(outDir, 'decision.json'), `${JSON.stringify(decision, null, 2)}\n`);
  const flips = readFlips(outDir, manifest);
  const page = await writeReport(
    { study, manifest, runs, sweeps, decision, ...(flips === null ? {} : { flips }) },
    outDir,
  );
  const failures = allRuns(made).flatMap(({ alternative, workload, draw, failure }) =>
    failure === null ? [] : [`${workload} under ${alternative}, draw ${draw}: ${failure}`],
  );
  return { study, decision, page, outDir, runs: counts, failures };
}

/** Each run once: a point of a sweep may be the study's own. */
function allRuns({ runs, sweeps }: StudyRuns): readonly RunResult[] {
  const swept = sweeps.flatMap(({ points }) => points.flatMap((point) => point.runs));
  return [...new Map([...runs, ...swept].map((run) => [run.key, run])).values()];
}

export function exitCodeOf({ failures }: PipelineOutcome): ExitCode {
  return failures.length > 0 ? exitCode.fault : exitCode.done;
}

/** For `--json`. */
export function outcomeJson({ study, decision, page, outDir, runs, failures }: PipelineOutcome): unknown {
  return {
    study: study.id,
    out: outDir,
    page,
    runs,
    failures,
    verdicts: decision.profiles.map(({ profile, winner, odds, strength }) => ({ profile, winner, odds, strength })),
  };
}

/** The verdict of each profile in a line, then where the page is. */
export function describeOutcome({ study, decision, page, runs, failures }: PipelineOutcome): string {
  const titles = new Map([...study.alternatives, ...study.profiles].map(({ id, title }) => [id, title]));
  const lines = [study.question];
  for (const { profile, winner, tiedWith, odds, strength } of decision.profiles) {
    const first = winner === null ? [] : [winner, ...tiedWith].map((id) => `“${titles.get(id) ?? id}”`);
    const share = `${Math.round(odds * 100)} % of samples`;
    const verdict =
      first.length === 0
        ? 'no alternative passes every gate'
        : first.length === 1
          ? `${strength}: ${first[0]} is first in ${share}`
          : `${strength}: ${first.join(' = ')}, first equally often, in ${share} each`;
    lines.push(`  ${titles.get(profile) ?? profile}: ${verdict}`);
  }
  lines.push(`${runs.total} runs: ${runs.computed} made, ${runs.reused} used again`);
  for (const failure of failures.slice(0, 10)) lines.push(`  failed: ${failure}`);
  if (failures.length > 10) lines.push(`  … and ${failures.length - 10} more failed`);
  lines.push(`Wrote ${page}`);
  return `${lines.join('\n')}\n`;
}
