import type { PagedDevice } from '../devices/paged-device.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import type { Pfn } from '../host/frame-number.js';
import type { BackendPort } from './backend-port.js';

/** A device as the far side of a backend. */
export const devicePort = (backend: Domain, device: PagedDevice, knowsTarget: boolean): BackendPort => ({
  knowsTarget,
  send: (pfns) => pfns.map((pfn) => device.transmit(pfn)),
  sendMapped: (slots) => slots.map(({ entered }) => device.transmitMapped(entered)),

  passOn: (slots) =>
    slots.map(() =>
      refuse(backend, 'grant', 'hybrid-only', `${backend.name} has a device, and nobody to pass a grant on to`),
    ),

  receive: (stamps) =>
    stamps.map((stamp): Pfn | Finding => {
      const pfn = backend.free.take();
      if (pfn === null)
        return refuse(backend, 'grant', 'free-frames', `${backend.name} has no frame free for the device`);
      const refusal = device.receive(pfn, stamp);
      if (!isFinding(refusal)) return pfn;
      backend.free.giveBack(pfn);
      return refusal;
    }),

  receiveMapped: (slots) => slots.map(({ entered, stamp }) => device.receiveMapped(entered, stamp)),
});
