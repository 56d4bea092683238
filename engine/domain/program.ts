import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import { isOutOfReach } from '../models/overcommit.js';
import type { Runnable } from '../host/clock.js';
import { NO_FRAME } from '../host/frame-number.js';
import type { AccessPattern } from './access-pattern.js';
import { checkpointDomainIfThere } from '../checkpoint/references.js';
import type { Domain } from './domain.js';
import { Region } from '../mmu/mmu.js';

const BUFFER_WORDS = 1 << 16;

/** What runs in a guest, and goes with it to another host. */
export interface GuestProgram extends Runnable {
  /** Time taken from it from outside, e.g. by a flush. */
  stall(ns: number): void;
  /** Goes on in the same guest on another host, from this moment. */
  moveTo(domain: Domain, nowNs: number): void;
}

/**
 * A program in a guest: it goes through an access pattern at its own pace, `intervalNs` for each access, and loses time
 * to every fault on the way. Page p of the pattern is page p of the program's address space.
 */
export class Program implements GuestProgram, Checkpointed {
  readonly #pattern: AccessPattern;
  #intervalNs: number;
  readonly #buffer = new Uint32Array(BUFFER_WORDS);
  /** Null when it was gone when the program came out of a checkpoint, e.g. saved to disk. */
  #domain: Domain | null;
  #cursor = 0;
  #words = 0;
  #nowNs: number;
  #accesses = 0;
  #ended = false;
  #refusal: Finding | null = null;

  constructor(domain: Domain, pattern: AccessPattern, intervalNs: number) {
    this.#domain = domain;
    this.#pattern = pattern;
    this.#intervalNs = intervalNs;
    this.#nowNs = domain.host.simulation.clock.nowNs;
  }

  /** Accesses made so far. */
  get accesses(): number {
    return this.#accesses;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Set when the program stopped because a page of the guest could not be brought: the host had no memory for it, or it stayed on another host. */
  get refusal(): Finding | null {
    return this.#refusal;
  }

  stall(ns: number): void {
    this.#nowNs += ns;
  }

  moveTo(domain: Domain, nowNs: number): void {
    this.#domain = domain;
    this.#nowNs = nowNs;
  }

  runUntil(untilNs: number): void {
    const domain = this.#domain;
    if (domain === null) throw new Error('a program whose domain is gone runs nowhere');
    const { account, log, mmu, host } = domain;
    const { frames, simulation } = host;
    const interval = this.#intervalNs;
    const buffer = this.#buffer;
    let cursor = this.#cursor;
    let words = this.#words;
    let now = this.#nowNs;
    let accesses = 0;
    while (now < untilNs) {
      if (cursor >= words) {
        words = this.#ended ? 0 : this.#pattern.fill(buffer);
        cursor = 0;
        if (words === 0) {
          this.#ended = true;
          now = untilNs;
          break;
        }
      }
      const word = buffer[cursor];
      cursor += 1;
      const vpn = word >>> 8;
      const write = (word & 1) === 1;
      const repeats = ((word >>> 1) & 0x7f) + 1;
      let mfn = mmu.hit(Region.user, vpn, write);
      if (mfn === NO_FRAME) {
        const before = account.cpuNs;
        domain.momentNs = now;
        const result = mmu.access(Region.user, vpn, write);
        if (isFinding(result)) {
          if (!isOutOfReach(result)) throw new Error(`a program of ${domain.name} was refused: ${result.detail}`);
          this.#refusal = result;
          this.#ended = true;
          words = cursor;
          now = untilNs;
          break;
        }
        mfn = result;
        now = domain.momentNs + account.cpuNs - before;
      }
      if (write) {
        const stamp = simulation.nextStamp();
        frames.setContents(mfn, stamp);
        log.wrote(log.mapped(vpn), stamp);
      }
      now += repeats * interval;
      accesses += repeats;
    }
    this.#cursor = cursor;
    this.#words = words;
    this.#nowNs = now;
    this.#accesses += accesses;
    if (accesses > 0) account.charge(Mechanism.work, Event.access, accesses);
  }

  checkpoint(archive: Archive): void {
    const pattern = this.#pattern;
    if (pattern.checkpoint === undefined) {
      throw new Error('what a program does cannot be saved: its pattern has no checkpoint()');
    }
    archive.track(this);
    archive.part('pattern', { checkpoint: (each) => pattern.checkpoint!(each) });
    this.#domain = checkpointDomainIfThere(archive, 'domain', this.#domain);
    this.#intervalNs = archive.value('intervalNs', this.#intervalNs);
    this.#nowNs = archive.value('nowNs', this.#nowNs);
    this.#accesses = archive.value('accesses', this.#accesses);
    this.#ended = archive.value('ended', this.#ended);
    this.#refusal = archive.data('refusal', this.#refusal);
    const ahead = archive.resized(
      'ahead',
      this.#buffer.slice(this.#cursor, this.#words),
      (length) => new Uint32Array(length),
    );
    this.#cursor = 0;
    this.#words = ahead.length;
    this.#buffer.set(ahead);
  }
}
