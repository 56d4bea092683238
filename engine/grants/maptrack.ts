import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { Event, Mechanism } from '../host/events.js';
import { type GrantRules, MAPTRACK_ENTRY_BYTES } from './rules.js';

const WORDS = MAPTRACK_ENTRY_BYTES / 4;
const IN_USE = 1;
const WRITABLE = 2;
const BY_ENTRY = 4;

/** One mapping of a granted page. */
export interface TrackedMapping {
  readonly handle: number;
  /** The id of the domain that granted it. */
  readonly granter: number;
  readonly reference: number;
  readonly writable: boolean;
  /** Whether the hypervisor wrote a page-table entry for it, and the mapper's memory does not have it. */
  readonly byEntry: boolean;
  /** The frame number that the mapper puts into entries for it. */
  readonly frame: number;
}

/**
 * The hypervisor's list of a domain's mappings, in frames of its own: a handle is an index into it. It grows by a frame when none is
 * free, up to the limit. Words of an entry: the reference; use and the granter's id; the next free handle plus one; the frame number
 * that it is mapped at.
 */
export class Maptrack implements Checkpointed {
  readonly #domain: Domain;
  readonly #rules: GrantRules;
  readonly #entriesPerFrame: number;
  readonly #frames: Uint32Array[] = [];
  #firstFree = -1;

  constructor(domain: Domain, rules: GrantRules) {
    this.#domain = domain;
    this.#rules = rules;
    this.#entriesPerFrame = domain.host.simulation.platform.pageBytes / MAPTRACK_ENTRY_BYTES;
  }

  /** Frames that it has. */
  get frames(): number {
    return this.#frames.length;
  }

  release(): void {
    this.#domain.host.simulation.arena.free(...this.#frames);
  }

  /** A new handle; −1 when the limit or the heap has no more. */
  add(granter: number, reference: number, writable: boolean, byEntry: boolean): number {
    if (this.#firstFree < 0 && !this.#grow()) return -1;
    const handle = this.#firstFree;
    const words = this.#wordsOf(handle)!;
    const at = this.#indexOf(handle);
    this.#firstFree = words[at + 2] - 1;
    words[at] = reference;
    words[at + 1] = (IN_USE | (writable ? WRITABLE : 0) | (byEntry ? BY_ENTRY : 0) | (granter << 16)) >>> 0;
    return handle;
  }

  /** The mapping behind a handle, or null. */
  get(handle: number): TrackedMapping | null {
    const words = this.#wordsOf(handle);
    if (words === undefined) return null;
    const at = this.#indexOf(handle);
    if ((words[at + 1] & IN_USE) === 0) return null;
    return {
      handle,
      granter: words[at + 1] >>> 16,
      reference: words[at],
      writable: (words[at + 1] & WRITABLE) !== 0,
      byEntry: (words[at + 1] & BY_ENTRY) !== 0,
      frame: words[at + 3],
    };
  }

  /** Notes where a new mapping is. */
  setFrame(handle: number, frame: number): void {
    this.#wordsOf(handle)![this.#indexOf(handle) + 3] = frame;
  }

  remove(handle: number): void {
    const words = this.#wordsOf(handle)!;
    const at = this.#indexOf(handle);
    words[at + 1] = 0;
    words[at + 2] = this.#firstFree + 1;
    this.#firstFree = handle;
  }

  /** Calls back for each mapping, by ascending handle. */
  forEach(visit: (mapping: TrackedMapping) => void): void {
    for (let handle = 0; handle < this.#frames.length * this.#entriesPerFrame; handle += 1) {
      const mapping = this.get(handle);
      if (mapping !== null) visit(mapping);
    }
  }

  checkpoint(archive: Archive): void {
    const frames = archive.value('frames', this.#frames.length);
    if (archive.reading) {
      const { arena } = this.#domain.host.simulation;
      while (this.#frames.length < frames) this.#frames.push(arena.uint32(this.#entriesPerFrame * WORDS));
    }
    this.#frames.forEach((words, index) => archive.view(`frame ${index}`, words));
    this.#firstFree = archive.value('firstFree', this.#firstFree);
  }

  #grow(): boolean {
    const { host, id, account } = this.#domain;
    if (this.#frames.length >= this.#rules.maptrackFrames || !host.hypervisor.take('maptrack', 1, id)) return false;
    account.charge(Mechanism.grants, Event.pageAllocate);
    const words = host.simulation.arena.uint32(this.#entriesPerFrame * WORDS);
    const first = this.#frames.length * this.#entriesPerFrame;
    for (let index = 0; index < this.#entriesPerFrame; index += 1) {
      words[index * WORDS + 2] = index + 1 < this.#entriesPerFrame ? first + index + 2 : this.#firstFree + 1;
    }
    this.#firstFree = first;
    this.#frames.push(words);
    return true;
  }

  #wordsOf(handle: number): Uint32Array | undefined {
    return handle < 0 ? undefined : this.#frames[Math.floor(handle / this.#entriesPerFrame)];
  }

  #indexOf(handle: number): number {
    return (handle % this.#entriesPerFrame) * WORDS;
  }
}
