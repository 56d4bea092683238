import type { Archive, Checkpointed, View } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from './frame-number.js';

/**
 * `shared`: several guest frames have it, copied at the first write to one of them. `offlined`: installed and used for
 * nothing. A page that is paged out has no frame: see `PagePlaces`.
 */
export const FrameState = { notInstalled: 0, free: 1, owned: 2, reserved: 3, shared: 4, offlined: 5 } as const;
/**
 * `pageTable` is one declared by a guest whose entries are checked at the insert; `l1` to `l4` are validated by level.
 * `shared` counts the guest frames that a shared frame stands for.
 */
export const FrameType = { none: 0, writable: 1, pageTable: 2, l1: 3, l2: 4, l3: 5, l4: 6, shared: 7 } as const;
export type FrameTypeId = (typeof FrameType)[keyof typeof FrameType];

/** Owner of a frame that no domain owns. Domain ids start at 1. */
export const NO_OWNER = 0;
/** Contents of a frame after scrubbing. Stamps of guests' writes start at 1. */
export const SCRUBBED = 0;

const SECTION_SHIFT = 12;
const SECTION_FRAMES = 1 << SECTION_SHIFT;
const SECTION_MASK = SECTION_FRAMES - 1;

/** Told of every frame that got another owner, another place in its owner's memory, or another type. */
export interface FrameObserver {
  /** `owner` and `guestFrame` are what they were before. */
  frameChanged(mfn: Mfn, owner: number, guestFrame: Pfn): void;
}
/** Beside its state: the frame is in use now, and goes offline and not to the heap when it is given up. */
const LEAVING = 0x80;
const STATE_MASK = LEAVING - 1;

interface Section extends Readonly<Record<string, View>> {
  /** The state, and `LEAVING`. */
  readonly state: Uint8Array;
  readonly type: Uint8Array;
  readonly owner: Uint16Array;
  readonly references: Uint16Array;
  readonly typeCount: Uint16Array;
  readonly contents: Uint32Array;
  readonly guestFrame: Int32Array;
}

/**
 * What the hypervisor knows of each machine frame: a struct of arrays in sections of 4096 frames. A section is made when a
 * frame in it becomes unlike the others; until then its frames have one state and nothing else, so that neither holes nor
 * memory that nobody touched cost anything.
 */
export class FrameTable implements Checkpointed {
  readonly #arena: Arena;
  readonly #sections: (Section | undefined)[] = [];
  /** The state of all frames of a section that is not made, where they are installed. */
  readonly #alike: (number | undefined)[] = [];
  /** Frames that devices map: few of all, so not an array. */
  readonly #pins = new Map<Mfn, number>();
  #observer: FrameObserver | null = null;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** From now on tells this one, or nobody. */
  watch(observer: FrameObserver | null): void {
    this.#observer = observer;
  }

