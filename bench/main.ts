import {
  type Domain,
  EVENT_NAMES,
  Host,
  type ModelId,
  type Platform,
  Program,
  Simulation,
  audit,
  buildDomain,
  encodeAccess,
  isFinding,
  migrate,
  reliableLink,
} from '../engine/index.js';
import { DECISION_CASES } from './decision-cases.js';

/** CPU seconds of the hot paths, the median of seven interleaved repeats. It reports; it judges nothing. */

const PAGE = 16 * 1024;
const MIB = 2 ** 20;
const REPEATS = 7;
const GUEST_PAGES = (256 * MIB) / PAGE;
const ACCESSES = 2_000_000;

const platform: Platform = {
  id: 'bench',
  pageBytes: PAGE,
  banks: [
    { start: 0, size: 1024 * MIB },
    { start: 4096 * MIB, size: 1024 * MIB },
  ],
  hypervisorBytes: 64 * MIB,
  controlDomainBytes: 256 * MIB,
  kernelGranuleBytes: 16 * MIB,
  scheme: { kind: 'vhpt', tlbEntries: 128, vhptEntries: 65_536, insertClip: 'page' },
  link: { bitsPerSecond: 1e9, latencyNs: 0 },
  socketBufferPages: 8,
  segmentBytes: 1448,
  costs: Object.fromEntries(EVENT_NAMES.map((name) => [name, 200])),
};

interface Scene {
  readonly simulation: Simulation;
  readonly source: Host;
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly guest: Domain;
}

const makeScene = (control: ModelId): Scene => {
  const simulation = new Simulation(platform, 'bench');
  const builder = simulation.ledger.account('builder');
  const build = (host: Host, name: string, model: ModelId, pages: number): Domain => {
    const domain = buildDomain(host, { name, model, builder }, pages);
    if (isFinding(domain)) throw new Error(domain.detail);
    return domain;
  };
  const source = new Host('source', simulation);
  const target = new Host('target', simulation);
  const controlPages = platform.controlDomainBytes / PAGE;
  return {
    simulation,
    source,
    control: build(source, 'control', control, controlPages),
    targetControl: build(target, 'target control', control, controlPages),
    guest: build(source, 'guest', 'insert', GUEST_PAGES),
  };
};

const replay = (pages: number) => {
  const { guest, simulation } = makeScene('direct');
  for (let vpn = 0; vpn < pages; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  const stream = simulation.stream('replay');
  const words = Uint32Array.from({ length: 65_536 }, () => encodeAccess(stream.below(pages), stream.below(3) === 0));
  const program = new Program(
    guest,
    {
      pages,
      fill(buffer) {
        buffer.set(words);
        return words.length;
      },
    },
    1000,
  );
  return { work: () => program.runUntil(ACCESSES * 1000), units: () => program.accesses, unit: 'access' };
};

const migration = (control: ModelId) => {
  const scene = makeScene(control);
  let sent = 0;
  return {
    work: () => {
      const result = migrate({ ...scene, link: reliableLink(platform.link) });
      if (isFinding(result)) throw new Error(result.detail);
      sent = result.pagesSent;
    },
    units: () => sent,
    unit: 'page sent',
  };
};

const auditing = () => {
  const { source } = makeScene('p2m');
  return { work: () => void audit(source), units: () => source.installedFrames, unit: 'frame' };
};

const CASES = {
  'replay, 100 pages, in the TLB': () => replay(100),
  'replay, 4000 pages, in the VHPT': () => replay(4000),
  'migrate 256 MiB, control domain direct': () => migration('direct'),
  'migrate 256 MiB, control domain p2m': () => migration('p2m'),
  'migrate 256 MiB, control domain insert': () => migration('insert'),
  'audit of a host of 2 GiB': auditing,
  ...DECISION_CASES,
};

const samples = new Map<string, number[]>(Object.keys(CASES).map((name) => [name, []]));
const units = new Map<string, string>();
for (let repeat = 0; repeat < REPEATS; repeat += 1) {
  for (const [name, make] of Object.entries(CASES)) {
    const made = make();
    const before = process.cpuUsage();
    made.work();
    const { user, system } = process.cpuUsage(before);
    samples.get(name)!.push(((user + system) * 1000) / made.units());
    units.set(name, made.unit);
  }
}
for (const [name, times] of samples) {
  const sorted = times.toSorted((a, b) => a - b);
  const [low, median, high] = [0, (REPEATS - 1) / 2, REPEATS - 1].map((index) => sorted[index].toFixed(0));
  process.stdout.write(`${name.padEnd(42)} ${median.padStart(7)} ns CPU / ${units.get(name)} (${low} to ${high})\n`);
}
