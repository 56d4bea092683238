import type { GateOutcome } from '../contracts/decision.js';
import type { Gate, Study } from '../contracts/study.js';
import type { RunIndex } from './run-index.js';

/**
 * Every gate for every alternative. A gate is passed when each draw has a run that ended without a finding of the gate's operation: what
 * was not shown to hold does not pass.
 */
export function judgeGates(study: Study, runs: RunIndex): readonly GateOutcome[] {
  return study.gates.flatMap((gate) =>
    study.alternatives.map(({ id }) => {
      const reasons = reasonsAgainst(gate, id, study.draws, runs);
      return { gate: gate.id, alternative: id, passed: reasons.length === 0, reasons };
    }),
  );
}

/** The alternatives that pass every gate. */
export function eligibleAlternatives(gates: readonly GateOutcome[], study: Study): ReadonlySet<string> {
  const failed = new Set(gates.filter(({ passed }) => !passed).map(({ alternative }) => alternative));
  return new Set(study.alternatives.map(({ id }) => id).filter((id) => !failed.has(id)));
}

/** Each reason once, in the order of the draws. */
function reasonsAgainst(gate: Gate, alternative: string, draws: number, runs: RunIndex): readonly string[] {
  const reasons = new Set<string>();
  for (let draw = 0; draw < draws; draw++) {
    const run = runs(alternative, gate.workload, draw);
    if (run === undefined) reasons.add(`no run of ${gate.workload}, draw ${draw}`);
    else if (run.failure !== null) reasons.add(`the run of ${gate.workload} failed, draw ${draw}: ${run.failure}`);
    else {
      for (const finding of run.findings) if (finding.operation === gate.operation) reasons.add(finding.detail);
    }
  }
  return [...reasons];
}
