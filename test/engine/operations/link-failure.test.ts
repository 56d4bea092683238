import { describe, expect, it } from 'vitest';
import { type Domain, audit, isFinding, migrate, reliableLink, sharedLink } from '../../../engine/index.js';
import { SCENES, goesOn, holdsWhatItWrote, linkFor, setUp } from './migration-scene.js';

const MOMENTS = 200;
/** Hosts are audited after so many failures; contents are compared after each. */
const AUDIT_EVERY = 10;

describe('a link that fails at any moment of a migration', () => {
  it.each(SCENES)(
    `loses nothing in ${MOMENTS} random moments: the guest goes on at its source, the half-arrived domain is gone ($title)`,
    ({ variant, platform }) => {
      const { simulation, control, targetControl, target, hosts, running } = setUp(variant, 1, platform);
      const [{ guest, program }] = running;
      const random = simulation.stream('moments');
      const free = (): number => target.heap.freeFrames + targetControl.model.ownedFrames().length;
      const before = free();
      const link = linkFor(platform);
      const unhindered = migrate({ guest, program, control, targetControl, link: reliableLink(link) });
      if (isFinding(unhindered)) throw new Error(unhindered.detail);
      let hereNow: Domain = unhindered.guest;
      for (let failures = 0; failures < MOMENTS;) {
        const atNs = simulation.clock.nowNs + (random.uint32() / 2 ** 32) * unhindered.totalNs;
        const [here, there] = hereNow.host === target ? [targetControl, control] : [control, targetControl];
        const failing = sharedLink(link, { fails: { atNs } });
        const result = migrate({ guest: hereNow, program, control: here, targetControl: there, link: failing });
        if (isFinding(result)) {
          expect(result.rule).toBe('link-up');
          expect([...there.host.domains.values()].map(({ id }) => id)).toEqual([there.id]);
          expect(simulation.clock.nowNs).toBeGreaterThanOrEqual(atNs);
          if (hereNow.host !== target) expect(free()).toBe(before);
          failures += 1;
          if (failures % AUDIT_EVERY === 0) expect(hosts.flatMap((host) => audit(host))).toEqual([]);
        } else {
          hereNow = result.guest;
        }
        holdsWhatItWrote(hereNow);
        goesOn(simulation, program);
      }
    },
  );
});
