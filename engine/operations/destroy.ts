import { removeDevices } from '../devices/assign-device.js';
import type { Domain } from '../domain/domain.js';
import { releaseMappings } from '../grants/map-grants.js';
import type { Finding, Operation } from '../finding.js';
import { hex } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';

/** Destroys a domain, as `takeDown` does. Refused while it is on its way to another host: its move has to be given up before. */
export const destroyDomain = (domain: Domain, payer: Account): Finding | null => {
  const { host, model, name } = domain;
  if (!host.simulation.moves.isMoving(domain)) return takeDown(domain, payer);
  const detail = `${name} is on its way to another host; its move has to be given up before`;
  return { operation: 'destroy', model: model.id, rule: 'not-on-its-way', detail };
};

/** What of a domain others have, so that it cannot go, or null: frames that they map, or that a device of theirs was told of. */
export const heldByOthers = (domain: Domain, operation: Operation): Finding | null => {
  const { host, model, name, id } = domain;
  const mfns = model.ownedFrames().map((pfn) => model.machineFrame(pfn));
  const others = [...host.domains.values()].filter((other) => other.id !== id);
  const mapped = mfns.find((mfn) =>
    domain.pv === null
      ? host.frames.references(mfn) - host.frames.pins(mfn) !== 1
      : others.some(({ foreign }) => foreign.has(mfn)),
  );
  if (mapped !== undefined) {
    const detail = `frame ${hex(mapped)} of ${name} is mapped by another domain`;
    return { operation, model: model.id, rule: 'not-referenced', detail };
  }
  const device = host.dma.devices.find((each) => each.domain !== domain && each.maps(domain));
  if (device === undefined) return null;
  const detail = `${device.name} of ${device.domain.name} maps frames of ${name}`;
  return { operation, model: model.id, rule: 'not-mapped-for-dma', detail };
};

/**
 * Takes a domain down: its devices are taken away first, with their IOMMU tables; its frames are scrubbed and go back to the
 * heap. Refused while another domain maps one of them, or has told a device of one, and while it maps those of others by
 * privilege; what it maps by grants is dropped with it.
 */
export const takeDown = (domain: Domain, payer: Account): Finding | null => {
  const { host, model } = domain;
  const held = heldByOthers(domain, 'destroy');
  if (held !== null) return held;
  releaseMappings(domain);
  if (domain.foreign.size > 0) {
    const detail = `${domain.name} maps ${domain.foreign.size} frames of other domains`;
    return { operation: 'destroy', model: model.id, rule: 'maps-no-others', detail };
  }
  removeDevices(domain);
  domain.pv?.relinquish();
  // What it had mapped may have been where memory of its own was, which is back since.
  for (const pfn of model.ownedFrames()) host.release(model.machineFrame(pfn), payer);
  host.hypervisor.release(domain.id, payer);
  model.overcommit?.giveUp(payer);
  domain.leaveHost();
  return null;
};
