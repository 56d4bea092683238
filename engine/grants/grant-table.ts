import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME, type Mfn, asMfn } from '../host/frame-number.js';
import {
  type GrantEntry,
  GrantFlag,
  GrantType,
  decodeEntry,
  encodeEntry,
  entryFlags,
  setEntryFlags,
  setEntryFrame,
} from './entry-layout.js';
import { Maptrack } from './maptrack.js';
import { ENTRY_BYTES, type GrantRules, STATUS_BYTES } from './rules.js';

const NOTHING: GrantEntry = { type: GrantType.none, readOnly: false, grantee: 0, frame: 0, through: 0 };

/**
 * The grant table of a domain: entries that the guest writes into frames which it shares with the hypervisor, and what the
 * hypervisor keeps of the entries that are in use: how often each is mapped, and the frame that it meant then.
 */
export class GrantTable implements Checkpointed {
  readonly rules: GrantRules;
  readonly maptrack: Maptrack;
  readonly #domain: Domain;
  readonly #pageBytes: number;
  readonly #frames: Uint32Array[] = [];
  readonly #status: Uint16Array[] = [];
  #version: 1 | 2 = 1;
  readonly #arena: Arena;
  #readers: Uint16Array;
  #writers: Uint16Array;
  #pinned: Int32Array;

  constructor(domain: Domain, rules: GrantRules) {
    this.rules = rules;
    this.maptrack = new Maptrack(domain, rules);
    this.#domain = domain;
    this.#pageBytes = domain.host.simulation.platform.pageBytes;
    this.#arena = domain.host.simulation.arena;
    this.#readers = this.#arena.uint16(0);
    this.#writers = this.#arena.uint16(0);
    this.#pinned = this.#arena.int32(0);
  }

  /** Gives its state back when the domain is gone; the frames are given back by the host. */
  release(): void {
    this.#arena.free(...this.#frames, ...this.#status, this.#readers, this.#writers, this.#pinned);
    this.maptrack.release();
  }

  get version(): 1 | 2 {
    return this.#version;
  }

  /** Frames of entries, and of the status words that version 2 has. */
  get frames(): number {
    return this.#frames.length;
  }

  get statusFrames(): number {
    return this.#status.length;
  }

  get entriesPerFrame(): number {
    return this.#pageBytes / ENTRY_BYTES[this.#version];
  }

  /** References are below this. */
  get entries(): number {
    return this.#frames.length * this.entriesPerFrame;
  }

  /** Grows the table to so many frames, with the status frames that it needs. All or nothing for each frame. */
  grow(frames: number): Finding | null {
    while (this.#frames.length < frames) {
      if (this.#frames.length >= this.rules.tableFrames) {
        return this.#refusal('table-frames', `${this.#domain.name} has all ${this.rules.tableFrames} frames of grants`);
      }
      const wanted = this.#version === 2 ? this.#statusFramesFor(this.#frames.length + 1) - this.#status.length : 0;
      if (!this.#take(1 + wanted)) {
        return this.#refusal('heap-has-room', `${this.#domain.host.name} has no frame free for a grant table`);
      }
      this.#frames.push(this.#arena.uint32(this.#pageBytes / 4));
      for (let count = 0; count < wanted; count += 1)
        this.#status.push(this.#arena.uint16(this.#pageBytes / STATUS_BYTES));
      this.#resize();
    }
    return null;
  }

