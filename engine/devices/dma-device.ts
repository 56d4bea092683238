import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Mechanism } from '../host/events.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import type { Account } from '../host/ledger.js';
import type { BusNumbers, IommuContext } from '../iommu/iommu-context.js';
import { IovaSpace } from '../iommu/iova-space.js';
import { Fault } from '../paging/translation.js';
import { slotsOn } from './bounce-pool.js';
import { type DmaMapping, checkpointMapping } from './dma-mapping.js';

export interface DmaDeviceSpec {
  readonly name: string;
  /** Bits of the addresses that it can put on the bus: 32 for most of 2006, 64 for most of today. */
  readonly addressBits: number;
  /** What its driver's own work for a mapping is counted under; by default DMA. */
  readonly mechanism?: number;
}

/**
 * A device that reads and writes machine memory by bus addresses, as it is told and with no regard to who owns it. Without a
 * context of an IOMMU a bus address is a machine address.
 */
export class DmaDevice {
  readonly name: string;
  readonly domain: Domain;
  readonly addressBits: number;
  readonly mechanism: number;
  readonly context: IommuContext | null;
  /** Time that the device takes, not a CPU. */
  readonly account: Account;
  /** Mappings that its driver has made and not undone. */
  readonly mappings = new Set<DmaMapping>();
  /** Addresses that its driver gives out, where the IOMMU has them so. */
  readonly iova: IovaSpace;

  constructor(domain: Domain, spec: DmaDeviceSpec, context: IommuContext | null) {
    const { ledger, platform } = domain.host.simulation;
    this.name = spec.name;
    this.domain = domain;
    this.addressBits = spec.addressBits;
    this.mechanism = spec.mechanism ?? Mechanism.dma;
    this.context = context;
    this.account = ledger.account(`${spec.name} of ${domain.name}`);
    this.iova = new IovaSpace(Math.min(2 ** spec.addressBits, 2 ** 48) / platform.pageBytes);
  }

  /** One of those that a host has, with its mappings; on the way in `device` is null. */
  static checkpoint(archive: Archive, device: DmaDevice | null): DmaDevice {
    const domain = checkpointDomain(archive, 'domain', device?.domain ?? null);
    const name = archive.value('name', device?.name ?? '');
    const addressBits = archive.value('addressBits', device?.addressBits ?? 0);
    const mechanism = archive.value('mechanism', device?.mechanism ?? 0);
    const behind = device === null || device.context === null ? [] : [device.context];
    const [context = null] = archive.tracked('context', behind);
    const made = device ?? new DmaDevice(domain, { name, addressBits, mechanism }, context);
    archive.track(made);
    const mappings = archive.list('mappings', [...made.mappings], (each, mapping) =>
      checkpointMapping(each, made, mapping),
    );
    for (const mapping of mappings) made.mappings.add(mapping);
    archive.part('iova', made.iova);
    return made;
  }

  /** By which numbers it names pages. */
  get numbers(): BusNumbers {
    return this.context?.numbers ?? 'machine';
  }

  /** Whether it was told of memory of the domain. */
  maps(domain: Domain): boolean {
    for (const mapping of this.mappings) if (mapping.owner === domain) return true;
    return false;
  }

  /** Whether it can put all addresses from `address` on, `bytes` of them, on the bus. */
  canAddress(address: number, bytes: number): boolean {
    return address + bytes <= 2 ** this.addressBits;
  }

  /** Where a bus address leads; a finding where its mask or the IOMMU stops it. */
  reach(address: number, write: boolean): Mfn | Finding {
    const { host } = this.domain;
    const page = Math.floor(address / host.simulation.platform.pageBytes);
    if (!this.canAddress(address, 1))
      return this.#refusal('address-mask', `address ${hex(address)} has more than ${this.addressBits} bits`);
    let mfn = asMfn(page);
    if (this.context !== null) {
      const { iommu } = this.context;
      const fault = iommu.access(this.context, page, write, this.account);
      if (fault === Fault.notMapped) return this.#refusal('iommu-maps', `${iommu.name} has no entry for ${hex(page)}`);
      if (fault !== Fault.none) return this.#refusal('iommu-writes', `${iommu.name} keeps ${hex(page)} from writes`);
      mfn = asMfn(iommu.frame);
    }
    if (host.frames.state(mfn) !== FrameState.notInstalled) return mfn;
    return this.#refusal('installed', `frame ${hex(mfn)} is not installed`);
  }

  /** Reads `bytes`, within one page, from a bus address on: the contents stamp that it finds. */
  read(address: number, bytes = 1): number | Finding {
    const mfn = this.reach(address, false);
    if (typeof mfn !== 'number') return mfn;
    this.domain.host.memoryWatch?.touched(this, mfn, bytes, false);
    return this.#part(mfn)?.[this.#partAt(address)] ?? this.domain.host.frames.contents(mfn);
  }

  /** Writes `bytes`, within one page, from a bus address on. Returns the frame that it hit. */
  write(address: number, stamp: number, bytes = 1): Mfn | Finding {
    const mfn = this.reach(address, true);
    if (typeof mfn !== 'number') return mfn;
    this.domain.host.frames.setContents(mfn, stamp);
    this.domain.host.memoryWatch?.touched(this, mfn, bytes, true);
    this.#part(mfn)?.fill(stamp, this.#partAt(address), this.#partAt(address + bytes - 1) + 1);
    return mfn;
  }

  #part(mfn: Mfn): Uint32Array | undefined {
    const { frames, domains, dma } = this.domain.host;
    const owner = domains.get(frames.owner(mfn));
    return owner === undefined ? undefined : dma.pools.get(owner)?.partsOf(mfn);
  }

  #partAt(address: number): number {
    const { platform } = this.domain.host.simulation;
    return Math.floor((address % platform.pageBytes) / slotsOn(platform).bytes);
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'DMA', model: this.domain.model.id, rule, detail: `${this.name}: ${detail}` };
  }
}
