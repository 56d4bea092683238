import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { hypercall } from '../domain/interrupts.js';
import { Event, Mechanism } from '../host/events.js';

type Kind = 'mmu_update' | 'mmuext_op' | 'update_va_mapping';

interface Entry {
  readonly kind: Kind;
  readonly work: (() => void)[];
}

/** Room for one page of calls: 32 entries, and 512 bytes of arguments (Linux, arch/x86/xen/multicalls.c). */
const MAX_ENTRIES = 32;
const MAX_ARGUMENT_BYTES = 512;
const ARGUMENT_BYTES: Readonly<Record<Kind, number>> = { mmu_update: 16, mmuext_op: 24, update_va_mapping: 0 };

/**
 * Hypercalls that a P2M kernel holds back to make them together. Operations of a kind that takes a list join the entry
 * before them when it is of the same kind. One entry goes out as a hypercall of its own, several as a multicall. The hypervisor looks
 * for interrupts before each operation but the first (do_multicall, do_mmu_update and do_mmuext_op of Xen).
 */
export class MulticallQueue implements Checkpointed {
  readonly #domain: Domain;
  #entries: Entry[] = [];
  #argumentBytes = 0;

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  add(kind: Kind, work: () => void): void {
    const bytes = ARGUMENT_BYTES[kind];
    const last = this.#entries.at(-1);
    if (bytes > 0 && last?.kind === kind && this.#argumentBytes + bytes <= MAX_ARGUMENT_BYTES) {
      last.work.push(work);
    } else {
      if (this.#entries.length === MAX_ENTRIES || this.#argumentBytes + bytes >= MAX_ARGUMENT_BYTES) this.flush();
      this.#entries.push({ kind, work: [work] });
    }
    this.#argumentBytes += bytes;
  }

  flush(): void {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#argumentBytes = 0;
    const event = entries.length > 1 ? Event.multicall : Event.hypercall;
    hypercall(
      this.#domain,
      () => this.#domain.account.charge(Mechanism.pageTables, event),
      () => this.#make(entries),
    );
  }

  #make(entries: readonly Entry[]): void {
    const { interrupts } = this.#domain;
    let isFirst = true;
    for (const { work } of entries) {
      for (const each of work) {
        if (!isFirst) interrupts?.preemptionPoint();
        isFirst = false;
        each();
      }
    }
  }

  /** Nothing is held back between two operations, so there is nothing to save. */
  checkpoint(archive: Archive): void {
    const held = archive.value('heldBack', this.#entries.length + this.#argumentBytes);
    if (held > 0) throw new Error('a checkpoint while hypercalls are held back');
  }
}