  /** Changes the layout of an empty table. Refused while an entry is used, and above what the hypervisor has. */
  setVersion(version: 1 | 2): Finding | null {
    if (version > this.rules.version) {
      return this.#refusal('table-version', `grant tables of version ${version} are not there`);
    }
    for (let reference = 0; reference < this.entries; reference += 1) {
      if (this.entry(reference).type === GrantType.none && this.pinnedFrame(reference) === NO_FRAME) continue;
      return this.#refusal('table-empty', `reference ${reference} of ${this.#domain.name} is in use`);
    }
    if (version === this.#version) return null;
    const wanted = version === 2 ? this.#statusFramesFor(this.#frames.length) : 0;
    if (wanted > this.#status.length && !this.#take(wanted - this.#status.length)) {
      return this.#refusal('heap-has-room', `${this.#domain.host.name} has no frame free for status words`);
    }
    while (this.#status.length < wanted) this.#status.push(this.#arena.uint16(this.#pageBytes / STATUS_BYTES));
    this.#version = version;
    for (const words of this.#frames) words.fill(0);
    this.#resize();
    return null;
  }

  /** The entry, empty beyond the table's end. */
  entry(reference: number): GrantEntry {
    const words = this.#wordsOf(reference);
    return words === undefined ? NOTHING : decodeEntry(words, reference % this.entriesPerFrame, this.#version);
  }

  /** The guest writes an entry, or empties it. */
  store(reference: number, entry: GrantEntry | null): void {
    this.#domain.account.charge(Mechanism.grants, Event.grantEntryStore);
    const index = reference % this.entriesPerFrame;
    encodeEntry(this.#wordsOf(reference)!, index, this.#version, entry ?? NOTHING);
  }

  /** What the guest can see of an access grant's use: the reading and writing bits. */
  use(reference: number): number {
    if (this.#version === 2) return this.#statusOf(reference);
    const words = this.#wordsOf(reference);
    if (words === undefined) return 0;
    const flags = entryFlags(words, reference % this.entriesPerFrame, 1);
    return flags & (GrantFlag.reading | GrantFlag.writing);
  }

  /** Whether a transfer entry has been filled. */
  isCompleted(reference: number): boolean {
    const words = this.#wordsOf(reference);
    if (words === undefined) return false;
    return (entryFlags(words, reference % this.entriesPerFrame, this.#version) & GrantFlag.completed) !== 0;
  }

  /** Fills a transfer entry: the frame that came, in the guest's own numbers, and the bits that say so. */
  complete(reference: number, frame: number): void {
    const words = this.#wordsOf(reference)!;
    const index = reference % this.entriesPerFrame;
    setEntryFrame(words, index, this.#version, frame);
    const flags = GrantType.transfer | GrantFlag.committed | GrantFlag.completed;
    setEntryFlags(words, index, this.#version, flags);
  }

  /**
   * The guest was suspended while frames of its own moved, and stores what grants them anew, as a kernel does that resumes. What is
   * mapped names no frame that moved.
   */
  follow(now: ReadonlyMap<Mfn, Mfn>): void {
    for (let reference = 0; reference < this.entries; reference += 1) {
      const { type, frame } = this.entry(reference);
      const to = type === GrantType.access || this.isCompleted(reference) ? now.get(asMfn(frame)) : undefined;
      if (to === undefined) continue;
      this.#domain.account.charge(Mechanism.grants, Event.grantEntryStore);
      setEntryFrame(this.#wordsOf(reference)!, reference % this.entriesPerFrame, this.#version, to);
    }
  }

  /** Mappings of the entry that read only, and those that may write. */
  readers(reference: number): number {
    return this.#readers[reference] ?? 0;
  }

  writers(reference: number): number {
    return this.#writers[reference] ?? 0;
  }

  /** The frame that the entry meant when it was first mapped, or `NO_FRAME`. */
  pinnedFrame(reference: number): Mfn {
    return asMfn(this.readers(reference) + this.writers(reference) > 0 ? this.#pinned[reference] : NO_FRAME);
  }

  /** Counts one mapping more, and shows the guest that there is one. */
  pin(reference: number, mfn: Mfn, writable: boolean): void {
    this.#pinned[reference] = mfn;
    this.#count(reference, writable, 1);
  }

  unpin(reference: number, writable: boolean): void {
    this.#count(reference, writable, -1);
  }

  checkpoint(archive: Archive): void {
    const arena = this.#arena;
    this.#version = archive.value('version', this.#version);
    const frames = archive.value('frames', this.#frames.length);
    const statusFrames = archive.value('statusFrames', this.#status.length);
    if (archive.reading) {
      while (this.#frames.length < frames) this.#frames.push(arena.uint32(this.#pageBytes / 4));
      while (this.#status.length < statusFrames) this.#status.push(arena.uint16(this.#pageBytes / STATUS_BYTES));
      this.#resize();
    }
    this.#frames.forEach((words, index) => archive.view(`frame ${index}`, words));
    this.#status.forEach((words, index) => archive.view(`status ${index}`, words));
    archive.view('readers', this.#readers);
    archive.view('writers', this.#writers);
    archive.view('pinned', this.#pinned);
    archive.part('maptrack', this.maptrack);
  }

  #count(reference: number, writable: boolean, by: number): void {
    (writable ? this.#writers : this.#readers)[reference] += by;
    const writing = this.#writers[reference] > 0;
    const reading = writing || this.#readers[reference] > 0;
    const use = (reading ? GrantFlag.reading : 0) | (writing ? GrantFlag.writing : 0);
    if (this.#version === 2) {
      const perFrame = this.#pageBytes / STATUS_BYTES;
      this.#status[Math.floor(reference / perFrame)][reference % perFrame] = use;
      return;
    }
    const words = this.#wordsOf(reference)!;
    const index = reference % this.entriesPerFrame;
    const flags = entryFlags(words, index, 1) & ~(GrantFlag.reading | GrantFlag.writing);
    setEntryFlags(words, index, 1, flags | use);
  }

  #statusOf(reference: number): number {
    const perFrame = this.#pageBytes / STATUS_BYTES;
    return this.#status[Math.floor(reference / perFrame)]?.[reference % perFrame] ?? 0;
  }

  #statusFramesFor(frames: number): number {
    return Math.ceil((frames * (this.#pageBytes / ENTRY_BYTES[2]) * STATUS_BYTES) / this.#pageBytes);
  }

  #wordsOf(reference: number): Uint32Array | undefined {
    return reference < 0 ? undefined : this.#frames[Math.floor(reference / this.entriesPerFrame)];
  }

  #take(frames: number): boolean {
    const { host, id, account } = this.#domain;
    if (!host.hypervisor.take('grant table', frames, id)) return false;
    account.charge(Mechanism.grants, Event.pageAllocate, frames);
    return true;
  }

  #resize(): void {
    const arena = this.#arena;
    const moved = <T extends Uint16Array | Int32Array>(to: T, from: T): T => {
      to.set(from.subarray(0, Math.min(from.length, to.length)));
      arena.free(from);
      return to;
    };
    this.#readers = moved(arena.uint16(this.entries), this.#readers);
    this.#writers = moved(arena.uint16(this.entries), this.#writers);
    this.#pinned = moved(arena.int32(this.entries), this.#pinned);
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'grant', model: this.#domain.model.id, rule, detail };
  }
}

/** The domain's table, made on first use, still without a frame; null where the hypervisor has no grants. */
export const grantTableOf = (domain: Domain): GrantTable | null => {
  const { grants } = domain.host.simulation.platform;
  if (grants === undefined) return null;
  return (domain.grants ??= new GrantTable(domain, grants));
};
