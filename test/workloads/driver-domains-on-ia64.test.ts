import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { connectBy } from '../../workloads/driver-domains/scene.js';
import { CONTROL_DOMAINS, labOf, parametersOf } from './platform-cases.js';

const SMALL = { packets: 40, guests: 2, guestMemory: 4, window: 8, batch: 8, driverDomain: 0 };
const PATHS = { copy: 1, map: 2, flip: 3, persistent: 4, name: 5 } as const;

/** What a packet takes that domain0 receives for guests that are VP by insert, or the rule by which that is refused. */
const received = (model: string, path: keyof typeof PATHS, conditions: Readonly<Record<string, string>> = {}) => {
  const under = CONTROL_DOMAINS.find(({ title }) => title === `ia64-2006: control ${model}, guest insert`)!;
  const { lab, record } = labOf(under, conditions);
  const receive = BUILT_IN_WORKLOADS.find(({ id }) => id === 'driver-domains/receive')!;
  void receive.run(lab, parametersOf(receive, { ...SMALL, path: PATHS[path] }));
  expect(lab.drivers.check()).toEqual([]);
  const counted = ['copies', 'flips', 'maps'].map((name) => record.metrics.get(name));
  return record.findings.length > 0 ? record.findings.map(({ rule }) => rule).join() : counted;
};

/** A packet of 1500 B in pages of 16 KiB. */
const COPIED = 1500 / 16384;

describe('grants of Xen/ia64 of August 2006', () => {
  it.each(['direct', 'p2m', 'insert'])('domain0 as %s copies, and maps and copies by hand', (model) => {
    expect(received(model, 'copy')).toEqual([expect.closeTo(COPIED, 9), 0, 0]);
    // A trusted P==M domain0 names the frame: its hypervisor enters nothing.
    expect(received(model, 'map')).toEqual([expect.closeTo(COPIED, 9), 0, model === 'direct' ? 0 : 1]);
  });

  it('a page flips under P2M and VP, and under P==M it would leave its place', () => {
    expect(['direct', 'p2m', 'insert'].map((model) => received(model, 'flip'))).toEqual([
      'pfn-is-mfn',
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });

  it('P==M makes descriptors for pages of others, which have numbers of their own there, and its overhead has them', () => {
    /** Pages that a backend's overhead grows by when it maps eight pages of a guest. */
    const growth = (model: string): number => {
      const under = CONTROL_DOMAINS.find(({ title }) => title === `ia64-2006: control ${model}, guest insert`)!;
      const { lab, record } = labOf(under);
      const host = lab.host('host')!;
      const guest = host.build('guest', 'guest', 4)!;
      const device = lab.drivers.assign(host.control, { kind: 'network' })!;
      const before = host.control.overheadBytes;
      connectBy(lab, guest, device, PATHS.map, { bytes: 1500, batch: 8 })!.move('out', 8);
      expect(record.findings).toEqual([]);
      return (host.control.overheadBytes - before) / lab.pageBytes;
    };
    expect(growth('p2m')).toBe(growth('insert'));
    // A page holds the descriptors of 256 frames, and what is mapped lies within two such stretches.
    expect([1, 2]).toContain(growth('direct') - growth('insert'));
  });

  it('where they are stubs, a trusted P==M domain0 alone is a backend, by name', () => {
    const stubs = { grantOperations: 'stubs' };
    expect(received('direct', 'name', stubs)).toEqual([expect.closeTo(COPIED, 9), 0, 0]);
    expect(received('direct', 'copy', stubs)).toBe('grant-map');
    for (const path of ['copy', 'map', 'flip', 'name'] as const)
      expect(received('insert', path, stubs)).toBe('grant-map');
  });
});
