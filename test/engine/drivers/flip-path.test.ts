import { describe, expect, it } from 'vitest';
import { GrantReferences, audit, connectDriver } from '../../../engine/index.js';
import { XEN_4_17_X86_PV } from '../../../engine/grants/rules.js';
import { ok } from '../grants/support.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

/** Events of both ends for one batch of so many pages that flip between P2M domains. */
const flipped = (pages: number) => {
  const host = hostOf(radixPlatformOf([[0, 4096]], { scheme: radixScheme(), grants: XEN_4_17_X86_PV }));
  const [frontend, backend] = ['frontend', 'backend'].map((name) => domainOn(host, name, 'p2m', 256));
  const references = ok(GrantReferences.open(frontend));
  const driver = ok(
    connectDriver({ frontend, references, backend, window: 0 }, { transmit: 'map', receive: 'flip', batch: pages }),
  );
  const count = (event: 'hypercall' | 'multicall' | 'vaMappingUpdate'): number =>
    frontend.account.count(event) + backend.account.count(event);
  const before = (['hypercall', 'multicall', 'vaMappingUpdate'] as const).map(count);
  const stamps = Array.from({ length: pages }, () => host.simulation.nextStamp());
  const came = driver.receive(stamps);
  expect(came.map((pfn) => frontend.readKernel(ok(pfn as never)))).toEqual(stamps);
  expect(audit(host)).toEqual([]);
  const [hypercalls, multicalls, updates] = (['hypercall', 'multicall', 'vaMappingUpdate'] as const).map(
    (event, index) => count(event) - before[index],
  );
  return { hypercalls, multicalls, updates };
};

describe('kernels of P2M domains that flip pages', () => {
  // Each end gives a mapping up, for what it posts or gives away, and makes one, for what comes or is new.
  it('put a batch of updates of their own mappings in one multicall: four of them, and no other hypercall', () => {
    expect(flipped(16)).toEqual({ hypercalls: 0, multicalls: 4, updates: 4 * 16 });
  });

  it('make a hypercall of its own of an update that is alone', () => {
    expect(flipped(1)).toEqual({ hypercalls: 4, multicalls: 0, updates: 4 });
  });
});
