/** What a page table says of one page, in a map. */
interface SlowPage {
  frame: number;
  level: number;
  writable: boolean;
  dirty: boolean;
}

/** A slow reference of a radix table: a map from pages, each of which knows the size of its entry. Shares no code. */
export class SlowTable {
  readonly pages = new Map<number, SlowPage>();
  readonly #fanOut: number;

  constructor(fanOut: number) {
    this.#fanOut = fanOut;
  }

  /** The pages of the aligned run at the level. */
  run(page: number, level: number): number[] {
    const length = this.#fanOut ** level;
    return Array.from({ length }, (_, index) => page - (page % length) + index);
  }

  /** The level of the page's entry; −1 when it is not mapped. */
  level(page: number): number {
    return this.pages.get(page)?.level ?? -1;
  }

  map(first: number, frame: number, level: number, writable: boolean): void {
    this.#breakDown(first, level);
    this.run(first, level).forEach((page, index) =>
      this.pages.set(page, { frame: frame + index, level, writable, dirty: false }),
    );
  }

  unmap(first: number, level: number): void {
    this.#breakDown(first, level);
    for (const page of this.run(first, level)) this.pages.delete(page);
  }

  split(page: number): boolean {
    if (this.level(page) < 1) return false;
    this.#breakDown(page, this.level(page) - 1);
    return true;
  }

  collapse(first: number, level: number): boolean {
    const run = this.run(first, level);
    const start = this.pages.get(run[0]);
    if (start === undefined || start.frame % run.length !== 0) return false;
    const alike = run.every((page, index) => {
      const at = this.pages.get(page);
      return at?.level === level - 1 && at.frame === start.frame + index && at.writable === start.writable;
    });
    if (!alike) return false;
    const dirty = run.some((page) => this.pages.get(page)!.dirty);
    for (const page of run) Object.assign(this.pages.get(page)!, { level, dirty });
    return true;
  }

  /** Changes the whole entry that holds the page. */
  change(page: number, change: Partial<Pick<SlowPage, 'writable' | 'dirty'>>): void {
    for (const at of this.run(page, Math.max(this.level(page), 0))) {
      const known = this.pages.get(at);
      if (known !== undefined) Object.assign(known, change);
    }
  }

  #breakDown(page: number, level: number): void {
    while (this.level(page) > level) {
      const smaller = this.level(page) - 1;
      for (const at of this.run(page, smaller + 1)) this.pages.get(at)!.level = smaller;
    }
  }
}
