import type { Domain } from '../domain/domain.js';
import type { Host } from '../host/host.js';
import { type Mfn, NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import type { FrameObserver } from '../host/frame-table.js';
import type { IommuContext } from '../iommu/iommu-context.js';
import type { BouncePool } from './bounce-pool.js';
import type { DmaDevice } from './dma-device.js';

/** What a host has of DMA: devices by domain, contexts of IOMMUs, bounce pools. Tells contexts where frames went. */
export class DmaSystem implements FrameObserver {
  readonly pools = new Map<Domain, BouncePool>();
  readonly #host: Host;
  readonly #devices = new Map<Domain, Set<DmaDevice>>();
  readonly #contexts = new Map<number, IommuContext[]>();
  #contextsOfAll: readonly IommuContext[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** The devices that a domain drives, in the order in which it got them. */
  devicesOf(domain: Domain): readonly DmaDevice[] {
    return [...(this.#devices.get(domain) ?? [])];
  }

  get devices(): readonly DmaDevice[] {
    return [...this.#devices.values()].flatMap((devices) => [...devices]);
  }

  get contexts(): readonly IommuContext[] {
    return [...this.#contexts.values()].flat();
  }

  /** Whether no domain has a device, a bounce pool or a context of an IOMMU. */
  get isIdle(): boolean {
    return this.#devices.size === 0 && this.#contexts.size === 0 && this.pools.size === 0;
  }

  addDevice(device: DmaDevice): void {
    const devices = this.#devices.get(device.domain);
    if (devices === undefined) this.#devices.set(device.domain, new Set([device]));
    else devices.add(device);
  }

  removeDevice(device: DmaDevice): void {
    const devices = this.#devices.get(device.domain);
    devices?.delete(device);
    if (devices?.size === 0) this.#devices.delete(device.domain);
  }

  contextsOf(domain: Domain): readonly IommuContext[] {
    return this.#contexts.get(domain.id) ?? [];
  }

  addContext(context: IommuContext): void {
    const { domain } = context;
    this.#contexts.set(domain.id, [...this.contextsOf(domain), context]);
    this.#contextsChanged();
    domain.foreign.changed = (mfn) => {
      for (const each of this.contextsOf(domain)) each.follow(mfn, asPfn(NO_FRAME));
    };
  }

  removeContext(context: IommuContext): void {
    const { domain } = context;
    const left = this.contextsOf(domain).filter((each) => each !== context);
    if (left.length > 0) {
      this.#contexts.set(domain.id, left);
    } else {
      this.#contexts.delete(domain.id);
      domain.foreign.changed = null;
    }
    this.#contextsChanged();
  }

  /** A frame of another domain stands at a guest frame of the domain, or `NO_FRAME` when it does no more. */
  foreignAt(domain: Domain, guestFrame: Pfn, mfn: Mfn, writable: boolean): void {
    for (const context of this.contextsOf(domain)) context.foreignAt(guestFrame, mfn, writable);
  }

  frameChanged(mfn: Mfn, owner: number, guestFrame: Pfn): void {
    const now = this.#host.frames.owner(mfn);
    for (const context of this.#contexts.get(owner) ?? []) context.follow(mfn, guestFrame);
    if (now !== owner) for (const context of this.#contexts.get(now) ?? []) context.follow(mfn, guestFrame);
    for (const context of this.#contextsOfAll) context.follow(mfn, guestFrame);
  }

  #contextsChanged(): void {
    this.#contextsOfAll = this.contexts.filter(({ holds }) => holds === 'all RAM');
    this.#host.frames.watch(this.#contexts.size === 0 ? null : this);
  }
}
