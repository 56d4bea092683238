import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Account } from '../host/ledger.js';
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
 * before them when it is of the same kind. One entry goes out as a hypercall of its own, several as a multicall.
 */
export class MulticallQueue implements Checkpointed {
  readonly #account: Account;
  #entries: Entry[] = [];
  #argumentBytes = 0;

  constructor(account: Account) {
    this.#account = account;
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
    this.#account.charge(Mechanism.pageTables, entries.length > 1 ? Event.multicall : Event.hypercall);
    for (const { work } of entries) for (const each of work) each();
  }

  /** Nothing is held back between two operations, so there is nothing to save. */
  checkpoint(archive: Archive): void {
    const held = archive.value('heldBack', this.#entries.length + this.#argumentBytes);
    if (held > 0) throw new Error('a checkpoint while hypercalls are held back');
  }
}
