import { type Finding, isFinding } from '../finding.js';
import type { Migration, MigrationRequest } from './migration.js';
import { refusesMigration } from './migration-refusal.js';
import { postCopy } from './post-copy.js';
import { type PreCopied, preCopy } from './pre-copy.js';
import type { Steps } from './steps.js';
import { endsMoving, giveWindow, startsMoving, takeWindow } from './under-way.js';

/**
 * A migration that goes on step by step: whoever has it says when, so that others go on beside it, and can give it up
 * between any two steps. Until it is through, a migration that ends leaves the guest where it was, with all that it wrote.
 */
export class MigrationSession {
  readonly #request: MigrationRequest;
  readonly #steps: Steps<PreCopied | Finding> | null;
  readonly #window: { readonly source: number; readonly target: number };
  #nextNs: number;
  #result: Migration | Finding | null;
  #controlCpuNs = 0;
  #targetControlCpuNs = 0;

  constructor(request: MigrationRequest) {
    const { guest, control, targetControl } = request;
    this.#request = request;
    this.#nextNs = guest.host.simulation.clock.nowNs;
    this.#result = refusesMigration(request);
    this.#window = { source: 0, target: 0 };
    this.#steps = null;
    if (this.#result !== null) return;
    startsMoving(guest);
    this.#window = { source: takeWindow(control), target: takeWindow(targetControl) };
    this.#steps = (request.tool?.postCopies === true ? postCopy : preCopy)(request, this.#window);
    this.#resume(null);
  }

  /** What came of it, once it is over. */
  get result(): Migration | Finding | null {
    return this.#result;
  }

  /** When the next step is due, in nanoseconds of virtual time. */
  get nextNs(): number {
    return this.#nextNs;
  }

  /** Lets time pass until the next step is due, and does it. */
  step(): void {
    if (this.#result !== null) throw new Error('the migration is over');
    this.#request.guest.host.simulation.clock.advanceTo(this.#nextNs);
    this.#resume(null);
  }

  /**
   * Gives it up now: the guest goes on at its source, and what had arrived of it is gone. Once all of it has arrived that is
   * too late, and it goes on there.
   */
  abort(): void {
    if (this.#result !== null) throw new Error('the migration is over');
    const { name, model } = this.#request.guest;
    const detail = `the move of ${name} was given up`;
    this.#resume({ operation: 'migrate', model: model.id, rule: 'not-given-up', detail });
  }

  #resume(reason: Finding | null): void {
    const { guest, control, targetControl } = this.#request;
    const controlBefore = control.account.cpuNs;
    const targetBefore = targetControl.account.cpuNs;
    const { done, value } = this.#steps!.next(reason);
    this.#controlCpuNs += control.account.cpuNs - controlBefore;
    this.#targetControlCpuNs += targetControl.account.cpuNs - targetBefore;
    if (done !== true) {
      this.#nextNs = value;
      return;
    }
    giveWindow(control, this.#window.source);
    giveWindow(targetControl, this.#window.target);
    endsMoving(guest);
    if (isFinding(value)) {
      this.#result = { ...value, operation: 'migrate' };
      return;
    }
    const { asked = { controlNs: 0, targetNs: 0 }, ...migration } = value;
    this.#result = {
      ...migration,
      controlCpuNs: this.#controlCpuNs + asked.controlNs,
      targetControlCpuNs: this.#targetControlCpuNs + asked.targetNs,
    };
  }
}
