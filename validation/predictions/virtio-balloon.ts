import {
  Host,
  type LedgerEntry,
  Simulation,
  X86_64,
  buildDomain,
  buildOnDemand,
  isFinding,
} from '../../engine/index.js';
import { startLinux } from '../../engine/linux/start-linux.js';
import { type BalloonNaming, inflateBalloon } from '../../engine/linux/virtio-balloon.js';
import type { CaseBook } from '../case.js';
import { PAGES_A_MEBIBYTE, XEN_PAGING_POOL, countsOnlyPlatform, radixScheme } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const GIB_PAGES = 1024 * PAGES_A_MEBIBYTE;
const GUEST_PAGES = 8 * GIB_PAGES;
const GIVEN_PAGES = 7 * GIB_PAGES;
/** An eighth of the guest is built, and what it does is counted eight times: what happens to a page does not depend on their number. */
const SCALE = 8;

type Counts = Readonly<Partial<Record<LedgerEntry['event'], number>>>;

/** What a guest of 8 GiB and its host do when 7 of them go into the balloon. Its pages have frames once they were touched. */
const inflate = (naming: BalloonNaming, memory: 'idle' | 'touched'): Counts => {
  const platform = countsOnlyPlatform({
    id: 'virtual machine',
    banks: [{ start: 0, size: (9 * 2 ** 30) / SCALE }],
    scheme: radixScheme(X86_64),
    pagingPool: XEN_PAGING_POOL,
  });
  const host = new Host('host', new Simulation(platform, 'virtio'));
  const spec = { name: 'guest', model: 'nested', builder: host.simulation.ledger.account('builder') } as const;
  const domain =
    memory === 'idle'
      ? buildOnDemand(host, spec, { pages: GUEST_PAGES / SCALE, frames: (GUEST_PAGES - GIVEN_PAGES) / SCALE })
      : buildDomain(host, spec, GUEST_PAGES / SCALE);
  if (isFinding(domain)) throw new Error(domain.detail);
  const kernel = startLinux(domain, { hugePages: false });
  domain.account.enter('balloon');
  const refusal = inflateBalloon(kernel, GIVEN_PAGES / SCALE, naming);
  if (refusal !== null) throw new Error(refusal.detail);
  const entries = domain.account.entries().filter(({ phase }) => phase === 'balloon');
  return Object.fromEntries(entries.map(({ event, count }) => [event, count * SCALE]));
};

/** What each step of MEM-01 takes, by what was counted there. Milliseconds an event. */
interface StepCosts {
  readonly pageAllocate: number;
  readonly notification: number;
  readonly p2mLookup: number;
  readonly memoryOperation: number;
}

const timeOf = (counts: Counts, costs: StepCosts): number =>
  Object.entries(costs).reduce((sum, [event, cost]) => sum + cost * (counts[event as keyof StepCosts] ?? 0), 0);

/** Of the published split, whose rounded shares sum to 99.9 %. */
const STEPS = ['allocate', 'notify', 'translate', 'release'] as const;

/** The costs that the split of MEM-01 sets, on a guest whose memory is this. */
const calibrate = (book: CaseBook, counts: Counts): StepCosts => {
  const shareOf = (step: (typeof STEPS)[number]): number => book.calibration(`MEM-01/split/${step}`);
  const all = STEPS.reduce((sum, each) => sum + shareOf(each), 0);
  const step = (name: (typeof STEPS)[number]): number => (shareOf(name) / all) * book.calibration('MEM-01');
  const pageAllocate = step('allocate') / GIVEN_PAGES;
  const frames = counts.pageAllocate! - GIVEN_PAGES;
  return {
    pageAllocate,
    notification: step('notify') / counts.notification!,
    p2mLookup: step('translate') / counts.p2mLookup!,
    memoryOperation: (step('release') - frames * pageAllocate) / counts.memoryOperation!,
  };
};

export const virtioBalloon: Prediction = {
  id: 'virtio-balloon',
  title: 'A virtual machine of 8 GiB gives 7 of them back by the balloon of virtio, a page at a time and in ranges.',
  covers: ['published/MEM-01', 'published/MEM-03'],

  run(book) {
    const [byPage, inRanges, touchedByPage, touchedInRanges] = (['idle', 'touched'] as const).flatMap((memory) =>
      (['pages', 'ranges'] as const).map((naming) => inflate(naming, memory)),
    );
    const costs = calibrate(book, byPage);
    const touched = timeOf(touchedInRanges, calibrate(book, touchedByPage));
    return new Map<string, Outcome>([
      [
        'published/MEM-01',
        {
          actual: Math.round(timeOf(byPage, costs)),
          isCalibrated: true,
          note: 'each step by its share and by what was counted',
        },
      ],
      [
        'published/MEM-03',
        {
          actual: Math.round(timeOf(inRanges, costs)),
          note: `the guest is idle, so nothing is behind what it gives up; were all of it touched before, ${Math.round(touched)}. What the driver pays for its bitmap of pages is not in the split of MEM-01`,
        },
      ],
    ]);
  },
};
