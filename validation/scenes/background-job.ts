import type { Domain, GuestProgram, Pfn } from '../../engine/index.js';

/** Until this time, from the end of the stretch before, this many different pages are written, evenly spread. */
export interface Stretch {
  readonly untilNs: number;
  readonly pages: number;
}

/**
 * What a Linux guest writes by itself, whatever its programs do: its kernel writes some of its own pages, the same ones
 * again and again. How many in which stretch of time is given; which of them are dirty at a harvest is the dirty log's.
 */
export class BackgroundJob implements GuestProgram {
  #domain: Domain;
  readonly #pages: readonly Pfn[];
  readonly #writes: readonly { readonly atNs: number; readonly page: number }[];
  #next = 0;

  constructor(domain: Domain, stretches: readonly Stretch[]) {
    this.#domain = domain;
    const hot = Math.max(0, ...stretches.map(({ pages }) => pages));
    this.#pages = Array.from({ length: hot }, () => domain.free.take()!);
    this.#writes = stretches.flatMap(({ untilNs, pages }, index) => {
      const fromNs = index === 0 ? 0 : stretches[index - 1].untilNs;
      const step = (untilNs - fromNs) / pages;
      return Array.from({ length: pages }, (_, page) => ({ atNs: fromNs + (page + 0.5) * step, page }));
    });
  }

  /** Guest frames that it writes. */
  get frames(): readonly Pfn[] {
    return this.#pages;
  }

  /** What it does hangs on timers: what a fault takes delays none of it. */
  stall(): void {}

  moveTo(domain: Domain): void {
    this.#domain = domain;
  }

  runUntil(untilNs: number): void {
    for (; this.#next < this.#writes.length && this.#writes[this.#next].atNs <= untilNs; this.#next += 1) {
      this.#domain.writeKernel(this.#pages[this.#writes[this.#next].page]);
    }
  }
}

/** Programs that run in one guest beside each other. */
export const sideBySide = (programs: readonly GuestProgram[]): GuestProgram => ({
  stall: (ns) => programs.forEach((program) => program.stall(ns)),
  moveTo: (domain, nowNs) => programs.forEach((program) => program.moveTo(domain, nowNs)),
  runUntil: (untilNs) => programs.forEach((program) => program.runUntil(untilNs)),
});
