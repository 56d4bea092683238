/**
 * A slow reference of what the operations mean, in maps and sets. It knows no machine frames, no TLB and no tables, and
 * shares no code with the engine.
 */
export class ReferenceDomain {
  readonly memory: Set<number>;
  readonly mapped = new Map<number, { pfn: number; writable: boolean }>();
  readonly ballooned = new Set<number>();
  /** Own frames that another domain has mapped, with how often. */
  readonly lent = new Map<number, number>();
  dirty: Set<number> | null = null;

  constructor(pfns: readonly number[]) {
    this.memory = new Set(pfns);
  }

  write(pfn: number): void {
    this.dirty?.add(pfn);
  }

  lend(pfn: number, times: number): void {
    const count = (this.lent.get(pfn) ?? 0) + times;
    if (count === 0) this.lent.delete(pfn);
    else this.lent.set(pfn, count);
  }
}
