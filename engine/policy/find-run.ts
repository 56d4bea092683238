import type { Domain } from '../domain/domain.js';
import { type Mfn, type Pfn, asMfn, asPfn } from '../host/frame-number.js';

/**
 * Guest frames, of these, behind which 2^order machine frames follow each other from an aligned one on. A domain that knows machine frames
 * looks for a run of them; another for an aligned run of guest frames, which is one of machine frames by luck.
 */
export const findRun = ({ host, model }: Domain, free: readonly Pfn[], order: number): Pfn[] | null => {
  const byMachine = model.showsMachineFrames;
  const size = 2 ** order;
  const isRun = (pfn: Pfn): boolean => {
    const first = model.machineFrame(pfn);
    if (first % size !== 0) return false;
    for (let offset = 1; offset < size; offset += 1) {
      if (model.machineFrame(asPfn(pfn + offset)) !== ((first + offset) as Mfn)) return false;
    }
    return true;
  };
  if (!byMachine && !free.some((pfn) => pfn % size === 0 && isRun(pfn))) return null;
  const numbers = Int32Array.from(byMachine ? free.map((pfn) => model.machineFrame(pfn)) : free).sort();
  for (let at = 0; at + size <= numbers.length; at += 1) {
    const first = numbers[at];
    if (first % size !== 0 || numbers[at + size - 1] !== first + size - 1) continue;
    if (!byMachine && !isRun(asPfn(first))) continue;
    return Array.from({ length: size }, (_, offset) =>
      byMachine ? host.frames.guestFrame(asMfn(first + offset)) : asPfn(first + offset),
    );
  }
  return null;
};
