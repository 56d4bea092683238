import { type Domain, type GuestProgram, Host, Simulation, buildDomain, isFinding } from '../../engine/index.js';
import { BackgroundJob, type Stretch, sideBySide } from './background-job.js';
import { PAGES_A_MEBIBYTE, PAGE_BYTES, countsOnlyPlatform, vhptScheme } from '../predictions/counts-only-platform.js';

const TICK_NS = 100e6;
const GUEST_PAGES = 256 * PAGES_A_MEBIBYTE;
export const WORKING_SET_PAGES = 16_384;

/** Writes the next `pagesATick` pages of its working set at every tick, round and round. */
class TickingWriter implements GuestProgram {
  #domain: Domain;
  readonly #pagesATick: number;
  #nextTickNs: number;
  #nextPage = 0;

  constructor(domain: Domain, pagesATick: number, firstTickNs: number) {
    this.#domain = domain;
    this.#pagesATick = pagesATick;
    this.#nextTickNs = firstTickNs;
  }

  /** Ticks come from a clock: what a fault takes delays none of them. */
  stall(): void {}

  moveTo(domain: Domain): void {
    this.#domain = domain;
  }

  runUntil(untilNs: number): void {
    for (; this.#nextTickNs <= untilNs; this.#nextTickNs += TICK_NS) {
      for (let written = 0; written < this.#pagesATick; written += 1) {
        const refusal = this.#domain.writePage(this.#nextPage);
        if (refusal !== null) throw new Error(refusal.detail);
        this.#nextPage = (this.#nextPage + 1) % WORKING_SET_PAGES;
      }
    }
  }
}

/** A P2M guest of 256 MiB with the writer in it, what the guest writes by itself, the control domains of two hosts, and nothing that takes time. */
export interface TickingGuest {
  readonly simulation: Simulation;
  readonly guest: Domain;
  readonly program: GuestProgram;
  /** The guest frames that it writes by itself; none of them is the writer's. */
  readonly backgroundFrames: ReadonlySet<number>;
  readonly control: Domain;
  readonly targetControl: Domain;
}

/** The first tick comes `firstTickNs` after the start. */
export const tickingGuest = (pagesATick: number, firstTickNs: number, background: readonly Stretch[]): TickingGuest => {
  const bank = { start: 0, size: 2 * GUEST_PAGES * PAGE_BYTES };
  const platform = countsOnlyPlatform({ id: 'x86-64 for counts', banks: [bank], scheme: vhptScheme(2 ** 17) });
  const simulation = new Simulation(platform, 'ticking guest');
  const builder = simulation.ledger.account('builder');
  const build = (host: Host, name: string, pages: number): Domain => {
    const domain = buildDomain(host, { name, model: 'p2m', builder }, pages);
    if (isFinding(domain)) throw new Error(domain.detail);
    return domain;
  };
  const source = new Host('source', simulation);
  const target = new Host('target', simulation);
  const guest = build(source, 'guest', GUEST_PAGES);
  for (let vpn = 0; vpn < WORKING_SET_PAGES; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  const ownJob = new BackgroundJob(guest, background);
  const program = sideBySide([new TickingWriter(guest, pagesATick, firstTickNs), ownJob]);
  simulation.clock.start(program);
  return {
    simulation,
    guest,
    program,
    backgroundFrames: new Set(ownJob.frames),
    control: build(source, 'control', 8192),
    targetControl: build(target, 'target control', 8192),
  };
};
