import {
  type AccessPattern,
  Host,
  Program,
  type RandomStream,
  Simulation,
  asPfn,
  beginLogDirty,
  buildDomain,
  encodeAccess,
  isFinding,
  peekDirty,
} from '../../engine/index.js';
import type { CaseBook } from '../case.js';
import { PAGES_A_MEBIBYTE, PAGE_BYTES, countsOnlyPlatform, vhptScheme, zeroCosts } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'published/DIRTY-01';
const WINDOWS_MS = [100, 200, 300, 500, 1000, 2000];
/** The window on whose bitmap row the cost of a logging fault is set, by the note of the data file. */
const CALIBRATED_MS = 500;
const MEMORY_MIB = 1024;
const PAGES = MEMORY_MIB * PAGES_A_MEBIBYTE;
const WRITES_A_SECOND = 3e6;

/**
 * Before it starts its window QEMU opens the log: a pass over all memory of the guest takes the right to write from each
 * page, and a page is logged from then on (dirtyrate.c; what was written during the pass is counted at the end). For a
 * guest of 128 GiB that pass takes 460 ms (Linux commit 3c9bd4006b).
 */
const PASS_MS_A_GIB = 460 / 128;
/** The same table has a writer over 24 GiB, so the guest has that much at least; where the writer's 1 GiB lies in it is not known. */
const GUEST_GIB = 24;
/** From the pass over the middle of the guest to its end: how long the log was open when the window began. */
const OPEN_BEFORE_MS = (PASS_MS_A_GIB * GUEST_GIB) / 2;

const uniformWriter = (stream: RandomStream): AccessPattern => ({
  pages: PAGES,
  fill(buffer) {
    for (let index = 0; index < buffer.length; index += 1) buffer[index] = encodeAccess(stream.below(PAGES), true);
    return buffer.length;
  },
});

/** Dirty pages at moments after the log was opened: one run of the writer serves all. */
const dirtyPages = (loggingFaultNs: number, momentsMs: readonly number[]): readonly number[] => {
  const platform = countsOnlyPlatform({
    id: 'dirty rate',
    // Memory of the guest, of its page tables, and of a tool.
    banks: [{ start: 0, size: (MEMORY_MIB + 32) * 2 ** 20 }],
    scheme: vhptScheme(PAGES),
    costs: zeroCosts({ loggingFault: loggingFaultNs }),
  });
  const simulation = new Simulation(platform, 'dirty rate');
  const host = new Host('host', simulation);
  const builder = simulation.ledger.account('builder');
  const built = [
    buildDomain(host, { name: 'tool', model: 'insert', builder }, 1),
    buildDomain(host, { name: 'guest', model: 'insert', builder }, PAGES + 16 * PAGES_A_MEBIBYTE),
  ];
  const [tool, guest] = built.map((domain) => {
    if (isFinding(domain)) throw new Error(domain.detail);
    return domain;
  });
  for (let page = 0; page < PAGES; page += 1) guest.mapPage(page, guest.free.take() ?? asPfn(-1), true);
  const writer = new Program(guest, uniformWriter(simulation.stream('pages written')), 1e9 / WRITES_A_SECOND);
  simulation.clock.start(writer);
  beginLogDirty(tool, guest, (ns) => writer.stall(ns));
  return momentsMs.map((ms) => {
    simulation.clock.advanceTo(ms * 1e6);
    return peekDirty(tool, guest).dirty().length;
  });
};

const mebibytesASecond = (pages: number, windowMs: number): number =>
  Math.round((pages * PAGE_BYTES * 1000) / 2 ** 20 / windowMs);

/** Moments of the run at no cost, at which its dirty pages are counted to set the cost. */
const STEP_MS = 10;
const STEPS_MS = Array.from({ length: CALIBRATED_MS / STEP_MS }, (_, index) => (index + 1) * STEP_MS);

/**
 * The cost at which the writer dirties `target` pages within the window. Without a cost it has them earlier, at a moment
 * read off its run; what is left of the window are the faults.
 */
const calibrate = (target: number, windowMs: number, dirtyAtSteps: readonly number[]): number => {
  const step = dirtyAtSteps.findIndex((pages) => pages >= target);
  const before = step === 0 ? 0 : dirtyAtSteps[step - 1];
  const reachedMs = STEP_MS * (step + (target - before) / (dirtyAtSteps[step] - before));
  return ((windowMs - reachedMs) * 1e6) / target;
};

export const dirtyRate: Prediction = {
  id: 'dirty-rate',
  title:
    'A program writes uniformly at random under log-dirty, first at no cost of a logging fault, then at a cost set on one row.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    const momentsMs = [...new Set([...STEPS_MS, ...WINDOWS_MS])].toSorted((a, b) => a - b);
    const unhindered = dirtyPages(0, momentsMs);
    const sampled = WINDOWS_MS.map((ms) => unhindered[momentsMs.indexOf(ms)]);
    const target = (book.recorded(`${START}/${CALIBRATED_MS} ms/bitmap`) * CALIBRATED_MS * 2 ** 20) / PAGE_BYTES / 1000;
    const upTo = STEPS_MS.map((ms) => unhindered[momentsMs.indexOf(ms)]);
    const faultNs = calibrate(target, OPEN_BEFORE_MS + CALIBRATED_MS, upTo);
    const logged = dirtyPages(
      faultNs,
      WINDOWS_MS.map((ms) => OPEN_BEFORE_MS + ms),
    );
    const open = `the log is open ${Math.round(OPEN_BEFORE_MS)} ms before the window, in a guest of ${GUEST_GIB} GiB`;
    const cost = `a logging fault costs ${Math.round(faultNs)} ns`;
    WINDOWS_MS.forEach((ms, index) => {
      const calibrated = ms === CALIBRATED_MS;
      const source = calibrated ? 'set on this row' : `set on the ${CALIBRATED_MS} ms row`;
      const insensitive = ms > CALIBRATED_MS ? '; not sensitive: nearly all pages are dirty' : '';
      outcomes.set(`${START}/${ms} ms/sampling`, { actual: mebibytesASecond(sampled[index], ms) });
      outcomes.set(`${START}/${ms} ms/bitmap`, {
        actual: mebibytesASecond(logged[index], ms),
        ...(calibrated ? { isCalibrated: true } : {}),
        note: `${cost}, ${source}; ${open}${insensitive}`,
      });
    });
    return outcomes;
  },
};
