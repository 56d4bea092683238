import type { RunFrameMap } from '../contracts/frame-map.js';
import type { RunStation } from '../contracts/run.js';
import type { Finding, Simulation } from '../engine/index.js';
import type { Lab, LabDomain, LabPart, StepTimes } from './workload.js';

interface RecordedSeries {
  readonly values: readonly number[];
  readonly times?: StepTimes;
}

/** What a workload left behind. */
export interface LabRecord {
  readonly metrics: Map<string, number>;
  readonly series: Map<string, RecordedSeries>;
  readonly parts: Map<string, readonly LabPart[]>;
  readonly chain: RunStation[];
  readonly frameMaps: RunFrameMap[];
  readonly findings: Finding[];
  readonly simulation: Simulation;
}

/** A record of nothing yet. */
export const createRecord = (simulationNow: () => Simulation): LabRecord => ({
  metrics: new Map(),
  series: new Map(),
  parts: new Map(),
  chain: [],
  frameMaps: [],
  findings: [],
  get simulation() {
    return simulationNow();
  },
});

/** The part of a lab by which a workload fills its record. */
export const labRecording = (
  record: LabRecord,
  modelOf: (face: LabDomain) => { readonly name: string; readonly model: string },
): Pick<Lab, 'measure' | 'record' | 'explain' | 'chain'> => ({
  measure: (metric, value) => void record.metrics.set(metric, value),
  record: (series, values, times) =>
    void record.series.set(series, times === undefined ? { values } : { values, times }),
  explain: (metric, parts) => void record.parts.set(metric, parts),
  chain(stations) {
    const drawn = stations.map(({ domain, ...counts }) =>
      domain === null ? { name: 'device', model: null, ...counts } : { ...modelOf(domain), ...counts },
    );
    record.chain.splice(0, Infinity, ...drawn);
  },
});
