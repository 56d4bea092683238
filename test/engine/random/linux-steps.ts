import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import type { TableShape } from '../../../engine/linux/mm.js';
import { PageUse } from '../../../engine/linux/page-frames.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import { PROCESS_STEPS } from '../linux/process-steps.js';
import { type Layout, Programs } from '../linux/programs-reference.js';
import { canTouch } from './access.js';
import { followPrograms } from './grant-device-reference.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import { type Guest, type World, useBy } from './world.js';

/** Frames that a kernel has free for a step: page tables on the way to a page, the page, and one of a file. */
const ROOM = 8;
/** Another program: two roots, tables below them, arguments and the page that is zeroed. */
const ROOM_FOR_PROGRAM = 18;
const ROOM_FOR_KERNEL = ROOM_FOR_PROGRAM + 2;

/** Near the stack, so that a small guest has frames for the tables; the last place is far from all others. */
const layoutOf = ({ stackTop }: TableShape): Layout => {
  const program = stackTop + 1 - 1024;
  return { program, places: [program + 64, program + 76, program + 100, program + 200, 0x100] };
};

const roomFor = ({ kernel }: Programs, kind: string): number => {
  if (kind === 'exec') return ROOM_FOR_PROGRAM;
  return kind === 'fork' ? kernel.tablePages + ROOM : ROOM;
};

export const hasRoom = (world: World, guest: Guest, frames: number): boolean => {
  const { count } = guest.domain.free;
  const kernel = guest.linux?.kernel;
  // A large page takes a whole run and may leave nothing for its tables.
  const large = kernel?.hugePages === true && count >= kernel.shape.entries ? kernel.shape.entries : 0;
  return count >= frames + large && canTouch(world, guest, frames + large);
};

/**
 * Does something in a guest's kernel and takes over what followed for its memory. What was written is what the guest's own log says,
 * and all of it was the kernel's to write.
 */
export const follow = (world: World, guest: Guest, work: () => void): ReadonlySet<number> => {
  const { domain, reference } = guest;
  const stampOf = (pfn: number): number => domain.log.stamp(asPfn(pfn));
  const before = reference.pages.map((pfn) => ({ pfn, stamp: stampOf(pfn), use: useBy(guest, pfn) }));
  const tables = new Set<number>(domain.tablePfns);
  const free = new Set<number>(domain.free.copy());
  work();
  const written = new Set<number>();
  for (const { pfn, stamp, use } of before) {
    const now = useBy(guest, pfn);
    const wasTaken = use !== PageUse.none || now !== PageUse.none || free.has(pfn);
    if (stampOf(pfn) !== stamp) {
      expect(wasTaken || tables.has(pfn)).toBe(true);
      written.add(pfn);
      reference.write(pfn);
    }
    if (use !== now || (wasTaken && stampOf(pfn) === 0)) reference.mayBeDirty.add(pfn);
  }
  if (reference.outside.size === 0) return written;
  const own = new Set<number>(domain.model.ownedFrames());
  for (const pfn of reference.outside.keys()) {
    if (!own.has(pfn)) continue;
    expect(free.has(pfn) || useBy(guest, pfn) !== PageUse.none).toBe(true);
    world.settle(guest, pfn);
  }
  return written;
};

const boot: GuestStep = (world, guest, _page, place) => {
  // The first guest stays without processes, so that it can move.
  if (guest.linux !== null || guest === world.guests[0] || !hasRoom(world, guest, ROOM_FOR_KERNEL)) {
    return NOTHING_WRITTEN;
  }
  return follow(world, guest, () => {
    const kernel = startLinux(guest.domain, { hugePages: place % 2 === 0 });
    guest.linux = new Programs(kernel, layoutOf(kernel.shape));
  });
};

const inProcess =
  (kind: string): GuestStep =>
  (world, guest, page, place) => {
    const { linux } = guest;
    if (linux === null || !hasRoom(world, guest, roomFor(linux, kind))) return NOTHING_WRITTEN;
    const step = { kind, place, page, pages: 1 + ((page * 5 + place) % 12) };
    const take = (): void => PROCESS_STEPS[kind](linux, linux.layout.places[place] + page, step);
    return follow(world, guest, () => followPrograms(world.grants, guest, take));
  };

/** Linux's driver gives back or takes a few pages at once, and stops where one is refused. */
const balloon =
  (move: typeof balloonOut): GuestStep =>
  (world, guest, page) => {
    const { domain, reference, linux } = guest;
    const pages = 1 + (page % 3);
    if (linux === null || domain.free.count < ROOM + pages) return NOTHING_WRITTEN;
    const free = world.host.heap.freeFrames;
    const refusal = move(linux.kernel, pages);
    const now = new Set<number>(domain.balloon.frames);
    for (const pfn of [...now].filter((each) => !reference.ballooned.has(each))) {
      expect(reference.isHeld(pfn)).toBe(false);
      world.goesStale(guest, [pfn]);
      reference.balloonOut(pfn);
    }
    for (const pfn of [...reference.ballooned].filter((each) => !now.has(each))) reference.balloonIn(pfn);
    if (!isFinding(refusal)) return NOTHING_WRITTEN;
    if (move === balloonOut) expect(reference.lent.size).toBeGreaterThan(0);
    else expect(domain.model.id === 'direct' || free < pages).toBe(true);
    return NOTHING_WRITTEN;
  };

/** A guest's kernel is Linux, and runs processes beside all else that is done with the guest. */
export const LINUX_STEPS: Readonly<Record<string, GuestStep>> = {
  'boot Linux': boot,
  'Linux balloons out': balloon(balloonOut),
  'Linux balloons in': balloon(balloonIn),
  ...Object.fromEntries(Object.keys(PROCESS_STEPS).map((kind) => [`process: ${kind}`, inProcess(kind)])),
};
