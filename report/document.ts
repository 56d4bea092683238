import type { ReportDocument } from '../contracts/document.js';
import { namesOf, type ReportInput } from './names.js';
import type { AuthoredProse } from './prose.js';
import { indexRuns } from './run-index.js';
import { findingsSection } from './sections/findings.js';
import { flipSection } from './sections/flips.js';
import { inputsSection } from './sections/inputs.js';
import { depthSection } from './sections/analysis/depth.js';
import { informationSection } from './sections/analysis/information.js';
import { sensitivitySection } from './sections/analysis/sensitivity.js';
import { beliefFacts, criteriaTable } from './sections/method.js';
import { nodesCharts } from './sections/nodes.js';
import { overviewSection } from './sections/overview.js';
import { alternativesSection, judgementsSection } from './sections/people.js';
import { profilesSection } from './sections/profiles.js';
import { standingSection } from './sections/standing.js';
import { sweepSections } from './sections/sweeps.js';
import { verdictSection } from './sections/verdict.js';
import { workloadSections } from './sections/workloads.js';

/**
 * The whole report as plain data, a pure function of its input: the order in which the runs come does not matter. Throws
 * when the decision is not of this study.
 */
export function buildDocument(input: ReportInput, prose: AuthoredProse): ReportDocument {
  const { study, manifest, runs, decision } = input;
  if (decision.study !== study.id || manifest.study !== study.id)
    throw new Error(
      `study ${study.id}, runs of ${manifest.study} and decision of ${decision.study} do not belong together`,
    );
  const names = namesOf(input);
  const index = indexRuns(runs);
  return {
    format: 'physmap report 1',
    study: study.id,
    title: study.title,
    question: study.question,
    background: { markdown: study.description },
    verdict: verdictSection(study, decision, names),
    overview: overviewSection(study, decision, names),
    standing: standingSection(study, decision, names),
    across: nodesCharts(input, index, names),
    workloads: workloadSections(input, index, names),
    sweeps: sweepSections(input, names),
    sensitivity: sensitivitySection(study, decision, names),
    flips: flipSection(input, names),
    findings: findingsSection(
      runs,
      names,
      study.alternatives.map((each) => each.id),
      manifest.workloads.map((each) => each.id),
    ),
    alternatives: alternativesSection(study, manifest),
    judgements: judgementsSection(study, decision),
    profiles: profilesSection(study, decision, names),
    information: informationSection(input, names),
    depth: depthSection(study, decision, names),
    belief: { facts: beliefFacts(input), limits: { markdown: prose.limits } },
    method: { prose: { markdown: prose.method }, criteria: criteriaTable(study, decision, names) },
    inputs: inputsSection(input),
    command: input.flips === undefined ? manifest.command : `${manifest.command}\n${input.flips.command}`,
  };
}
