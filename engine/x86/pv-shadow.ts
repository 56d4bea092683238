import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Mechanism } from '../host/events.js';
import type { RadixFormat } from '../paging/format.js';
import { followStore } from '../shadow/emulate.js';
import { guestMemoryOf } from '../shadow/guest-memory-of.js';
import { ShadowPool } from '../shadow/shadow-pool.js';
import { type ShadowState, checkpointShadow, disposeShadow, newShadowState } from '../shadow/shadow-state.js';
import { dropTwins, forgetFrame } from '../shadow/unshadow.js';

/** Frames of the pool a virtual processor, and pages of the guest for one more (Xen 4.17: sh_min_allocation). */
const FRAMES_A_VCPU = 128;
const PAGES_A_FRAME = 256;

/**
 * Log-dirty of a P2M guest: while it is on, the MMU walks twins of the guest's own tables, made of frames that the hypervisor takes
 * from the heap for that long. Both hold machine frames. The tables change by the hypervisor alone, so twins follow at once and none
 * is ever out of sync.
 */
export class PvShadow implements Checkpointed {
  readonly #domain: Domain;
  readonly #format: RadixFormat;
  #pool: ShadowPool | null = null;
  #state: ShadowState | undefined;

  constructor(domain: Domain, format: RadixFormat) {
    this.#domain = domain;
    this.#format = format;
  }

  /** The twins; undefined while nothing is logged. */
  get state(): ShadowState | undefined {
    return this.#state;
  }

  /** Takes the frames for twins; a finding when the heap has too few. */
  takePool(): Finding | null {
    if (this.#state !== undefined) return null;
    const { host, id, name, vcpus, model } = this.#domain;
    const pages = FRAMES_A_VCPU * vcpus + Math.floor(model.ownedFrames().length / PAGES_A_FRAME);
    if (host.hypervisor.takeSinglePages('paging pool', pages, id)) return null;
    const detail = `${host.name} has ${host.heap.freeFrames} of the ${pages} frames for twins of the tables of ${name}`;
    return { operation: 'log dirty', model: model.id, rule: 'pool-has-room', detail };
  }

  begin(): void {
    this.#make();
    this.#domain.mmu.flush(Mechanism.logging);
  }

  harvest(): void {
    if (this.#state !== undefined) dropTwins(this.#state);
  }

  end(): void {
    this.dispose();
    const { host, id, account, mmu } = this.#domain;
    host.hypervisor.giveBack('paging pool', id, account);
    mmu.flush(Mechanism.logging);
  }

  /** The hypervisor stored an entry of a table. */
  stored(table: number, index: number, entry: number): void {
    if (this.#state !== undefined) followStore(this.#state, table, index, entry);
  }

  /** The frame is no table any more. */
  tableGone(table: number): void {
    if (this.#state !== undefined) forgetFrame(this.#state, table);
  }

  dispose(): void {
    if (this.#state !== undefined) disposeShadow(this.#state);
    this.#state = undefined;
    this.#pool = null;
  }

  checkpoint(archive: Archive): void {
    if (!archive.value('logs', this.#state !== undefined)) return;
    const state = this.#make();
    archive.part('pool', this.#pool!);
    checkpointShadow(archive, state);
  }

  #make(): ShadowState {
    if (this.#state !== undefined) return this.#state;
    const domain = this.#domain;
    const { host, account, id } = domain;
    const pool = new ShadowPool(host.hypervisor.frames('paging pool', id));
    const memory = guestMemoryOf(domain, {
      machineFrame: (frame) => frame,
      bringBack: () => false,
      likelyPage: (pfn) => pfn,
    });
    this.#pool = pool;
    this.#state = newShadowState(host.simulation.arena, this.#format, memory, pool, {
      charge: (event) => account.charge(Mechanism.logging, event),
      flushTlb: () => domain.mmu.twinsChanged?.(),
    });
    return this.#state;
  }
}
