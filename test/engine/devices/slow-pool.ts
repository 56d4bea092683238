/** Which slots of a bounce pool are taken, one by one; the search goes on where the last one ended. */
export class SlowPool {
  readonly taken: boolean[];
  readonly #segment: number;
  #next = 0;

  /** `segment`: slots that no mapping crosses the end of. */
  constructor(slots: number, segment: number) {
    this.taken = Array.from({ length: slots }, () => false);
    this.#segment = segment;
  }

  take(slots: number, step: number): number {
    const starts = Array.from({ length: this.taken.length / step }, (_, index) => index * step);
    const from = starts.findIndex((start) => start >= this.#next);
    const order = from < 0 ? starts : [...starts.slice(from), ...starts.slice(0, from)];
    const found = order.find((start) => {
      const run = Array.from({ length: slots }, (_, index) => start + index);
      const end = (Math.floor(start / this.#segment) + 1) * this.#segment;
      return run.every((slot) => slot < end && !this.taken[slot]);
    });
    if (found === undefined) return -1;
    for (let slot = found; slot < found + slots; slot += 1) this.taken[slot] = true;
    this.#next = found + slots >= this.taken.length ? 0 : found + slots;
    return found;
  }

  giveBack(first: number, slots: number): void {
    for (let slot = first; slot < first + slots; slot += 1) this.taken[slot] = false;
  }
}
