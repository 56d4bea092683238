import { describe, expect, it } from 'vitest';
import {
  Host,
  type Platform,
  Simulation,
  TOOL_TODAY,
  isFinding,
  migrate,
  reliableLink,
} from '../../../engine/index.js';
import { costs, domainOn, platformOf } from '../support.js';

const PAGES = 4096;
const EACH_NS = 10_000;

const run = (isOneThread: boolean, own: Partial<Platform>) => {
  const simulation = new Simulation(platformOf([[0, 12_288]], { socketBufferPages: 1024, ...own }), 'one thread');
  const source = new Host('source', simulation);
  const guest = domainOn(source, 'guest', 'p2m', PAGES);
  const control = domainOn(source, 'control', 'p2m', 6000);
  const targetControl = domainOn(new Host('target', simulation), 'target control', 'p2m', 6000);
  const link = reliableLink({ bitsPerSecond: 1e15, latencyNs: 0 });
  const result = migrate({ guest, control, targetControl, link, tool: { ...TOOL_TODAY, isOneThread } });
  if (isFinding(result)) throw new Error(result.detail);
  return { result, control };
};

describe('a tool', () => {
  const own = { costs: costs(0, { foreignEnter: EACH_NS, pageCopy: EACH_NS }) };

  it('of one thread takes the sum of mapping and copying; one whose stages overlap takes the larger of them', () => {
    const batch = 1024 * EACH_NS;
    const one = run(true, own).result.totalNs;
    expect(one).toBeGreaterThanOrEqual(2 * PAGES * EACH_NS);
    expect(one).toBeLessThan(2 * PAGES * EACH_NS + 3 * batch);
    const overlapped = run(false, own).result.rounds[0].durationNs;
    expect(overlapped).toBeGreaterThanOrEqual(PAGES * EACH_NS);
    expect(overlapped).toBeLessThanOrEqual(PAGES * EACH_NS + 2 * batch);
  });
});

describe('the maps of a P2M tool', () => {
  const mapsOf = (foreignMaps: Platform['foreignMaps']): number => {
    const { control } = run(true, foreignMaps === undefined ? {} : { foreignMaps });
    return control.account
      .entries()
      .filter(
        ({ mechanism, event, phase }) => mechanism === 'foreignMap' && event === 'hypercall' && phase === 'migration',
      )
      .reduce((sum, { count }) => sum + count, 0);
  };

  it('take a hypercall for so many updates, and one for each flush, where the kernel is said to do so', () => {
    const usual = mapsOf(undefined);
    const updates = PAGES / 1024;
    expect(mapsOf({ updatesAHypercall: 16, pagesAFlush: 512 }) - usual).toBe(PAGES / 16 + PAGES / 512 - updates);
    expect(mapsOf({ updatesAHypercall: 1, pagesAFlush: 1 }) - usual).toBe(2 * PAGES - updates);
  });
});
