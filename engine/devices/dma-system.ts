import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Host } from '../host/host.js';
import { type Mfn, NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import type { FrameObserver } from '../host/frame-table.js';
import { Iommu } from '../iommu/iommu.js';
import { IommuContext } from '../iommu/iommu-context.js';
import { BouncePool } from './bounce-pool.js';
import { DmaDevice } from './dma-device.js';

/** What a host has of DMA: IOMMUs and their contexts, devices by domain, bounce pools. Tells contexts where frames went. */
export class DmaSystem implements FrameObserver, Checkpointed {
  readonly iommus: Iommu[] = [];
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
    this.#hear(domain);
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

  /** The second stage of a domain gives another frame for a guest frame, or less rights to any where none is named. */
  secondStageChanged(domain: Domain, page: Pfn | null): void {
    for (const context of this.contextsOf(domain)) context.secondStageChanged(page);
  }

  frameChanged(mfn: Mfn, owner: number, guestFrame: Pfn): void {
    const now = this.#host.frames.owner(mfn);
    for (const context of this.#contexts.get(owner) ?? []) context.follow(mfn, guestFrame);
    if (now !== owner) for (const context of this.#contexts.get(now) ?? []) context.follow(mfn, guestFrame);
    for (const context of this.#contextsOfAll) context.follow(mfn, guestFrame);
  }

  /**
   * Everything that devices have, made before the state of frames and domains, so that what the caller has can name it. What is read
   * follows no frame until `resume`.
   */
  checkpoint(archive: Archive): void {
    archive.list('iommus', this.iommus, (each, known) => {
      const spec = each.data('spec', known?.spec ?? null);
      const iommu = known ?? new Iommu(this.#host, spec!);
      each.track(iommu);
      return iommu;
    });
    const contexts = archive.list('contexts', this.contexts, (each, known) => IommuContext.checkpoint(each, known));
    const devices = archive.list('devices', this.devices, (each, known) => DmaDevice.checkpoint(each, known));
    const pools = archive.list('pools', [...this.pools.values()], (each, known) => BouncePool.checkpoint(each, known));
    this.iommus.forEach((iommu, index) => archive.part(`iommu ${index}`, iommu));
    if (!archive.reading) return;
    for (const context of contexts)
      this.#contexts.set(context.domain.id, [...this.contextsOf(context.domain), context]);
    for (const device of devices) this.addDevice(device);
    for (const pool of pools) this.pools.set(pool.domain, pool);
  }

  /** All state has been read: contexts follow what frames do from now on. */
  resume(): void {
    this.#contextsChanged();
    for (const { domain } of this.contexts) this.#hear(domain);
  }

  #hear(domain: Domain): void {
    domain.foreign.changed = (mfn) => {
      for (const each of this.contextsOf(domain)) each.follow(mfn, asPfn(NO_FRAME));
    };
  }

  #contextsChanged(): void {
    this.#contextsOfAll = this.contexts.filter(({ holds }) => holds === 'all RAM');
    this.#host.frames.watch(this.#contexts.size === 0 ? null : this);
  }
}
