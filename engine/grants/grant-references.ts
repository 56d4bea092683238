import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { type GrantEntry, GrantType } from './entry-layout.js';
import { type GrantTable, grantTableOf } from './grant-table.js';
import { type GrantedPage, refuse } from './resolve.js';

/** References that external tools have: Linux's kernel never gives them out. */
export const RESERVED_REFERENCES = 8;

/**
 * The guest kernel's side of its grant table, as Linux 6.1 has it (drivers/xen/grant-table.c): a list of free references, taken from
 * its head; grants made by plain stores; and one frame more when the list has too few. A P2M guest asks for frames with
 * setup_table and maps them itself; others have them put into their memory one by one by add_to_physmap.
 */
export class GrantReferences implements Checkpointed {
  readonly domain: Domain;
  readonly table: GrantTable;
  #free: number[] = [];
  #limitKnown = false;

  private constructor(domain: Domain, table: GrantTable) {
    this.domain = domain;
    this.table = table;
  }

  /** Sets the table up with its first frame. A finding where the hypervisor has no grants or no room. */
  static open(domain: Domain, version: 1 | 2 = 1): GrantReferences | Finding {
    const table = grantTableOf(domain);
    if (table === null) return refuse(domain, 'grant', 'grant-tables', 'the hypervisor has no grant tables');
    const references = new GrantReferences(domain, table);
    const refusal = (version === 1 ? null : references.#setVersion(version)) ?? references.#expand();
    return refusal ?? references;
  }

  /** References that can be given out before the table has to grow. */
  get free(): number {
    return this.#free.length;
  }

  /** Lets a domain map or copy one of the guest's own pages. */
  grantAccess(to: Domain, pfn: Pfn, access: 'read' | 'write'): number | Finding {
    return this.grantEntered(to, this.domain.model.frameForEntry(pfn, Mechanism.grants), access);
  }

  /**
   * Lets a domain map or copy what stands at a frame number of the guest's entries, be it its own page or not: what a backend does that
   * translates a mapped page as if it were its own. The hypervisor finds out when the grant is used.
   */
  grantEntered(to: Domain, entered: number, access: 'read' | 'write'): number | Finding {
    return this.#grant({
      type: GrantType.access,
      readOnly: access === 'read',
      grantee: to.id,
      frame: entered,
      through: 0,
    });
  }

  /** Passes a page that was granted to the guest on to another domain, for copies only. Version 2. */
  passOn(to: Domain, { granter, reference }: GrantedPage, access: 'read' | 'write'): number | Finding {
    if (this.table.version !== 2) {
      return refuse(this.domain, 'grant', 'table-version', 'grants are passed on by tables of version 2 only');
    }
    const readOnly = access === 'read';
    return this.#grant({ type: GrantType.transitive, readOnly, grantee: to.id, frame: reference, through: granter.id });
  }

  /** Waits for a frame from a domain, at a ballooned-out place. */
  awaitFrame(from: Domain, place: Pfn): number | Finding {
    return this.#grant({ type: GrantType.transfer, readOnly: false, grantee: from.id, frame: place, through: 0 });
  }

  /** Takes an access or a passed-on grant back; refused while a domain has it mapped. */
  endAccess(reference: number): Finding | null {
    const refusal = this.refusesEnd(reference);
    if (refusal === null) this.#release(reference);
    return refusal;
  }

  /** Why an access cannot be taken back now, or null. */
  refusesEnd(reference: number): Finding | null {
    if (this.table.use(reference) === 0) return null;
    const detail = `reference ${reference} of ${this.domain.name} is still mapped`;
    return refuse(this.domain, 'grant', 'not-in-use', detail);
  }

  /** Takes a transfer entry back: the place that was filled, or null when no frame came. */
  endTransfer(reference: number): Pfn | null {
    const { table, domain } = this;
    const place = table.isCompleted(reference) ? domain.model.frameFromEntry(table.entry(reference).frame) : null;
    this.#release(reference);
    return place;
  }

  checkpoint(archive: Archive): void {
    this.#free = archive.numbers('free', this.#free);
    this.#limitKnown = archive.value('limitKnown', this.#limitKnown);
  }

  /** Those of a domain that comes out of a checkpoint, before their own state. */
  static restored(domain: Domain): GrantReferences {
    return new GrantReferences(domain, grantTableOf(domain)!);
  }

  #grant(entry: GrantEntry): number | Finding {
    if (this.#free.length === 0) {
      const refusal = this.#expand();
      if (refusal !== null) return refusal;
    }
    const reference = this.#free.pop()!;
    this.table.store(reference, entry);
    return reference;
  }

  #release(reference: number): void {
    this.table.store(reference, null);
    this.#free.push(reference);
  }

  #setVersion(version: 1 | 2): Finding | null {
    this.domain.account.charge(Mechanism.grants, Event.grantOperation);
    return this.table.setVersion(version);
  }

  /** One frame of entries more, with the hypercalls that Linux makes for it. */
  #expand(): Finding | null {
    const { table, domain } = this;
    const first = table.entries;
    this.#askLimit();
    const refusal = table.grow(table.frames + 1);
    if (isFinding(refusal)) return refusal;
    if (domain.model.tablesHoldMachineFrames) {
      domain.account.charge(Mechanism.grants, Event.grantOperation);
      this.#askLimit();
    } else {
      domain.account.charge(Mechanism.grants, Event.memoryOperation);
    }
    const start = Math.max(first, RESERVED_REFERENCES);
    const added = Array.from({ length: table.entries - start }, (_, index) => table.entries - 1 - index);
    this.#free = [...this.#free, ...added];
    return null;
  }

  /** query_size; the first time twice, since the kernel keeps the limit at boot apart. */
  #askLimit(): void {
    this.domain.account.charge(Mechanism.grants, Event.grantOperation, this.#limitKnown ? 1 : 2);
    this.#limitKnown = true;
  }
}