  #section(mfn: Mfn): Section {
    return this.#sections[mfn >>> SECTION_SHIFT] ?? this.#make(mfn >>> SECTION_SHIFT);
  }

  #make(number: number): Section {
    const arena = this.#arena;
    const section: Section = {
      state: arena.uint8(SECTION_FRAMES).fill(this.#alike[number] ?? FrameState.notInstalled),
      type: arena.uint8(SECTION_FRAMES),
      owner: arena.uint16(SECTION_FRAMES),
      references: arena.uint16(SECTION_FRAMES),
      typeCount: arena.uint16(SECTION_FRAMES),
      contents: arena.uint32(SECTION_FRAMES),
      guestFrame: arena.int32(SECTION_FRAMES).fill(NO_FRAME),
    };
    this.#sections[number] = section;
    return section;
  }

  #known(mfn: Mfn): Section | undefined {
    return mfn < 0 ? undefined : this.#sections[mfn >>> SECTION_SHIFT];
  }

  state(mfn: Mfn): number {
    if (mfn < 0) return FrameState.notInstalled;
    const section = this.#sections[mfn >>> SECTION_SHIFT];
    if (section !== undefined) return section.state[mfn & SECTION_MASK] & STATE_MASK;
    return this.#alike[mfn >>> SECTION_SHIFT] ?? FrameState.notInstalled;
  }

  /** The domain id that owns the frame, or `NO_OWNER`. */
  owner(mfn: Mfn): number {
    return this.#known(mfn)?.owner[mfn & SECTION_MASK] ?? NO_OWNER;
  }

  contents(mfn: Mfn): number {
    return this.#known(mfn)?.contents[mfn & SECTION_MASK] ?? SCRUBBED;
  }

  setContents(mfn: Mfn, stamp: number): void {
    this.#section(mfn).contents[mfn & SECTION_MASK] = stamp;
  }

  setState(mfn: Mfn, state: number, owner: number = NO_OWNER): void {
    const section = this.#section(mfn);
    const index = mfn & SECTION_MASK;
    const before = section.owner[index];
    section.state[index] = state | (section.state[index] & LEAVING);
    section.owner[index] = owner;
    this.#observer?.frameChanged(mfn, before, asPfn(section.guestFrame[index]));
  }

  /** Sets the state of frames `first` to `end − 1`, which no domain owns. */
  setStates(first: number, end: number, state: number): void {
    for (let at = first; at < end;) {
      const number = Math.floor(at / SECTION_FRAMES);
      const next = Math.min(end, (number + 1) * SECTION_FRAMES);
      if (next - at === SECTION_FRAMES && this.#sections[number] === undefined) {
        this.#alike[number] = state;
      } else {
        const section = this.#section(asMfn(at));
        const from = at & SECTION_MASK;
        section.state.fill(state, from, from + next - at);
        section.owner.fill(NO_OWNER, from, from + next - at);
      }
      if (this.#observer !== null) {
        for (let mfn = at; mfn < next; mfn += 1) this.#observer.frameChanged(asMfn(mfn), NO_OWNER, asPfn(NO_FRAME));
      }
      at = next;
    }
  }

  /** The m2p: which guest frame of its owner the frame is, or `NO_FRAME`. */
  guestFrame(mfn: Mfn): Pfn {
    return asPfn(this.#known(mfn)?.guestFrame[mfn & SECTION_MASK] ?? NO_FRAME);
  }

  setGuestFrame(mfn: Mfn, pfn: number): void {
    const section = this.#section(mfn);
    const index = mfn & SECTION_MASK;
    const before = asPfn(section.guestFrame[index]);
    section.guestFrame[index] = pfn;
    this.#observer?.frameChanged(mfn, section.owner[index], before);
  }

  /** Whether the frame is in use now, and goes offline and not to the heap when it is given up. */
  isLeaving(mfn: Mfn): boolean {
    return ((this.#known(mfn)?.state[mfn & SECTION_MASK] ?? 0) & LEAVING) !== 0;
  }

  setLeaving(mfn: Mfn, leaving: boolean): void {
    const { state } = this.#section(mfn);
    state[mfn & SECTION_MASK] = (state[mfn & SECTION_MASK] & STATE_MASK) | (leaving ? LEAVING : 0);
  }

  references(mfn: Mfn): number {
    return this.#known(mfn)?.references[mfn & SECTION_MASK] ?? 0;
  }

  addReferences(mfn: Mfn, delta: number): void {
    this.#section(mfn).references[mfn & SECTION_MASK] += delta;
  }

  /** Mappings of devices that hold the frame where it is; each is one of its references. */
  pins(mfn: Mfn): number {
    return this.#pins.get(mfn) ?? 0;
  }

  /** A device is told the frame's address, or needs it no more. */
  addPins(mfn: Mfn, delta: 1 | -1): void {
    const pins = this.pins(mfn) + delta;
    if (pins === 0) this.#pins.delete(mfn);
    else this.#pins.set(mfn, pins);
    this.addReferences(mfn, delta);
  }

  type(mfn: Mfn): number {
    return this.#known(mfn)?.type[mfn & SECTION_MASK] ?? FrameType.none;
  }

  typeCount(mfn: Mfn): number {
    return this.#known(mfn)?.typeCount[mfn & SECTION_MASK] ?? 0;
  }

  /** Takes one use of the frame as `type`; false while the frame is in use as another type. */
  takeType(mfn: Mfn, type: FrameTypeId): boolean {
    const section = this.#section(mfn);
    const index = mfn & SECTION_MASK;
    if (section.typeCount[index] > 0 && section.type[index] !== type) return false;
    section.type[index] = type;
    section.typeCount[index] += 1;
    if (section.typeCount[index] === 1) this.#typeChanged(mfn, section, index);
    return true;
  }

  /** Gives back one use; the last one leaves the frame without a type. */
  dropType(mfn: Mfn): void {
    const section = this.#section(mfn);
    const index = mfn & SECTION_MASK;
    section.typeCount[index] -= 1;
    if (section.typeCount[index] > 0) return;
    section.type[index] = FrameType.none;
    this.#typeChanged(mfn, section, index);
  }

  #typeChanged(mfn: Mfn, section: Section, index: number): void {
    this.#observer?.frameChanged(mfn, section.owner[index], asPfn(section.guestFrame[index]));
  }

  /** Calls back for every frame that was ever installed, in ascending order. */
  forEachInstalled(visit: (mfn: Mfn) => void): void {
    const sections = Math.max(this.#sections.length, this.#alike.length);
    for (let number = 0; number < sections; number += 1) {
      const state = this.#sections[number]?.state;
      if (state === undefined && this.state(asMfn(number * SECTION_FRAMES)) === FrameState.notInstalled) continue;
      for (let index = 0; index < SECTION_FRAMES; index += 1) {
        if (state?.[index] !== FrameState.notInstalled) visit(asMfn(number * SECTION_FRAMES + index));
      }
    }
  }

  checkpoint(archive: Archive): void {
    const alike = Array.from(this.#alike, (state) => state ?? FrameState.notInstalled);
    const made = [...this.#sections.keys()].filter((number) => this.#sections[number] !== undefined);
    const states = archive.numbers('alike', alike);
    const numbers = archive.numbers('sections', made);
    archive.map('pins', this.#pins);
    if (archive.reading) {
      for (const number of made) this.#arena.free(...Object.values(this.#sections[number]!));
      this.#sections.length = 0;
      this.#alike.length = 0;
      for (const state of states) this.#alike.push(state);
    }
    for (const number of numbers) {
      const section = this.#sections[number] ?? this.#make(number);
      for (const [name, view] of Object.entries(section)) archive.view(`${name} ${number}`, view);
    }
  }
}
