import { inMulticall } from '../domain/kernel-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import { Event, Mechanism } from '../host/events.js';
import { asPfn } from '../host/frame-number.js';
import { transferFrames } from '../grants/transfer-frames.js';
import type { PathEnds, ReceivePath } from './data-path.js';

/**
 * By page flip: the frontend balloons a frame out for each page that it waits for, the backend gives its own frame away with what is in
 * it, and takes a new one from the heap. What the frames' owners are at the end is what a swap would give. Both ask for a batch with one
 * memory operation, as drivers did in 2006: netfront gave up what it posted with one XENMEM_decrease_reservation, and netback took up to 64
 * frames with one XENMEM_increase_reservation; and each had the updates of its kernel's own mapping go out in one multicall (linux-2.6-xen-sparse,
 * drivers/xen/netfront and netback).
 */
export const flipReceive = ({ frontend, backend, references }: PathEnds): ReceivePath => ({
  post(count) {
    frontend.account.charge(Mechanism.populate, Event.memoryOperation);
    const postOne = (): number | Finding => {
      const place = frontend.balloon.out(true);
      if (isFinding(place)) return place;
      const reference = references.awaitFrame(backend, place);
      if (isFinding(reference)) frontend.balloon.in(place);
      return reference;
    };
    return inMulticall(frontend, () => Array.from({ length: count }, postOne));
  },

  deliver(wanted, locals) {
    const requests = wanted.map((reference, index) => ({ pfn: locals[index], to: frontend, reference }));
    const results = inMulticall(backend, () => inMulticall(frontend, () => transferFrames(backend, requests)));
    if (results.includes(null)) backend.account.charge(Mechanism.populate, Event.memoryOperation);
    const takeNew = (refusal: Finding | null, index: number): Finding | null => {
      if (refusal !== null) backend.free.giveBack(locals[index]);
      return refusal ?? backend.balloon.in(locals[index], true);
    };
    return inMulticall(backend, () => results.map(takeNew));
  },

  collect(reference, stamp) {
    const place = references.endTransfer(reference);
    if (place === null) return refuse(frontend, 'transfer', 'came', `no frame came for reference ${reference}`);
    frontend.filledByDevice(place, stamp);
    return place;
  },

  withdraw(reference) {
    const place = asPfn(references.table.entry(reference).frame);
    if (references.endTransfer(reference) === null) frontend.balloon.in(place);
  },
  close: () => {},
  // What it waits for stands in the grant table.
  checkpoint: () => {},
});
