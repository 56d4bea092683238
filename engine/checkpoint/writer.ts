import type { Simulation } from '../simulation.js';
import type { Archive, Checkpointed, View } from './archive.js';

/** A view in the tree: where its contents begin, how many entries there are, of how many bytes. */
export type ViewPlace = readonly [offset: number, length: number, entryBytes: number];
/** Numbers that JSON cannot say. */
export interface OddNumber {
  readonly number: string;
}
export type Tree = Record<string, unknown>;

/** What all writers of one checkpoint share. */
interface Sink {
  readonly views: View[];
  readonly tracked: object[];
  bytes: number;
}

/** The way out: an archive that writes into `tree` and into a list of views. */
export class ArchiveWriter implements Archive {
  readonly reading = false;
  readonly simulation: Simulation;
  readonly tree: Tree = {};
  readonly #sink: Sink;

  constructor(simulation: Simulation, sink: Sink = { views: [], tracked: [], bytes: 0 }) {
    this.simulation = simulation;
    this.#sink = sink;
  }

  /** Views by their places in the tree; those of the arena are not copied. */
  get views(): readonly View[] {
    return this.#sink.views;
  }

  value<T extends number | string | boolean | null>(name: string, value: T): T {
    const odd = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
    this.#put(name, odd ? { number: Object.is(value, -0) ? '-0' : String(value) } : value);
    return value;
  }

  data<T>(name: string, data: T): T {
    this.#put(name, data);
    return data;
  }

  view(name: string, view: View): void {
    const place: ViewPlace = [this.#sink.bytes, view.length, view.BYTES_PER_ELEMENT];
    this.#put(name, place);
    this.#sink.views.push(view);
    this.#sink.bytes += Math.ceil(view.byteLength / 8) * 8;
  }

  resized<V extends View>(name: string, view: V): V {
    this.view(name, view);
    return view;
  }

  numbers<T extends number>(name: string, numbers: readonly T[]): T[] {
    this.view(name, Float64Array.from(numbers));
    return [...numbers];
  }

  texts(name: string, texts: readonly string[]): string[] {
    this.#put(name, texts);
    return [...texts];
  }

  set<T extends number>(name: string, set: Set<T>): void {
    this.view(name, Float64Array.from(set));
  }

  map<K extends number, V extends number>(name: string, map: Map<K, V>): void {
    this.view(name, Float64Array.from([...map].flat()));
  }

  part(name: string, part: Checkpointed): void {
    part.checkpoint(this.#child(name));
  }

  list<T>(name: string, items: readonly T[], item: (archive: Archive, item: T | null) => T): T[] {
    const writers = items.map(() => new ArchiveWriter(this.simulation, this.#sink));
    this.#put(
      name,
      writers.map(({ tree }) => tree),
    );
    items.forEach((each, index) => item(writers[index], each));
    return [...items];
  }

  track(object: object): void {
    this.#sink.tracked.push(object);
  }

  tracked<T extends object>(name: string, objects: readonly T[]): T[] {
    const places = objects.map((object) => this.#sink.tracked.indexOf(object));
    if (places.includes(-1)) throw new Error(`"${name}" has an object that the checkpoint does not hold`);
    this.numbers(name, places);
    return [...objects];
  }

  #child(name: string): ArchiveWriter {
    const child = new ArchiveWriter(this.simulation, this.#sink);
    this.#put(name, child.tree);
    return child;
  }

  #put(name: string, value: unknown): void {
    if (Object.hasOwn(this.tree, name)) throw new Error(`the field "${name}" is saved twice`);
    this.tree[name] = value;
  }
}
