import { describe, expect, it } from 'vitest';
import { type Domain, type Pfn, audit, isFinding, verifyContents } from '../../../engine/index.js';
import { type BackendPort } from '../../../engine/drivers/backend-port.js';
import { hybridPort } from '../../../engine/drivers/hybrid-port.js';
import { type DriverPaths, type SplitDriver, connectDriver } from '../../../engine/drivers/split-driver.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { XEN_4_17 } from '../../../engine/grants/rules.js';
import { ok } from '../grants/support.js';
import { RADIX_VARIANTS, VARIANTS, domainOn, hostOf, platformOf, radixPlatformOf, radixScheme } from '../support.js';

type Variant = (typeof VARIANTS)[number];
const PAGES = 5;
const RADIX = radixPlatformOf([[0, 8192]], {
  scheme: radixScheme(),
  grants: XEN_4_17,
  pagingPool: {
    pagesAVcpu: 300,
    pagesAMebibyte: { nested: 0, shadow: 0 },
    pagesADomain: 0,
    multipleOf: 1,
  },
});

/** A guest, so many firewalls, and a domain with the device. */
const chain = (variant: Variant, hops: number, transmit: DriverPaths['transmit'], first = transmit) => {
  const radix = RADIX_VARIANTS.includes(variant);
  const host = hostOf(radix ? RADIX : platformOf([[0, 512]], { grants: XEN_4_17 }));
  const build = (name: string): Domain => domainOn(host, name, variant.model, radix ? 512 : 64, variant.options);
  const driver = build('driver');
  const firewalls = Array.from({ length: hops }, (_, hop) => build(`firewall ${hop}`));
  const guest = build('guest');
  const ports: ReturnType<typeof hybridPort>[] = [];
  let port: BackendPort | undefined;
  let upstream: SplitDriver | null = null;
  let backend = driver;
  for (const [hop, frontend] of [...firewalls, guest].entries()) {
    const references = ok(GrantReferences.open(frontend, 2));
    const paths = { transmit: hop === 0 ? first : transmit, receive: 'copy' as const, batch: 4 };
    const made: SplitDriver = ok(
      connectDriver(
        { frontend, references, backend, window: 0 },
        { ...paths, ...(port === undefined ? {} : { port }) },
      ),
    );
    if (frontend !== guest) {
      const made2 = hybridPort(frontend, made, host.simulation.platform.pageBytes);
      ports.push(made2);
      port = made2;
    }
    upstream = made;
    backend = frontend;
  }
  const written = (): Pfn[] =>
    Array.from({ length: PAGES }, () => {
      const pfn = guest.free.take()!;
      guest.writeKernel(pfn);
      return pfn;
    });
  const intact = (): void => {
    expect(audit(host)).toEqual([]);
    for (const domain of [driver, ...firewalls, guest]) expect(verifyContents(domain).wrongFrames).toEqual([]);
  };
  return { host, guest, driver, firewalls, ports, line: upstream!, written, intact };
};

const ALL = [
  ...VARIANTS.filter(({ options }) => options.access !== 'trusted'),
  ...RADIX_VARIANTS.filter(({ options }) => options.access !== 'trusted'),
];

describe.each(ALL)('a firewall with a backend and a frontend, $title', (variant) => {
  it.each([1, 2, 3])('hands every packet on and back as it was, through %i of them, by copy', (hops) => {
    const at = chain(variant, hops, 'copy');
    expect(at.line.send(at.written())).toEqual(Array(PAGES).fill(null));
    const stamps = Array.from({ length: PAGES }, () => at.host.simulation.nextStamp());
    expect(at.line.receive(stamps).map((pfn) => at.guest.readKernel(ok(pfn as Pfn)))).toEqual(stamps);
    expect(at.ports.map(({ record }) => record.copied)).toEqual(Array(hops).fill(0));
    at.intact();
  });

  it.each([1, 2, 3])(
    'by map: the hypervisor refuses its first try to grant on what is not its own, and it copies at each of %i hops',
    (hops) => {
      const at = chain(variant, hops, 'map');
      expect(at.line.send(at.written())).toEqual(Array(PAGES).fill(null));
      for (const { record } of at.ports) {
        expect([record.passed, record.copied]).toEqual([0, PAGES]);
        expect([...record.refusals.keys()]).toEqual(['own-memory']);
      }
      at.intact();
    },
  );

  it('by passing grants on: one firewall copies nothing but headers, and a second one is refused', () => {
    const one = chain(variant, 1, 'pass', 'copy');
    expect(one.line.send(one.written())).toEqual(Array(PAGES).fill(null));
    expect([one.ports[0].record.passed, one.ports[0].record.copied]).toEqual([PAGES, 0]);
    one.intact();
    const two = chain(variant, 2, 'pass', 'copy');
    const faults = two.line.send(two.written());
    expect(faults.every((fault) => isFinding(fault) && fault.rule === 'copy-only')).toBe(true);
    two.intact();
  });
});

it('a copy of a part of a page costs that part', () => {
  const host = hostOf(platformOf([[0, 256]], { grants: XEN_4_17 }));
  const frontend = domainOn(host, 'frontend', 'insert', 64);
  const backend = domainOn(host, 'backend', 'insert', 64);
  const references = ok(GrantReferences.open(frontend));
  const bytes = host.simulation.platform.pageBytes / 8;
  const driver = ok(
    connectDriver({ frontend, references, backend, window: 0 }, { transmit: 'copy', receive: 'copy', batch: 8, bytes }),
  );
  const pfn = frontend.free.take()!;
  frontend.writeKernel(pfn);
  expect(driver.send([pfn, pfn])).toEqual([null, null]);
  expect(backend.account.count('pageCopy')).toBe(2 / 8);
  // 2048 bytes in segments of 1448.
  expect(backend.account.count('segmentSend')).toBe(2 * 2);
});
