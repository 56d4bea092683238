import type { GateOutcome } from '../../contracts/decision.js';
import type { DecisionTable, TableCriterion, TableGate } from '../../contracts/decision-table.js';
import { leavesOf } from './tree.js';

/** Every gate for every alternative. What was not shown to hold does not pass. */
export const judgeTableGates = ({ gates, alternatives, criteria }: DecisionTable): readonly GateOutcome[] => {
  const byId = new Map(leavesOf(criteria).map(({ criterion }) => [criterion.id, criterion]));
  return gates.flatMap((gate) =>
    alternatives.map(({ id }) => {
      const reasons = reasonsAgainst(gate, id, byId);
      return { gate: gate.id, alternative: id, passed: reasons.length === 0, reasons };
    }),
  );
};

const reasonsAgainst = (
  gate: TableGate,
  alternative: string,
  criteria: ReadonlyMap<string, TableCriterion>,
): readonly string[] => {
  if (gate.kind === 'stated') return Object.hasOwn(gate.fails, alternative) ? [gate.fails[alternative]] : [];
  const { atLeast, atMost } = gate;
  const { figures, unit } = criteria.get(gate.criterion)!;
  const figure = figures[alternative];
  if (figure === null) return [`${gate.criterion} has no figure`];
  const reasons: string[] = [];
  if (atLeast !== null && figure.low < atLeast)
    reasons.push(`${gate.criterion} may be ${said(figure.low, unit)}, below ${said(atLeast, unit)}`);
  if (atMost !== null && figure.high > atMost)
    reasons.push(`${gate.criterion} may be ${said(figure.high, unit)}, above ${said(atMost, unit)}`);
  return reasons;
};

const said = (figure: number, unit: string): string => `${figure} ${unit}`.trimEnd();
