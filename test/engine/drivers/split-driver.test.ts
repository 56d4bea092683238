import { describe, expect, it } from 'vitest';
import { type EventName, type ModelId, type Pfn, audit, isFinding } from '../../../engine/index.js';
import { type DriverPaths, connectDriver } from '../../../engine/drivers/split-driver.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { type GrantRules, XEN_4_17, XEN_IA64_JANUARY_2006 } from '../../../engine/grants/rules.js';
import { ok } from '../grants/support.js';
import { VARIANTS, domainOn, hostOf, platformOf } from '../support.js';

type Variant = (typeof VARIANTS)[number];
const RESTRICTED = VARIANTS.filter(({ options }) => options.access !== 'trusted');
const trusted = VARIANTS.find(({ options }) => options.access === 'trusted')!;
const variant = (model: ModelId): Variant => RESTRICTED.find((each) => each.model === model)!;

const scene = (front: Variant, back: Variant, paths: Partial<DriverPaths>, rules: GrantRules = XEN_4_17) => {
  const host = hostOf(platformOf([[0, 256]], { grants: rules }));
  const frontend = domainOn(host, 'frontend', front.model, 64, front.options);
  const backend = domainOn(host, 'backend', back.model, 64, back.options);
  const references = ok(GrantReferences.open(frontend));
  const ends = { frontend, references, backend, window: 0 };
  const driver = connectDriver(ends, { transmit: 'copy', receive: 'copy', batch: 8, ...paths });
  const counted = (event: EventName, work: () => void): number => {
    const before = backend.account.count(event);
    work();
    return backend.account.count(event) - before;
  };
  return { host, frontend, backend, references, driver, counted };
};

const written = (at: ReturnType<typeof scene>, count: number): Pfn[] =>
  Array.from({ length: count }, () => {
    const pfn = at.frontend.free.take()!;
    at.frontend.writeKernel(pfn);
    return pfn;
  });

const stamps = (at: ReturnType<typeof scene>, count: number): number[] =>
  Array.from({ length: count }, () => at.host.simulation.nextStamp());

const PAGES = 10;

describe.each(['copy', 'map', 'persistent'] as const)('a split driver by %s', (path) => {
  for (const front of RESTRICTED) {
    for (const back of RESTRICTED) {
      it(`moves pages as they were written from ${front.title} to ${back.title} and back, and leaves nothing behind`, () => {
        const at = scene(front, back, { transmit: path, receive: path });
        const driver = ok(at.driver);
        const pfns = written(at, PAGES);
        expect(driver.send(pfns)).toEqual(pfns.map(() => null));
        expect(audit(at.host)).toEqual([]);
        const sent = stamps(at, PAGES);
        const arrived = driver.receive(sent).map((pfn) => at.frontend.readKernel(ok(pfn as Pfn)));
        expect(arrived).toEqual(sent);
        expect(audit(at.host)).toEqual([]);
        driver.close();
        expect(at.backend.foreign.size).toBe(0);
        expect(at.references.free).toBe(at.references.table.entries - 8);
        expect(audit(at.host)).toEqual([]);
      });
    }
  }
});

describe.each(['p2m', 'insert'] as const)('page flip to a %s frontend', (front) => {
  it.each(['p2m', 'insert'] as const)(
    'from a %s backend: frames change owner, and both have as many as before',
    (back) => {
      const at = scene(variant(front), variant(back), { transmit: 'map', receive: 'flip', batch: PAGES });
      const driver = ok(at.driver);
      const owned = [at.frontend, at.backend].map(({ model }) => model.ownedFrames().length);
      const before = new Set(at.backend.model.ownedFrames().map((pfn) => at.backend.model.machineFrame(pfn)));
      const sent = stamps(at, PAGES);
      const pfns = driver.receive(sent).map((pfn) => ok(pfn as Pfn));
      expect(pfns.map((pfn) => at.frontend.readKernel(pfn))).toEqual(sent);
      expect(pfns.every((pfn) => before.has(at.frontend.model.machineFrame(pfn)))).toBe(true);
      expect([at.frontend, at.backend].map(({ model }) => model.ownedFrames().length)).toEqual(owned);
      expect(at.backend.account.count('pageCopy')).toBe(0);
      expect(audit(at.host)).toEqual([]);
      driver.close();
      expect(audit(at.host)).toEqual([]);
    },
  );

  it('one memory operation gives up all that is posted, and one takes frames for each batch of the backend, as in 2006', () => {
    const at = scene(variant(front), variant('p2m'), { transmit: 'map', receive: 'flip', batch: 4 });
    const driver = ok(at.driver);
    const ends = [at.frontend, at.backend];
    const before = ends.map(({ account }) => [account.count('memoryOperation'), account.count('hypercall')]);
    driver.receive(stamps(at, 10)).forEach((pfn) => ok(pfn as Pfn));
    const after = ends.map(({ account }) => [account.count('memoryOperation'), account.count('hypercall')]);
    // Ten pages are posted together, and served by fours.
    expect(after.map(([operations], end) => operations - before[end][0])).toEqual([1, 3]);
    expect(after.map(([, calls]) => calls)).toEqual(before.map(([, calls]) => calls));
  });

  it('from a P==M backend is refused page by page, and the pages stay where they were', () => {
    const at = scene(variant(front), variant('direct'), { transmit: 'map', receive: 'flip' });
    const results = ok(at.driver).receive(stamps(at, 3));
    expect(results).toEqual([0, 1, 2].map(() => expect.objectContaining({ rule: 'pfn-is-mfn', model: 'direct' })));
    expect(audit(at.host)).toEqual([]);
  });
});

