import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { EVENT_NAMES, type EventName, MECHANISM_NAMES, type MechanismName } from './events.js';

export interface LedgerEntry {
  readonly domain: string;
  readonly phase: string;
  readonly mechanism: MechanismName;
  readonly event: EventName;
  readonly count: number;
  readonly nanoseconds: number;
}

/** Nanoseconds of each event; one that is left out does not occur on the platform, or costs nothing. */
export type EventCosts = Readonly<Partial<Record<EventName, number>>>;

const EVENTS_PER_MECHANISM = EVENT_NAMES.length;
const SLOTS = MECHANISM_NAMES.length * EVENTS_PER_MECHANISM;

/** What one domain was charged: counts of events by phase and mechanism, and the CPU time that they make. */
export class Account implements Checkpointed {
  readonly name: string;
  readonly #costs: Float64Array;
  readonly #phases = new Map<string, Float64Array>();
  #counts: Float64Array;
  #phaseName = 'start';
  #cpuNs = 0;

  constructor(name: string, costs: Float64Array) {
    this.name = name;
    this.#costs = costs;
    this.#counts = this.#phase('start');
  }

  /** CPU time charged so far, in nanoseconds. */
  get cpuNs(): number {
    return this.#cpuNs;
  }

  /** Later charges are counted under this phase. */
  enter(phase: string): void {
    this.#counts = this.#phase(phase);
    this.#phaseName = phase;
  }

  /** Counts events by their indices, `Mechanism.…` and `Event.…`. */
  charge(mechanism: number, event: number, count = 1): void {
    this.#counts[mechanism * EVENTS_PER_MECHANISM + event] += count;
    this.#cpuNs += this.#costs[event] * count;
  }

  /** Count of an event over all mechanisms, in one phase or in all. */
  count(event: EventName, phase?: string): number {
    return this.entries()
      .filter((entry) => entry.event === event && (phase === undefined || entry.phase === phase))
      .reduce((sum, entry) => sum + entry.count, 0);
  }

  /** CPU time charged so far to each mechanism that anything was charged to, in nanoseconds. */
  nsByMechanism(): Partial<Record<MechanismName, number>> {
    const sums: Partial<Record<MechanismName, number>> = {};
    for (const { mechanism, nanoseconds } of this.entries()) sums[mechanism] = (sums[mechanism] ?? 0) + nanoseconds;
    return sums;
  }

  entries(): LedgerEntry[] {
    const entries: LedgerEntry[] = [];
    for (const [phase, counts] of this.#phases) {
      MECHANISM_NAMES.forEach((mechanism, group) => {
        EVENT_NAMES.forEach((event, index) => {
          const count = counts[group * EVENTS_PER_MECHANISM + index];
          if (count === 0) return;
          entries.push({ domain: this.name, phase, mechanism, event, count, nanoseconds: count * this.#costs[index] });
        });
      });
    }
    return entries;
  }

  checkpoint(archive: Archive): void {
    const phases = archive.texts('phases', [...this.#phases.keys()]);
    if (archive.reading) this.#phases.clear();
    phases.forEach((phase, index) => archive.view(`counts ${index}`, this.#phase(phase)));
    this.enter(archive.value('phase', this.#phaseName));
    this.#cpuNs = archive.value('cpuNs', this.#cpuNs);
  }

  #phase(name: string): Float64Array {
    const known = this.#phases.get(name);
    if (known !== undefined) return known;
    const counts = new Float64Array(SLOTS);
    this.#phases.set(name, counts);
    return counts;
  }
}

/** Counts of named events by domain and phase, times the platform's costs. */
export class Ledger implements Checkpointed {
  readonly #costs: Float64Array;
  readonly #accounts = new Map<string, Account>();

  constructor(costs: EventCosts) {
    this.#costs = Float64Array.from(EVENT_NAMES, (name) => costs[name] ?? 0);
  }

  /** The account of a domain; a domain that migrates has one on each host. */
  account(name: string): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account = new Account(name, this.#costs);
    this.#accounts.set(name, account);
    return account;
  }

  entries(): LedgerEntry[] {
    return [...this.#accounts.values()].flatMap((account) => account.entries());
  }

  checkpoint(archive: Archive): void {
    const made = new Map(this.#accounts);
    const names = archive.texts('accounts', [...made.keys()]);
    if (archive.reading) this.#accounts.clear();
    for (const [index, name] of names.entries()) {
      const account = made.get(name) ?? this.account(name);
      this.#accounts.set(name, account);
      archive.part(`account ${index}`, account);
    }
  }
}
