import { TOOL_TODAY, isFinding, migrate, reliableLink } from '../../engine/index.js';
import { beginLogDirty, harvestDirty } from '../../engine/operations/log-dirty.js';
import type { CaseBook } from '../case.js';
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
const passes = (pagesATick: number, firstPassSeconds: number): readonly number[] => {
  const scene = tickingGuest(pagesATick, FIRST_TICK_NS);
  const bits = scene.guest.model.ownedFrames().length * PAGE_BYTES * 8;
  const link = reliableLink({ bitsPerSecond: bits / firstPassSeconds, latencyNs: 0 });
  const result = migrate({ ...scene, link, tool: TOOL_TODAY });
  if (isFinding(result)) throw new Error(result.detail);
  const { wrongFrames, wrongPages } = result.verification;
  if (wrongFrames.length + wrongPages.length > 0) throw new Error('the guest arrived with wrong contents');
  return result.rounds.map(({ sent }) => sent);
};

/** Dirty pages at each of four harvests, `windowNs` apart. */
const harvests = (pagesATick: number, windowNs: number): readonly number[] => {
  const { simulation, guest, control } = tickingGuest(pagesATick, FIRST_TICK_NS);
  beginLogDirty(control, guest, () => {});
  return [1, 2, 3, 4].map((clean) => {
    simulation.clock.advanceTo(clean * windowNs);
    return harvestDirty(control, guest, () => {}).length;
  });
};

export const x86Migration: Prediction = {
  id: 'x86-migration',
  title:
    'A P2M guest writes 256 pages at every tick of 100 ms while its dirty log is harvested, and while today’s tool moves it. What a Linux guest writes by itself is taken from the runs at r = 0.',
  covers: [MIGRATION, LOG_DIRTY],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    const firstPass = `${MIGRATION}/pv r=0/pass 1/seconds`;
    const given = (id: string, note: string): void => void outcomes.set(id, { actual: null, note });
    given(firstPass, 'given: the link is calibrated on it');

    const sent = passes(PAGES_A_TICK, book.recorded(firstPass));
    const guestPages = `${MIGRATION}/pv r=0/pass 1/pages`;
    outcomes.set(guestPages, { actual: sent[0], note: 'every page of the guest' });
    outcomes.set(`${MIGRATION}/pv r=256/pass 1/pages`, { actual: sent[0], note: 'every page of the guest' });
    for (const pass of [2, 3]) {
      const background = `${MIGRATION}/pv r=0/pass ${pass}/pages`;
      given(background, 'given: what the guest writes by itself');
      const ofWriter = sent[pass - 1] ?? 0;
      outcomes.set(`${MIGRATION}/pv r=256/pass ${pass}/pages`, {
        actual: ofWriter + book.recorded(background),
        note: `${ofWriter} of the writer, and ${book.recorded(background)} recorded at r = 0`,
      });
    }

    for (const window of [100, 500, 1000]) {
      harvests(PAGES_A_TICK, window * 1e6).forEach((dirty, index) => {
        const place = `${window} ms/clean ${index + 1}`;
        const background = `${LOG_DIRTY}/pv r=0/${place}`;
        given(background, 'given: what the guest writes by itself');
        outcomes.set(`${LOG_DIRTY}/pv r=256/${place}`, {
          actual: dirty + book.recorded(background),
          note: `${dirty} of the writer, and ${book.recorded(background)} recorded at r = 0`,
        });
      });
    }
    return outcomes;
  },
};