describe('grant operations of the backend', () => {
  it.each([
    // A batch of 4 of 10 pages: three batches, each one copy, or a map and an unmap.
    ['copy', 4, 3, 3],
    ['map', 4, 6, 6],
    ['map', 1, 20, 20],
    // Three batches map what they see first; the second time everything is mapped.
    ['persistent', 4, 3, 0],
  ] as const)('by %s in batches of %i: %i for 10 pages, and then %i for 10 more', (path, batch, first, second) => {
    const at = scene(variant('insert'), variant('insert'), { transmit: path, receive: path, batch });
    const driver = ok(at.driver);
    const pfns = written(at, PAGES);
    const send = (): void => void driver.send(pfns);
    expect(at.counted('grantOperation', send)).toBe(first);
    expect(at.counted('grantOperation', send)).toBe(second);
  });

  it('one notification starts a burst, one a batch ends it, and none is sent to a side that is at work', () => {
    const at = scene(variant('insert'), variant('insert'), { batch: 4 });
    const driver = ok(at.driver);
    driver.send(written(at, PAGES));
    expect(at.frontend.account.count('notification')).toBe(1);
    expect(at.backend.account.count('notification')).toBe(3);
    expect(at.backend.account.count('upcall')).toBe(1);
  });

  it('more pages than the ring has slots go in several bursts', () => {
    const at = scene(variant('insert'), variant('insert'), { transmit: 'persistent', batch: 64 });
    const driver = ok(at.driver);
    const [pfn] = written(at, 1);
    const many = Array.from({ length: 3000 }, () => pfn);
    const failed = driver.send(many).filter((fault) => fault !== null);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((fault) => isFinding(fault) && fault.rule === 'free-frames')).toBe(true);
    expect(audit(at.host)).toEqual([]);
  });
});

describe('ia64 of January 2006', () => {
  it('a trusted P==M backend takes frames by their names: no grant operation, no check, no reference', () => {
    const at = scene(variant('insert'), trusted, { transmit: 'name', receive: 'name' }, XEN_IA64_JANUARY_2006);
    const driver = ok(at.driver);
    const pfns = written(at, PAGES);
    expect(driver.send(pfns)).toEqual(pfns.map(() => null));
    const sent = stamps(at, PAGES);
    expect(driver.receive(sent).map((pfn) => at.frontend.readKernel(ok(pfn as Pfn)))).toEqual(sent);
    for (const event of ['grantOperation', 'foreignEnter', 'grantPin'] as const) {
      expect(at.backend.account.count(event)).toBe(0);
    }
    driver.close();
    expect(audit(at.host)).toEqual([]);
  });

  it.each(RESTRICTED)('$title cannot be a backend, by name or by grant', (back) => {
    for (const path of ['name', 'copy'] as const) {
      const { driver } = scene(variant('insert'), back, { transmit: path, receive: path }, XEN_IA64_JANUARY_2006);
      expect(driver).toMatchObject({ rule: 'grant-map' });
    }
  });
});

it('contents that change on the way are found, page by page', () => {
  const at = scene(variant('insert'), variant('insert'), { transmit: 'map' });
  const driver = ok(at.driver);
  const pfns = written(at, 3);
  at.host.frames.setContents(at.frontend.model.machineFrame(pfns[1]), 77);
  expect(driver.send(pfns)).toEqual([null, 'wrong contents', null]);
});

it('a backend serves several frontends, each in a window of its own', () => {
  const at = scene(variant('p2m'), variant('insert'), { transmit: 'persistent', receive: 'map' });
  const other = domainOn(at.host, 'other', 'insert', 32);
  const references = ok(GrantReferences.open(other));
  const second = ok(
    connectDriver(
      { frontend: other, references, backend: at.backend, window: 1 },
      { transmit: 'persistent', receive: 'map', batch: 4 },
    ),
  );
  const pfns = written(at, 6);
  const [pfn] = [other.free.take()!];
  other.writeKernel(pfn);
  expect(ok(at.driver).send(pfns)).toEqual(pfns.map(() => null));
  expect(second.send([pfn, pfn])).toEqual([null, null]);
  expect(ok(at.driver).send(pfns)).toEqual(pfns.map(() => null));
  expect(audit(at.host)).toEqual([]);
  second.close();
  ok(at.driver).close();
  expect(at.backend.foreign.size).toBe(0);
  expect(audit(at.host)).toEqual([]);
});
