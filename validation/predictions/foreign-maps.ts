import {
  type Domain,
  Host,
  type Platform,
  Simulation,
  TOOL_TODAY,
  buildDomain,
  isFinding,
  migrate,
  reliableLink,
} from '../../engine/index.js';
import type { CaseBook } from '../case.js';
import { PAGES_A_MEBIBYTE, PAGE_BYTES, countsOnlyPlatform, vhptScheme, zeroCosts } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const CALIBRATED = 'MIG-11';
const GIVEN_BACK = `published/${CALIBRATED}`;
const PREDICTED = 'published/MIG-12';
const GUEST_PAGES = 12 * 1024 * PAGES_A_MEBIBYTE;
/** Every page of an idle guest takes the same way, so that a part of it stands for the whole. */
const PARTS = 64;

/** A hypercall of `platforms/x86-64-2006.yaml`: 3300 cycles at 2.2 GHz, the lower end of VM-06, whose upper end is 5000. */
const HYPERCALL_NS = Math.round(3300 / 2.2);
const SLOWEST_HYPERCALL_NS = Math.round(5000 / 2.2);

/** Linux before commit 4e8c0c8c4b: each page alone, an mmu_update and a flush of all TLBs. */
const PAGE_BY_PAGE = { updatesAHypercall: 1, pagesAFlush: 1 };
/** After it: 16 updates a hypercall (REMAP_BATCH_SIZE), and a flush for a page of frame numbers. */
const IN_BATCHES = { updatesAHypercall: 16, pagesAFlush: PAGE_BYTES / 8 };

/** 4 MiB, to which Linux lets a TCP send buffer grow by default (tcp_wmem, Documentation/networking/ip-sysctl.txt). */
const SOCKET_BUFFER_PAGES = 1024;

interface Cost {
  readonly hypercallNs: number;
  readonly pageCopyNs: number;
}

/** Seconds, of elapsed and of the control domain's time, that the whole guest takes. The link is never in the way. */
const migration = (
  foreignMaps: NonNullable<Platform['foreignMaps']>,
  { hypercallNs, pageCopyNs }: Cost,
): { readonly elapsed: number; readonly cpu: number } => {
  const pages = GUEST_PAGES / PARTS;
  const control = 16_384;
  const platform = countsOnlyPlatform({
    id: 'foreign maps',
    banks: [{ start: 0, size: (pages + control) * PAGE_BYTES }],
    scheme: vhptScheme(2 ** 17),
    costs: zeroCosts({ hypercall: hypercallNs, pageCopy: pageCopyNs }),
    socketBufferPages: SOCKET_BUFFER_PAGES,
    foreignMaps,
  });
  const simulation = new Simulation(platform, 'foreign maps');
  const builder = simulation.ledger.account('builder');
  const build = (host: Host, name: string, size: number): Domain => {
    const domain = buildDomain(host, { name, model: 'p2m', builder }, size);
    if (isFinding(domain)) throw new Error(domain.detail);
    return domain;
  };
  const source = new Host('source', simulation);
  const guest = build(source, 'guest', pages);
  const result = migrate({
    guest,
    control: build(source, 'control', control),
    targetControl: build(new Host('target', simulation), 'target control', control),
    link: reliableLink({ bitsPerSecond: 1e15, latencyNs: 0 }),
    tool: { ...TOOL_TODAY, isOneThread: true },
  });
  if (isFinding(result)) throw new Error(result.detail);
  return { elapsed: (result.totalNs * PARTS) / 1e9, cpu: (result.controlCpuNs * PARTS) / 1e9 };
};

interface Batched {
  /** Seconds with maps in batches. */
  readonly elapsed: number;
  /** Seconds with each page mapped alone: those that the cost of a page was set on. */
  readonly aloneElapsed: number;
  readonly savedCpu: number;
  readonly pageNs: number;
}

/** What maps in batches save, where a page costs as much otherwise as MIG-11 says when each is mapped alone. */
const batched = (hypercallNs: number, seconds: number): Batched => {
  const elapsedAt = (pageCopyNs: number): number => migration(PAGE_BY_PAGE, { hypercallNs, pageCopyNs }).elapsed;
  const free = elapsedAt(0);
  const guessNs = ((seconds - free) * 1e9) / GUEST_PAGES;
  // The receiver's work on the last page comes after the sender's, so that time is not quite pages × cost.
  const pageNs = (guessNs * (seconds - free)) / (elapsedAt(guessNs) - free);
  const alone = migration(PAGE_BY_PAGE, { hypercallNs, pageCopyNs: pageNs });
  const together = migration(IN_BATCHES, { hypercallNs, pageCopyNs: pageNs });
  return { elapsed: together.elapsed, aloneElapsed: alone.elapsed, savedCpu: alone.cpu - together.cpu, pageNs };
};

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;

export const foreignMaps: Prediction = {
  id: 'foreign-maps',
  title:
    'An idle P2M guest of 12 GiB is moved by a tool of one thread, which maps each page by itself and then in batches; all that a page costs beside its hypercalls is set on the first.',
  covers: [PREDICTED, GIVEN_BACK],

  run(book: CaseBook) {
    const seconds = book.calibration(CALIBRATED);
    const { elapsed, aloneElapsed, savedCpu, pageNs } = batched(HYPERCALL_NS, seconds);
    const slowest = batched(SLOWEST_HYPERCALL_NS, seconds);
    const cost = `a hypercall of ${HYPERCALL_NS} ns, as on the platform of 2006`;
    const outcomes = new Map<string, Outcome>();
    outcomes.set(GIVEN_BACK, {
      actual: round(aloneElapsed),
      isCalibrated: true,
      note: `exact by construction: ${Math.round(pageNs)} ns a page beside its hypercalls were set on it`,
    });
    outcomes.set(PREDICTED, {
      actual: round(elapsed),
      note: `with ${cost}; ${round(slowest.elapsed)} s at the upper end of VM-06. ${Math.round(pageNs)} ns a page beside the maps, set on ${CALIBRATED}`,
    });
    outcomes.set(`${PREDICTED}/also/sys`, {
      actual: round(book.calibration(`${CALIBRATED}/also/sys`) - savedCpu),
      note: `with ${cost}: that of ${CALIBRATED} less the hypercalls that batches save`,
    });
    outcomes.set(`${PREDICTED}/also/user`, {
      actual: null,
      note: `nothing outside the kernel changed since ${CALIBRATED}, so the engine says nothing of why it fell`,
    });
    return outcomes;
  },
};
