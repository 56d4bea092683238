import { expect } from 'vitest';
import { type Archive, type Domain, Host, Program, Simulation, audit, encodeAccess } from '../../../engine/index.js';
import { verifyContents } from '../../../engine/operations/verify-contents.js';
import { type Platform } from '../../../engine/index.js';
import {
  RADIX_VARIANTS,
  VARIANTS,
  costs,
  domainOn,
  platformOf,
  radixPlatformOf,
  radixScheme,
  vhptScheme,
} from '../support.js';

/** Pages of each guest. */
export const PAGES = 48;
/** Pages of its program. */
const WRITTEN = 24;
export const GIGABIT = { bitsPerSecond: 1e9, latencyNs: 1000 };

type Variant = (typeof VARIANTS)[number];
const COMMON = { socketBufferPages: 4, costs: costs(200) } as const;
const VHPT: Platform = platformOf([[0, 2048]], { scheme: vhptScheme({ tlbEntries: 32, vhptEntries: 256 }), ...COMMON });
const RADIX: Platform = radixPlatformOf([[0, 2048]], {
  scheme: radixScheme(),
  pagingPool: { pagesAVcpu: 200, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 },
  ...COMMON,
});

/** Control domains of every model, where radix tables are walked too, and guests of the same; those of P==M have VP guests. */
export const SCENES: readonly { readonly title: string; readonly variant: Variant; readonly platform: Platform }[] = [
  ...VARIANTS.map((variant) => ({ title: `${variant.title}; vhpt`, variant, platform: VHPT })),
  ...RADIX_VARIANTS.slice(1).map((variant) => ({ title: `${variant.title}; radix`, variant, platform: RADIX })),
];

/** A link over which a page takes as long whatever its size. */
export const linkFor = ({ pageBytes }: Platform): { readonly bitsPerSecond: number; readonly latencyNs: number } => ({
  ...GIGABIT,
  bitsPerSecond: (GIGABIT.bitsPerSecond * pageBytes) / VHPT.pageBytes,
});

/** Guests that write, on one of two hosts whose control domains have the model; where that is P==M the guests are VP. */
export const setUp = ({ model, options }: Variant, guests = 1, platform = VHPT) => {
  const simulation = new Simulation(platform, 'interrupted');
  const [source, target] = ['source', 'target'].map((name) => new Host(name, simulation));
  const translated = platform === VHPT ? 'insert' : 'nested';
  const guestModel = model === 'direct' ? translated : model;
  const control = domainOn(source, 'control', model, 700, options);
  const targetControl = domainOn(target, 'target control', model, 700, options);
  const running = Array.from({ length: guests }, (_, index) => {
    const guest = domainOn(source, `guest ${index}`, guestModel, PAGES, model === 'direct' ? {} : options);
    return { guest, program: writer(guest) };
  });
  const hosts = [source, target];
  return { simulation, source, target, control, targetControl, running, hosts };
};

const writer = (guest: Domain): Program => {
  for (let vpn = 0; vpn < WRITTEN; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  const program = writerIn(guest);
  guest.host.simulation.clock.start(program);
  return program;
};

/** A program that writes the pages of a guest that are mapped. */
export const writerIn = (guest: Domain): Program => {
  const pages = WRITTEN;
  const stream = guest.host.simulation.stream(`writer in ${guest.name}`);
  const fill = (buffer: Uint32Array): number => {
    for (let at = 0; at < 64; at += 1) buffer[at] = encodeAccess(stream.below(pages), stream.below(4) > 0);
    return 64;
  };
  const checkpoint = (archive: Archive): void => archive.part('stream', stream);
  return new Program(guest, { pages, fill, checkpoint }, 40_000);
};

/** A guest's memory is what it wrote, to the page. */
export const holdsWhatItWrote = (guest: Domain): void => {
  const { frames, pages, wrongFrames, wrongPages } = verifyContents(guest);
  expect([frames, pages, wrongFrames, wrongPages]).toEqual([PAGES, WRITTEN, [], []]);
};

/** The same, and nothing is amiss on the hosts. */
export const nothingIsWrong = (guest: Domain, hosts: readonly Host[]): void => {
  holdsWhatItWrote(guest);
  expect(hosts.flatMap((host) => audit(host))).toEqual([]);
};

/** The program runs. */
export const goesOn = (simulation: Simulation, program: Program): void => {
  const before = program.accesses;
  simulation.clock.advanceTo(simulation.clock.nowNs + 1e7);
  expect(program.accesses).toBeGreaterThan(before);
};
