import { TOOL_TODAY, isFinding, migrate, reliableLink } from '../../engine/index.js';
import { beginLogDirty, harvestDirty } from '../../engine/operations/log-dirty.js';
import type { CaseBook } from '../case.js';
import type { Stretch } from '../scenes/background-job.js';
import { tickingGuest } from '../scenes/ticking-guest.js';
import { PAGE_BYTES } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const MIGRATION = 'xen/migration';
const LOG_DIRTY = 'xen/log-dirty';
const PAGES_A_TICK = 256;

/**
 * When the writer's first tick falls after the start. Its phase was not recorded: nine ticks fell into the first pass of
 * 0.924 s and none into the next of 0.031 s, so the first came 56 to 100 ms after the start.
 */
const FIRST_TICK_NS = 80e6;

/** Pages of each pass, the last one with the guest paused, at a link that takes `firstPassSeconds` for the whole guest. */
const passes = (pagesATick: number, firstPassSeconds: number, background: readonly Stretch[]): readonly number[] => {
  const scene = tickingGuest(pagesATick, FIRST_TICK_NS, background);
  const bits = scene.guest.model.ownedFrames().length * PAGE_BYTES * 8;
  const link = reliableLink({ bitsPerSecond: bits / firstPassSeconds, latencyNs: 0 });
  const result = migrate({ ...scene, link, tool: TOOL_TODAY });
  if (isFinding(result)) throw new Error(result.detail);
  const { wrongFrames, wrongPages } = result.verification;
  if (wrongFrames.length + wrongPages.length > 0) throw new Error('the guest arrived with wrong contents');
  return result.rounds.map(({ sent }) => sent);
};

/** Dirty pages at each harvest, one at the end of each stretch, and those of them that are the writer's. */
const harvests = (pagesATick: number, background: readonly Stretch[]): readonly { all: number; writer: number }[] => {
  const { simulation, guest, control, backgroundFrames } = tickingGuest(pagesATick, FIRST_TICK_NS, background);
  beginLogDirty(control, guest, () => {});
  return background.map(({ untilNs }) => {
    simulation.clock.advanceTo(untilNs);
    const dirty = harvestDirty(control, guest, () => {});
    return { all: dirty.length, writer: dirty.filter((pfn) => !backgroundFrames.has(pfn)).length };
  });
};

export const x86Migration: Prediction = {
  id: 'x86-migration',
  title:
    'A P2M guest writes 256 pages at every tick of 100 ms while its dirty log is harvested, and while today’s tool moves it. Beside it a job writes as many pages as the guest wrote by itself in the runs at r = 0.',
  covers: [MIGRATION, LOG_DIRTY],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    const given = (id: string, note: string): number => {
      outcomes.set(id, { actual: null, note });
      return book.recorded(id);
    };
    const job = 'given: the rhythm of the job that writes what the guest writes by itself';

    const firstSeconds = given(`${MIGRATION}/pv r=0/pass 1/seconds`, 'given: the link is calibrated on it');
    const secondSeconds = given(`${MIGRATION}/pv r=0/pass 2/seconds`, job);
    const [second, last] = [2, 3].map((pass) => given(`${MIGRATION}/pv r=0/pass ${pass}/pages`, job));
    const sent = passes(PAGES_A_TICK, firstSeconds, [
      { untilNs: firstSeconds * 1e9, pages: second },
      { untilNs: (firstSeconds + secondSeconds) * 1e9, pages: last },
    ]);
    const ofWriter = passes(PAGES_A_TICK, firstSeconds, []);
    outcomes.set(`${MIGRATION}/pv r=0/pass 1/pages`, { actual: sent[0], note: 'every page of the guest' });
    outcomes.set(`${MIGRATION}/pv r=256/pass 1/pages`, { actual: sent[0], note: 'every page of the guest' });
    for (const pass of [2, 3]) {
      const note = `${ofWriter[pass - 1] ?? 0} of the writer when it is alone`;
      outcomes.set(`${MIGRATION}/pv r=256/pass ${pass}/pages`, { actual: sent[pass - 1] ?? 0, note });
    }

    for (const windowMs of [100, 500, 1000]) {
      const places = [1, 2, 3, 4].map((clean) => `${windowMs} ms/clean ${clean}`);
      const stretches = places.map((place, index) => ({
        untilNs: (index + 1) * windowMs * 1e6,
        pages: given(`${LOG_DIRTY}/pv r=0/${place}`, job),
      }));
      harvests(PAGES_A_TICK, stretches).forEach(({ all, writer }, index) => {
        const note = `${writer} of the writer, ${all - writer} of the job that stands for the guest itself`;
        outcomes.set(`${LOG_DIRTY}/pv r=256/${places[index]}`, { actual: all, note });
      });
    }
    return outcomes;
  },
};
