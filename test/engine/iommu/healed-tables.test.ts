import { describe, expect, it } from 'vitest';
import { type Domain, type Host, audit } from '../../../engine/index.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import type { IommuSpec } from '../../../engine/iommu/iommu.js';
import type { IommuHolds } from '../../../engine/iommu/iommu-context.js';
import { PAGE_BYTES, deviceOf, hostWith, iommuOf, must } from '../devices/support.js';
import { domainOn } from '../support.js';

const PIECE = 512;
const PAGES = 4 * PIECE;

interface Scene {
  readonly host: Host;
  readonly driver: Domain;
  readonly device: DmaDevice;
  readonly tables: () => number;
  readonly large: () => number;
}

/** A P==M domain of four pieces of 2 MiB, from frame 0 on, with a device behind an IOMMU. */
const scene = (
  iommuTables: 'healed' | 'kept' = 'healed',
  invalidation: IommuSpec['invalidation'] = 'strict',
  holds: IommuHolds = 'own',
): Scene => {
  const host = hostWith([[0, 8 * PIECE]], 0, iommuTables === 'healed' ? { iommuTables } : {});
  const driver = domainOn(host, 'driver', 'direct', PAGES, { access: 'restricted' });
  const iommu = iommuOf(host, { invalidation, walkCache: [4, 2, 1] });
  const device = deviceOf(driver, 64, { iommu, holds });
  const context = device.context!;
  return { host, driver, device, tables: () => context.tablePages, large: () => context.table.count().leaves[1] };
};

const rules = (host: Host): string[] => audit(host).map(({ rule, detail }) => `${rule}: ${detail}`);

const takeOut = ({ driver }: Scene, first: number, count: number): void => {
  for (let page = first; page < first + count; page += 1) must(driver.balloon.release(asPfn(page)));
};

describe('tables of an IOMMU that heal', () => {
  it.each(['strict', 'deferred'] as const)(
    'a piece of 2 MiB that leaves page by page takes one table, until its last page is gone (%s)',
    (invalidation) => {
      const at = scene('healed', invalidation);
      const before = at.tables();
      expect([before, at.large()]).toEqual([3, 4]);
      takeOut(at, PIECE, PIECE - 1);
      expect([at.tables(), at.large()]).toEqual([before + 1, 3]);
      takeOut(at, 2 * PIECE - 1, 1);
      expect([at.tables(), at.large()]).toEqual([before, 3]);
      expect(rules(at.host)).toEqual([]);
    },
  );

  it('without healing every piece that leaves page by page keeps its table', () => {
    const at = scene('kept');
    takeOut(at, PIECE, 2 * PIECE);
    expect([at.tables(), at.large()]).toEqual([5, 2]);
  });

  it('a balloon that begins and ends within a piece leaves a table at each end', () => {
    const at = scene();
    takeOut(at, 200, PAGES - 400);
    expect([at.tables(), at.large()]).toEqual([5, 0]);
    expect(rules(at.host)).toEqual([]);
  });

  it('a page that comes back to the frame where it was makes the piece one large entry again', () => {
    const at = scene();
    const { context } = at.device;
    const mfn = at.driver.model.machineFrame(asPfn(PIECE + 7));
    context!.clearRun(PIECE + 7, 1, null);
    expect([at.tables(), at.large()]).toEqual([4, 3]);
    context!.set(PIECE + 7, mfn, true);
    expect([at.tables(), at.large()]).toEqual([3, 4]);
    expect(rules(at.host)).toEqual([]);
  });

  it('a right that only one page has keeps the piece in pages', () => {
    const at = scene();
    const mfn = at.driver.model.machineFrame(asPfn(PIECE + 7));
    at.device.context!.set(PIECE + 7, mfn, false);
    expect([at.tables(), at.large()]).toEqual([4, 3]);
  });

  it.each(['strict', 'deferred'] as const)(
    'what the IOMMU had cached of a table that went is flushed at once (%s)',
    (invalidation) => {
      const at = scene('healed', invalidation);
      const page = PIECE + 3;
      at.device.read(page * PAGE_BYTES);
      takeOut(at, PIECE, PIECE);
      expect(at.device.read(page * PAGE_BYTES)).toMatchObject({ rule: 'iommu-maps' });
      must(at.driver.balloon.in(asPfn(page)));
      expect(at.device.read(page * PAGE_BYTES)).not.toMatchObject({ rule: 'iommu-maps' });
      expect(rules(at.host)).toEqual([]);
    },
  );

  it('tables of what drivers have mapped are the drivers’ own and stay', () => {
    const at = scene('healed', 'strict', 'buffers');
    const { context } = at.device;
    const mfn = at.driver.model.machineFrame(asPfn(0));
    context!.set(5, mfn, true);
    context!.clearRun(5, 1, null);
    expect(at.tables()).toBe(4);
  });
});
