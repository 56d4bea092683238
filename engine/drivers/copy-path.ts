import { Nic } from '../devices/nic.js';
import { isFinding } from '../finding.js';
import { type CopyRequest, copyGrants } from '../grants/copy-grants.js';
import type { DriverEnds, ReceivePath, TransmitPath } from './data-path.js';
import { OfferedPages } from './offered-pages.js';
import { refuse } from '../grants/resolve.js';

/** By grant copy: the hypervisor copies to and from frames of the backend's own; a batch is one hypercall. */
export const copyTransmit = (ends: DriverEnds, stampOf: (reference: number) => number): TransmitPath => {
  const { frontend, backend } = ends;
  const pages = new OfferedPages(ends);
  const nic = new Nic(backend);
  return {
    offer: (pfn) => pages.grant(pfn, 'read'),

    fetch(references) {
      const locals = references.map(() => backend.takeFreeFrame());
      const wanted = references.flatMap((reference, index): CopyRequest[] => {
        const own = locals[index];
        return own === null ? [] : [{ source: { granter: frontend, reference }, destination: { own } }];
      });
      const results = wanted.length > 0 ? copyGrants(backend, wanted) : [];
      let next = 0;
      return references.map((reference, index) => {
        const local = locals[index];
        if (local === null) return refuse(backend, 'copy grant', 'free-frames', `${backend.name} has no frame free`);
        const refusal = results[next];
        next += 1;
        if (refusal === null) backend.filledByDevice(local, stampOf(reference));
        const sent = refusal ?? nic.transmit(local);
        backend.giveBackFrame(local);
        return sent;
      });
    },

    retract(reference) {
      const ended = pages.end(reference);
      return isFinding(ended) ? ended : null;
    },
    close: () => {},
  };
};

export const copyReceive = (ends: DriverEnds): ReceivePath => {
  const { frontend, backend } = ends;
  const pages = new OfferedPages(ends);
  return {
    post: () => pages.grantFree(),

    deliver(references, locals) {
      const results = copyGrants(
        backend,
        references.map((reference, index) => ({
          source: { own: locals[index] },
          destination: { granter: frontend, reference },
        })),
      );
      for (const local of locals) backend.giveBackFrame(local);
      return results;
    },

    collect(reference, stamp) {
      const pfn = pages.end(reference);
      if (!isFinding(pfn)) frontend.filledByDevice(pfn, stamp);
      return pfn;
    },

    withdraw(reference) {
      const pfn = pages.end(reference);
      if (!isFinding(pfn)) frontend.giveBackFrame(pfn);
    },
    close: () => {},
  };
};
