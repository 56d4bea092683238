import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from './frame-number.js';

export const FrameState = { notInstalled: 0, free: 1, owned: 2, reserved: 3 } as const;
/** `pageTable` is one declared by a guest whose entries are checked at the insert; `l1` to `l4` are validated by level. */
export const FrameType = { none: 0, writable: 1, pageTable: 2, l1: 3, l2: 4, l3: 5, l4: 6 } as const;
export type FrameTypeId = (typeof FrameType)[keyof typeof FrameType];

/** Owner of a frame that no domain owns. Domain ids start at 1. */
export const NO_OWNER = 0;
/** Contents of a frame after scrubbing. Stamps of guests' writes start at 1. */
export const SCRUBBED = 0;

const SECTION_SHIFT = 12;
const SECTION_FRAMES = 1 << SECTION_SHIFT;
const SECTION_MASK = SECTION_FRAMES - 1;

interface Section {
  readonly state: Uint8Array;
  readonly type: Uint8Array;
  readonly owner: Uint16Array;
  readonly references: Uint16Array;
  readonly typeCount: Uint16Array;
  readonly contents: Uint32Array;
  readonly guestFrame: Int32Array;
}

/**
 * What the hypervisor knows of each machine frame: a struct of arrays in sections of 4096 frames, made on first use, so
 * that holes between banks cost nothing.
 */
export class FrameTable {
  readonly #sections: (Section | undefined)[] = [];

  #section(mfn: Mfn): Section {
    return (this.#sections[mfn >>> SECTION_SHIFT] ??= {
      state: new Uint8Array(SECTION_FRAMES),
      type: new Uint8Array(SECTION_FRAMES),
      owner: new Uint16Array(SECTION_FRAMES),
      references: new Uint16Array(SECTION_FRAMES),
      typeCount: new Uint16Array(SECTION_FRAMES),
      contents: new Uint32Array(SECTION_FRAMES),
      guestFrame: new Int32Array(SECTION_FRAMES).fill(NO_FRAME),
    });
  }

  #known(mfn: Mfn): Section | undefined {
    return mfn < 0 ? undefined : this.#sections[mfn >>> SECTION_SHIFT];
  }

  state(mfn: Mfn): number {
    return this.#known(mfn)?.state[mfn & SECTION_MASK] ?? FrameState.notInstalled;
  }

  /** The domain id that owns the frame, or `NO_OWNER`. */
  owner(mfn: Mfn): number {
    return this.#known(mfn)?.owner[mfn & SECTION_MASK] ?? NO_OWNER;
  }

  contents(mfn: Mfn): number {
    return this.#section(mfn).contents[mfn & SECTION_MASK];
  }

  setContents(mfn: Mfn, stamp: number): void {
    this.#section(mfn).contents[mfn & SECTION_MASK] = stamp;
  }

  setState(mfn: Mfn, state: number, owner: number = NO_OWNER): void {
    const section = this.#section(mfn);
    section.state[mfn & SECTION_MASK] = state;
    section.owner[mfn & SECTION_MASK] = owner;
  }

  /** The m2p: which guest frame of its owner the frame is, or `NO_FRAME`. */
  guestFrame(mfn: Mfn): Pfn {
    return asPfn(this.#known(mfn)?.guestFrame[mfn & SECTION_MASK] ?? NO_FRAME);
  }

  setGuestFrame(mfn: Mfn, pfn: number): void {
    this.#section(mfn).guestFrame[mfn & SECTION_MASK] = pfn;
  }

  references(mfn: Mfn): number {
    return this.#known(mfn)?.references[mfn & SECTION_MASK] ?? 0;
  }

  addReferences(mfn: Mfn, delta: number): void {
    this.#section(mfn).references[mfn & SECTION_MASK] += delta;
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
    return true;
  }

  /** Gives back one use; the last one leaves the frame without a type. */
  dropType(mfn: Mfn): void {
    const section = this.#section(mfn);
    const index = mfn & SECTION_MASK;
    section.typeCount[index] -= 1;
    if (section.typeCount[index] === 0) section.type[index] = FrameType.none;
  }

  /** Calls back for every frame that was ever installed, in ascending order. */
  forEachInstalled(visit: (mfn: Mfn) => void): void {
    this.#sections.forEach((section, number) => {
      if (section === undefined) return;
      for (let index = 0; index < SECTION_FRAMES; index += 1) {
        if (section.state[index] !== FrameState.notInstalled) visit(asMfn(number * SECTION_FRAMES + index));
      }
    });
  }
}
