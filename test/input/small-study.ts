import { parseStudy } from '../../input/study.js';
import type { StudyDraft } from '../../input/study.js';
import { UserError, allErrors } from '../../input/user-error.js';
import { parseYaml } from '../../input/yaml-file.js';

/** The smallest study with every part in it. Tests break one line of it and say what has to be reported. */
export const smallStudy = `id: small
title: A small study
question: Which one?
description: Nothing but parts.
platform: ia64-2006
baseline: stay
alternatives:
  - id: stay
    title: Stay
    description: As it is.
    roles:
      control: {model: direct, options: {access: trusted}}
  - id: move
    title: Move
    description: As it may be.
    roles:
      control: {model: p2m, hypothetical: true}
workloads:
  - id: migration/uniform-writer
    parameters: {guestMemory: 256 MiB, writeRate: 20000 pages/s}
gates:
  - {id: migrates, title: It migrates, workload: migration/uniform-writer, operation: migrate, because: Asked for.}
criteria:
  - group: Measured
    criteria:
      - id: downtime
        title: Downtime
        description: How long it stands still.
        kind: measured
        workload: migration/uniform-writer
        metric: downtime
        unit: ms
        value: [{at: 30 ms, value: 1}, {at: 3 s, value: 0}]
  - id: months
    title: Months
    description: Until it is stable.
    kind: judged
    unit: months
    value:
      - {at: 0 months, value: 1}
      - {at: 12 months, value: 0}
    judgements:
      stay: {low: 0 months, likely: 0 months, high: 1 months, because: Nothing moves., source: judgement}
      move: {low: 2 months, likely: 6 months, high: 12 months, because: Much moves., source: judgement}
profiles:
  - id: user
    title: User
    because: Somebody has to.
    spread: 0.5
    weights:
      downtime: {points: 60, because: It hurts.}
      months: {points: 40, because: It can wait.}
`;

/** The small study with one piece of text replaced. */
export function withChange(from: string, to: string): string {
  if (smallStudy.split(from).length !== 2) throw new Error(`"${from}" is not there once`);
  return smallStudy.replace(from, to);
}

export function draftOf(text: string): StudyDraft {
  return parseStudy(parseYaml(text, 'small.yaml'));
}

/** The mistakes that are reported for a text. */
export function mistakesIn(read: () => unknown): readonly UserError[] {
  try {
    read();
  } catch (error) {
    if (error instanceof UserError) return allErrors(error);
    throw error;
  }
  return [];
}
