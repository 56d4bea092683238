import { isFinding } from '../finding.js';
import { type CopyRequest, copyGrants } from '../grants/copy-grants.js';
import { refuse } from '../grants/resolve.js';
import { HEADER_BYTES, type PathEnds, type ReceivePath, type TransmitPath } from './data-path.js';
import { OfferedPages } from './offered-pages.js';
import type { RingSlot } from './ring.js';

/** By grant copy: the hypervisor copies to and from frames of the backend's own; a batch is one hypercall. */
export const copyTransmit = (ends: PathEnds): TransmitPath => {
  const { frontend, backend, port, bytes } = ends;
  const pages = new OfferedPages(ends);
  return {
    offer: (pfn) => pages.grant(pfn, 'read'),
    offerOnward: (page) => pages.grantOnward(page),

    fetch(slots) {
      const locals = slots.map(() => backend.free.take());
      const wanted = slots.flatMap(({ reference }, index): CopyRequest[] => {
        const own = locals[index];
        return own === null ? [] : [{ source: { granter: frontend, reference }, destination: { own }, bytes }];
      });
      const copied = wanted.length > 0 ? copyGrants(backend, wanted) : [];
      let next = 0;
      const results = slots.map((_, index) => {
        if (locals[index] === null)
          return refuse(backend, 'copy grant', 'free-frames', `${backend.name} has no frame free`);
        next += 1;
        return copied[next - 1];
      });
      slots.forEach(({ stamp }, index) => {
        const local = locals[index];
        if (local !== null && results[index] === null) backend.filledByDevice(local, stamp);
      });
      const sent = port.send(
        locals.filter((local, index) => local !== null && results[index] === null).map((local) => local!),
      );
      for (const local of locals) if (local !== null) backend.free.giveBack(local);
      next = 0;
      return results.map((refusal) => {
        if (refusal !== null) return refusal;
        next += 1;
        return sent[next - 1];
      });
    },

    retract(reference) {
      const ended = pages.end(reference);
      return isFinding(ended) ? ended : null;
    },
    close: () => {},
    checkpoint: (archive) => archive.part('pages', pages),
  };
};

/**
 * In a hybrid domain: the grant is passed on, and the next backend copies straight from the page of the first frontend. This one copies
 * the headers, and no more.
 */
export const passTransmit = (ends: PathEnds): TransmitPath => {
  const { frontend, backend, port, bytes } = ends;
  const pages = new OfferedPages(ends);
  const readHeaders = (slots: readonly RingSlot[]): void => {
    const own = backend.free.take();
    if (own === null) return;
    const part = Math.min(HEADER_BYTES, bytes);
    const results = copyGrants(
      backend,
      slots.map(({ reference }) => ({ source: { granter: frontend, reference }, destination: { own }, bytes: part })),
    );
    const last = results.lastIndexOf(null);
    if (last >= 0) backend.filledByDevice(own, slots[last].stamp);
    backend.free.giveBack(own);
  };
  return {
    offer: (pfn) => pages.grant(pfn, 'read'),
    offerOnward: (page) => pages.grantOnward(page),

    fetch(slots) {
      if (ends.headers) readHeaders(slots);
      return port.passOn(slots.map(({ reference, stamp }) => ({ granter: frontend, reference, stamp })));
    },

    retract(reference) {
      const ended = pages.end(reference);
      return isFinding(ended) ? ended : null;
    },
    close: () => {},
    checkpoint: (archive) => archive.part('pages', pages),
  };
};

export const copyReceive = (ends: PathEnds): ReceivePath => {
  const { frontend, backend, bytes } = ends;
  const pages = new OfferedPages(ends);
  return {
    post: (count) => Array.from({ length: count }, () => pages.grantFree()),

    deliver(references, locals) {
      const results = copyGrants(
        backend,
        references.map((reference, index) => ({
          source: { own: locals[index] },
          destination: { granter: frontend, reference },
          bytes,
        })),
      );
      for (const local of locals) backend.free.giveBack(local);
      return results;
    },

    collect(reference, stamp) {
      const pfn = pages.end(reference);
      if (!isFinding(pfn)) frontend.filledByDevice(pfn, stamp);
      return pfn;
    },

    withdraw(reference) {
      const pfn = pages.end(reference);
      if (!isFinding(pfn)) frontend.free.giveBack(pfn);
    },
    close: () => {},
    checkpoint: (archive) => archive.part('pages', pages),
  };
};
