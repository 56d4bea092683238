import type { Guest, World } from './world.js';

/** A step of one guest that is there: the guest frames that the reference says it wrote. `page` is below 12, `place` below 5. */
export type GuestStep = (world: World, guest: Guest, page: number, place: number) => ReadonlySet<number>;

/** A step about a place for a guest, or about what the control domain holds. */
export type WorldStep = (world: World, guest: number, page: number) => void;

export const NOTHING_WRITTEN: ReadonlySet<number> = new Set();
