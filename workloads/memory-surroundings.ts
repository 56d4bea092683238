import type { RunFrameMap } from '../contracts/frame-map.js';
import type { Domain, Finding, Host, Platform, Simulation } from '../engine/index.js';
import type { LabOvercommit } from './host-memory.js';
import type { Inside } from './lab-domain.js';
import type { LabDomain, LabHost } from './workload.js';

/** What the lab has for its memory. */
export interface MemorySurroundings {
  readonly simulation: Simulation;
  readonly findings: Finding[];
  readonly frameMaps: RunFrameMap[];
  replaceSimulation(platform: Platform): void;
  hostOf(face: LabHost): Host;
  insideOf(face: LabDomain): Inside;
  insideOfDomain(domain: Domain): Inside | undefined;
  controlOf(host: Host): Domain;
  buildOnDemand(
    face: LabHost,
    domain: Parameters<LabOvercommit['buildOnDemand']>[1],
    hypothetical: boolean,
  ): LabDomain | null;
}

/** Records a refusal, unless one of the same rule was for the same operation. */
export const refuseOnce = (findings: Finding[], finding: Finding): void => {
  if (!findings.some(({ rule, operation }) => rule === finding.rule && operation === finding.operation))
    findings.push(finding);
};
