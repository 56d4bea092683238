import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { MEMORY_CASES, runMemory } from './memory-suites.js';

const SUITES = ['oversubscription', 'hot-plug', 'sparse-memory'];
const OURS = BUILT_IN_WORKLOADS.filter(({ id }) => SUITES.some((suite) => id.startsWith(`${suite}/`)));
const SMALL = {
  memory: 16,
  guestMemory: 4,
  guests: 2,
  slack: 16,
  rounds: 1,
  steps: 2,
  hostMemory: 144,
  workingSet: 2,
  seconds: 0.1,
  bankSize: 16,
  buffers: 5,
  bouncePool: 1,
  frames: 4,
};
const OWN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'oversubscription/until-it-breaks': { hostMemory: 32, guestMemory: 8 },
  'oversubscription/populate-on-demand': { frames: 50, workingSet: 40 },
  'oversubscription/out-of-phase': { guestMemory: 8 },
};

/** All under every model somewhere; of the rest one a suite, another one in each case. */
const FULL = [
  'ia64-2006: control direct',
  'x86-64-2026: guest p2m',
  'x86-64-2026: guest nested',
  'ppc64-2006: guest insert',
];
const CASES = MEMORY_CASES.flatMap((under, number) => {
  const chosen = SUITES.map((suite) => {
    const ours = OURS.filter(({ id }) => id.startsWith(`${suite}/`));
    return ours[number % ours.length];
  });
  return (FULL.includes(under.title) ? OURS : chosen).map((workload) => ({
    title: `${under.title}: ${workload.id}`,
    under,
    workload,
  }));
});

it('the cases that run all are there', () => {
  expect(MEMORY_CASES.map(({ title }) => title).filter((title) => FULL.includes(title))).toHaveLength(FULL.length);
});

describe('every model of every platform', () => {
  it.each(CASES)('$title states all of its metrics, or says what was refused', ({ under, workload }) => {
    const record = runMemory(workload, under, { ...SMALL, ...OWN[workload.id] });
    const missing = Object.keys(workload.metrics).filter((name) => !record.metrics.has(name));
    if (record.findings.length === 0) expect(missing).toEqual([]);
    for (const [name, value] of record.metrics) expect([name, Number.isFinite(value)]).toEqual([name, true]);
  });
});
