import { isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import { asPfn } from '../host/frame-number.js';
import { transferFrames } from '../grants/transfer-frames.js';
import type { PathEnds, ReceivePath } from './data-path.js';

/**
 * By page flip: the frontend balloons a frame out for each page that it waits for, the backend gives its own frame away with what is in
 * it, and takes a new one from the heap. What the frames' owners are at the end is what a swap would give.
 */
export const flipReceive = ({ frontend, backend, references }: PathEnds): ReceivePath => ({
  post() {
    const place = frontend.balloonOut();
    if (isFinding(place)) return place;
    const reference = references.awaitFrame(backend, place);
    if (isFinding(reference)) frontend.balloonIn(place);
    return reference;
  },

  deliver(wanted, locals) {
    const results = transferFrames(
      backend,
      wanted.map((reference, index) => ({ pfn: locals[index], to: frontend, reference })),
    );
    return results.map((refusal, index) => {
      if (refusal !== null) backend.giveBackFrame(locals[index]);
      return refusal ?? backend.balloonIn(locals[index]);
    });
  },

  collect(reference, stamp) {
    const place = references.endTransfer(reference);
    if (place === null) return refuse(frontend, 'transfer', 'came', `no frame came for reference ${reference}`);
    frontend.filledByDevice(place, stamp);
    return place;
  },

  withdraw(reference) {
    const place = asPfn(references.table.entry(reference).frame);
    if (references.endTransfer(reference) === null) frontend.balloonIn(place);
  },
  close: () => {},
  // What it waits for stands in the grant table.
  checkpoint: () => {},
});
