import type { Finding } from '../finding.js';
import { FrameState } from '../host/frame-table.js';
import { asMfn, hex } from '../host/frame-number.js';
import { refusesAsImmobile } from '../operations/immobile.js';
import type { FrameRange } from './boot-memory.js';
import { placeDirect } from './place-direct.js';
import type { PlaceDirect } from './placement.js';
import type { ArmSite } from './site.js';

/** Placement as Xen on Arm has it: domain0 from the heap by its rule, every other P==M domain in the static memory that boot kept for it. */
export const placeOnSite =
  (site: ArmSite): PlaceDirect =>
  (domain) => {
    const { host, name } = domain;
    const { pageBytes } = host.simulation.platform;
    const refused = (rule: string, detail: string): Finding => ({ operation: 'build', model: 'direct', rule, detail });
    const give = (ranges: readonly FrameRange[]): readonly FrameRange[] => {
      for (const { first, end } of ranges) host.give(domain, asMfn(first), end - first);
      return ranges;
    };

    const placeStatic = (pages: number): readonly FrameRange[] | Finding => {
      const ranges = site.staticMemory.get(name);
      if (ranges === undefined) return refused('static-memory', `${name} is direct-mapped and has no static memory`);
      const reserved = ranges.reduce((sum, { first, end }) => sum + end - first, 0);
      if (reserved !== pages)
        return refused('static-memory-size', `${name} asks for ${pages} pages, its static memory has ${reserved}`);
      for (const { first, end } of ranges) {
        if (host.frames.state(asMfn(first)) === FrameState.reserved) continue;
        return refused('same-frames-free', `frames ${hex(first)} to ${hex(end - 1)} are in use`);
      }
      return give(ranges);
    };

    const placeFromHeap = (pages: number): readonly FrameRange[] | Finding => {
      const placement = placeDirect(site.heap, pages, pageBytes);
      if (placement.chunks !== null)
        return give(placement.chunks.map(({ first, order }) => ({ first, end: first + 2 ** order })));
      const missing = (placement.unallocatedPages * pageBytes) / 2 ** 20;
      return refused(
        'banks-free',
        `${host.name} has no place for ${pages} pages of ${name}: ${missing} MiB unallocated`,
      );
    };

    const isControl = name === site.controlDomain;
    return {
      tablesFrom: isControl ? 'heap' : 'pool, then heap',
      place: isControl ? placeFromHeap : placeStatic,
      placeAt: () => refused('no-migration-on-arm', `${name} cannot arrive: Arm has no restore`),
      refusesMove: () => refusesAsImmobile(domain, 'migrate'),
    };
  };
