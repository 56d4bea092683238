/** Moments to come, earliest first; those of one moment in the order in which they were put in. */
export class EventHeap<Item> {
  readonly #heap: { readonly ns: number; readonly serial: number; readonly item: Item }[] = [];
  #serial = 0;

  get size(): number {
    return this.#heap.length;
  }

  put(ns: number, item: Item): void {
    const heap = this.#heap;
    const entry = { ns, serial: this.#serial, item };
    this.#serial += 1;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(entry, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the earliest. There is one. */
  take(): { readonly ns: number; readonly item: Item } {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1], heap[child])) child += 1;
      if (!this.#before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #before(
    one: { readonly ns: number; readonly serial: number },
    other: { readonly ns: number; readonly serial: number },
  ): boolean {
    return one.ns < other.ns || (one.ns === other.ns && one.serial < other.serial);
  }
}
