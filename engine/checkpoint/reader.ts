import type { Simulation } from '../simulation.js';
import type { Archive, Checkpointed, View } from './archive.js';
import { CheckpointError } from './checkpoint-error.js';
import { bytesOf } from './container.js';
import type { OddNumber, Tree, ViewPlace } from './writer.js';

/** What all readers of one checkpoint share. */
interface Source {
  readonly blobs: Uint8Array;
  readonly tracked: object[];
}

/** The way in: an archive that reads what a writer wrote. Every field has to be asked for, once. */
export class ArchiveReader implements Archive {
  readonly reading = true;
  readonly simulation: Simulation;
  readonly #tree: Tree;
  readonly #path: string;
  readonly #source: Source;
  readonly #asked = new Set<string>();

  constructor(simulation: Simulation, tree: Tree, source: Source, path = '') {
    this.simulation = simulation;
    this.#tree = tree;
    this.#source = source;
    this.#path = path;
  }

  value<T extends number | string | boolean | null>(name: string, value: T): T {
    const saved = this.#take(name);
    const odd = typeof saved === 'object' && saved !== null && 'number' in saved;
    const read = odd ? Number((saved as OddNumber).number) : saved;
    if (value !== null && read !== null && typeof read !== typeof value) this.#fail(name, `is a ${typeof read}`);
    return read as T;
  }

  data<T>(name: string, _data: T): T {
    return this.#take(name) as T;
  }

  view(name: string, view: View): void {
    const place = this.#place(name, view.BYTES_PER_ELEMENT);
    if (place[1] !== view.length) this.#fail(name, `has ${place[1]} entries and not ${view.length}`);
    this.#fill(place, view);
  }

  resized<V extends View>(name: string, view: V, make: (length: number) => V): V {
    const place = this.#place(name, view.BYTES_PER_ELEMENT);
    const made = make(place[1]);
    this.#fill(place, made);
    return made;
  }

  numbers<T extends number>(name: string): T[] {
    const numbers = this.resized(name, new Float64Array(0), (length) => new Float64Array(length));
    return [...numbers] as T[];
  }

  texts(name: string): string[] {
    return this.#take(name) as string[];
  }

  set<T extends number>(name: string, set: Set<T>): void {
    set.clear();
    for (const number of this.numbers<T>(name)) set.add(number);
  }

  map<K extends number, V extends number>(name: string, map: Map<K, V>): void {
    map.clear();
    const numbers = this.numbers(name);
    for (let index = 0; index < numbers.length; index += 2) map.set(numbers[index] as K, numbers[index + 1] as V);
  }

  part(name: string, part: Checkpointed): void {
    const child = this.#child(name, this.#take(name));
    part.checkpoint(child);
    child.expectAllRead();
  }

  list<T>(name: string, _items: readonly T[], item: (archive: Archive, item: T | null) => T): T[] {
    return (this.#take(name) as unknown[]).map((saved, index) => {
      const child = this.#child(`${name}.${index}`, saved);
      const made = item(child, null);
      child.expectAllRead();
      return made;
    });
  }

  track(object: object): void {
    this.#source.tracked.push(object);
  }

  tracked<T extends object>(name: string): T[] {
    return this.numbers(name).map((place) => this.#source.tracked[place] as T);
  }

  /** @throws CheckpointError when a field was saved that nobody asked for. */
  expectAllRead(): void {
    const left = Object.keys(this.#tree).find((name) => !this.#asked.has(name));
    if (left !== undefined) this.#fail(left, 'is in the checkpoint, and nothing reads it');
  }

  #child(name: string, saved: unknown): ArchiveReader {
    if (typeof saved !== 'object' || saved === null) this.#fail(name, 'is no object');
    return new ArchiveReader(this.simulation, saved as Tree, this.#source, `${this.#path}${name}.`);
  }

  #take(name: string): unknown {
    if (!Object.hasOwn(this.#tree, name)) this.#fail(name, 'is not in the checkpoint');
    if (this.#asked.has(name)) throw new Error(`the field "${name}" is read twice`);
    this.#asked.add(name);
    return this.#tree[name];
  }

  #place(name: string, entryBytes: number): ViewPlace {
    const place = this.#take(name);
    if (!Array.isArray(place) || place[2] !== entryBytes) this.#fail(name, `has no entries of ${entryBytes} bytes`);
    return place as unknown as ViewPlace;
  }

  #fill([offset, length, entryBytes]: ViewPlace, view: View): void {
    bytesOf(view).set(this.#source.blobs.subarray(offset, offset + length * entryBytes));
  }

  #fail(name: string, what: string): never {
    throw new CheckpointError('field', `the field ${this.#path}${name} ${what}`);
  }
}
