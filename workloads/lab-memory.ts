import { BalloonOperations, type Domain, type Finding, type Simulation, isFinding } from '../engine/index.js';
import type { LabDomain } from './workload.js';

/** What a domain of the lab does with its memory. */
export const labMemory = (
  simulation: Simulation,
  now: () => Domain,
  refused: (finding: Finding) => void,
): Pick<LabDomain, 'balloonOut' | 'balloonIn' | 'machineAddresses'> => ({
  balloonOut(pages, anOperation = 1) {
    const domain = now();
    const operations = operationsOf(domain, anOperation);
    const stream = simulation.stream(`balloon of ${domain.name}`);
    for (let gone = 0; gone < pages; gone += 1) {
      const pfn = domain.free.takeScattered(stream);
      if (pfn === null) return gone;
      operations?.name(domain.id);
      const out = domain.balloon.release(pfn, operations !== null);
      if (!isFinding(out)) continue;
      refused(out);
      return gone;
    }
    return pages;
  },

  balloonIn(pages = Infinity, anOperation = 1) {
    const domain = now();
    const operations = operationsOf(domain, anOperation);
    let came = 0;
    const rules = new Set<string>();
    for (const pfn of domain.balloon.frames) {
      if (came >= pages) break;
      operations?.name(domain.id);
      const refusal = domain.balloon.in(pfn, operations !== null);
      if (refusal === null) {
        came += 1;
        continue;
      }
      operations?.end();
      if (!rules.has(refusal.rule)) refused(refusal);
      rules.add(refusal.rule);
    }
    return came;
  },

  machineAddresses() {
    const { model } = now();
    return model.showsMachineFrames ? model.ownedFrames().length : 0;
  },
});

/** The operations that name so many frames; none where each has a hypercall of its own. */
const operationsOf = ({ account }: Domain, anOperation: number): BalloonOperations | null =>
  anOperation > 1 ? new BalloonOperations(account, anOperation) : null;
