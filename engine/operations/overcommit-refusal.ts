import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { NO_FRAME, type Pfn, hex } from '../host/frame-number.js';
import { type Overcommit, type Overcommitment } from '../models/overcommit.js';
import { Place } from '../models/page-places.js';

/** What is asked for when memory is overcommitted. */
export interface OvercommitWish {
  readonly way: Overcommitment;
  /** Accepts a way that no real system of the platform had. */
  readonly hypothetical?: boolean;
}

const TABLE_RULES = {
  direct: ['one-owner-an-address', 'two guests cannot own one address'],
  p2m: [
    'guest-knows-its-frames',
    'the guest holds the machine frames of all its memory; only its balloon can give some up',
  ],
} as const;

/**
 * Why a domain's memory cannot be overcommitted in this way, or null. P==M and P2M: never. VP: what the model has, and not
 * with a device assigned, whose transfers take no faults (Xen refuses paging with -EMLINK when an IOMMU is in use, and
 * devices for guests that populate on demand); not while writes are logged; not when the guest can read its p2m and may
 * have given a machine address away.
 */
export const refusesOvercommit = (domain: Domain, { way, hypothetical = false }: OvercommitWish): Finding | null => {
  const { model, name, host, dirtyLog, options } = domain;
  const refuse = (rule: string, detail: string): Finding => ({ operation: way, model: model.id, rule, detail });
  if (model.overcommit === undefined) {
    const first = model.ownedFrames()[0];
    const [rule, why] = TABLE_RULES[model.repoint === undefined ? 'direct' : 'p2m'];
    const frame = first === undefined ? 'no frame' : `frame ${hex(model.machineFrame(first))}`;
    return refuse(rule, `${name} from ${frame} on: ${why}`);
  }
  const support = model.overcommit.support[way];
  if (support === undefined) return refuse('model-has-it', `${name} is of a model without “${way}”`);
  if (support === 'hypothetical' && !hypothetical)
    return refuse('hypothetical-asked-for', `“${way}” is hypothetical for ${name}, and was not asked for by that word`);
  const [device] = host.dma.devicesOf(domain);
  if (device !== undefined) {
    const between = device.context === null ? 'without an IOMMU' : 'through an IOMMU';
    return refuse('no-device', `${name} has ${device.name} assigned ${between}, which takes no faults`);
  }
  if (options.exposedP2m === true)
    return refuse('p2m-not-exposed', `${name} can read its p2m, so machine addresses may be in use`);
  if (dirtyLog !== null) return refuse('not-while-logging', `writes of ${name} are being logged`);
  return null;
};

/** Why this page cannot leave its frame, or null. `shared` ones may where that is what is asked for. */
export const refusesPage = (domain: Domain, pfn: Pfn, way: Overcommitment, overcommit: Overcommit): Finding | null => {
  const { host, model, name } = domain;
  const refuse = (rule: string, detail: string): Finding => ({ operation: way, model: model.id, rule, detail });
  const mfn = model.machineFrame(pfn);
  const shared = overcommit.isShared(pfn);
  const isOwn = mfn !== NO_FRAME && overcommit.places.at(pfn) === Place.own && host.frames.owner(mfn) === domain.id;
  if (!isOwn && !(shared && way === 'share'))
    return refuse('own-frame', `guest frame ${hex(pfn)} of ${name} has no frame of its own`);
  if (!shared && host.frames.references(mfn) !== 1)
    return refuse('not-referenced', `frame ${hex(mfn)} of ${name} is mapped by another domain`);
  if (host.tables.get(mfn) !== undefined)
    return refuse('no-page-table', `frame ${hex(mfn)} holds a page table of ${name}`);
  return null;
};
