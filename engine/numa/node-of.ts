import { NO_FRAME, type Mfn, asMfn } from '../host/frame-number.js';
import type { Host } from '../host/host.js';

/** The NUMA node of a frame; 0 where its bank names none. */
export const nodeOf = (host: Host, mfn: Mfn): number => {
  const at = mfn * host.simulation.platform.pageBytes;
  return host.banks.find(({ start, size }) => at >= start && at < start + size)?.node ?? 0;
};

/** Takes free frames of a node out of the heap, the lowest first; `NO_FRAME` when none is left above the last one. */
export const takerOnNode = (host: Host, node: number): (() => Mfn) => {
  const { pageBytes } = host.simulation.platform;
  const banks = host.banks.filter((bank) => (bank.node ?? 0) === node);
  let [bank] = banks;
  let next = bank === undefined ? 0 : bank.start / pageBytes;
  return () => {
    while (bank !== undefined) {
      for (; next < (bank.start + bank.size) / pageBytes; next += 1) {
        if (host.heap.allocateAt(asMfn(next), 0)) return asMfn(next);
      }
      bank = banks[banks.indexOf(bank) + 1];
      if (bank !== undefined) next = bank.start / pageBytes;
    }
    return asMfn(NO_FRAME);
  };
};
