import { type Domain, type Finding, type Simulation, isFinding } from '../engine/index.js';
import type { LabDomain } from './workload.js';

/** What a domain of the lab does with its memory. */
export const labMemory = (
  simulation: Simulation,
  now: () => Domain,
  refused: (finding: Finding) => void,
): Pick<LabDomain, 'balloonOut' | 'balloonIn' | 'machineAddresses'> => ({
  balloonOut(pages) {
    const domain = now();
    const stream = simulation.stream(`balloon of ${domain.name}`);
    for (let gone = 0; gone < pages; gone += 1) {
      const pfn = domain.free.takeScattered(stream);
      const out = pfn === null ? null : domain.balloon.release(pfn);
      if (out === null) return gone;
      if (!isFinding(out)) continue;
      refused(out);
      return gone;
    }
    return pages;
  },

  balloonIn(pages = Infinity) {
    const domain = now();
    let came = 0;
    const rules = new Set<string>();
    for (const pfn of domain.balloon.frames) {
      if (came >= pages) break;
      const refusal = domain.balloon.in(pfn);
      if (refusal === null) came += 1;
      else if (!rules.has(refusal.rule)) refused(refusal);
      if (refusal !== null) rules.add(refusal.rule);
    }
    return came;
  },

  machineAddresses() {
    const { model } = now();
    return model.showsMachineFrames ? model.ownedFrames().length : 0;
  },
});
