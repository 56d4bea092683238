import type { Simulation } from '../simulation.js';

export type View = Uint8Array | Uint16Array | Int16Array | Int32Array | Uint32Array | Float64Array;

/** Something with state that a checkpoint has to hold. */
export interface Checkpointed {
  /**
   * Takes every field of the state to the archive, by one call a field: the same call writes and reads. A field that can be
   * replaced takes what the call returns: `this.#next = archive.value('next', this.#next)`.
   */
  checkpoint(archive: Archive): void;
}

/**
 * A checkpoint on its way out or in. Each call names a field of the object that it is called for. On the way out it writes what it
 * is given; on the way in it returns what was written, or puts it into the collection that it is given, in the same order.
 */
export interface Archive {
  readonly reading: boolean;
  readonly simulation: Simulation;

  /** A number, a text, a truth value, or null. Any number: NaN and −0 too. */
  value<T extends number | string | boolean | null>(name: string, value: T): T;
  /** Options and the like: what JSON can say. */
  data<T>(name: string, data: T): T;
  /** The contents of a view whose length is fixed when its owner is made. */
  view(name: string, view: View): void;
  /** A view of any length. On the way in `make` makes one, for its owner to take in place of the one it has. */
  resized<V extends View>(name: string, view: V, make: (length: number) => V): V;
  numbers<T extends number>(name: string, numbers: readonly T[]): T[];
  texts(name: string, texts: readonly string[]): string[];
  set<T extends number>(name: string, set: Set<T>): void;
  map<K extends number, V extends number>(name: string, map: Map<K, V>): void;
  /** An object that is a part of this one. */
  part(name: string, part: Checkpointed): void;
  /** Objects without fixed names, each with an archive of its own. On the way in `item` gets null and makes one; else those stay. */
  list<T>(name: string, items: readonly T[], item: (archive: Archive, item: T | null) => T): T[];
  /** An object that others name: tracked in the order of the calls, before they do. */
  track(object: object): void;
  /** Objects that were tracked before, e.g. programs, named by their place. */
  tracked<T extends object>(name: string, objects: readonly T[]): T[];
}
