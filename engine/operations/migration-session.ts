import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import type { GuestProgram } from '../domain/program.js';
import { type Finding, isFinding } from '../finding.js';
import type { Migration, MigrationRequest, Moved } from './migration.js';
import { refusesMigration } from './migration-refusal.js';
import { PostCopy } from './post-copy.js';
import { PreCopy } from './pre-copy.js';
import type { Move, MoveEnd, MoveWindow } from './under-way.js';

/**
 * A migration that goes on step by step: whoever has it says when, so that others go on beside it, and can give it up or save it
 * between any two steps. Until it is through, a migration that ends leaves the guest where it was, with all that it wrote.
 */
export class MigrationSession implements Move {
  readonly #request: MigrationRequest;
  readonly ends: readonly [source: MoveEnd, target: MoveEnd];
  #steps: PreCopy | PostCopy | null = null;
  #nextNs: number;
  #result: Migration | Finding | null = null;
  #controlCpuNs = 0;
  #targetControlCpuNs = 0;

  private constructor(request: MigrationRequest, ends: readonly [source: MoveEnd, target: MoveEnd]) {
    this.#request = request;
    this.ends = ends;
    this.#nextNs = request.guest.host.simulation.clock.nowNs;
  }

  /** Begins it. */
  static begin(request: MigrationRequest): MigrationSession {
    const { guest, control, targetControl } = request;
    const { moves } = guest.host.simulation;
    const session = new MigrationSession(request, [moves.endAt(control), moves.endAt(targetControl)]);
    const refusal = refusesMigration(request);
    if (refusal === null) session.#begin();
    else session.#result = refusal;
    return session;
  }

  get guest(): MigrationRequest['guest'] {
    return this.#request.guest;
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
    this.guest.host.simulation.clock.advanceTo(this.#nextNs);
    this.#step(null);
  }

  /**
   * Gives it up now: the guest goes on at its source, and what had arrived of it is gone. Once all of it has arrived that is
   * too late, and it goes on there.
   */
  abort(): void {
    if (this.#result !== null) throw new Error('the migration is over');
    const { name, model } = this.guest;
    const detail = `the move of ${name} was given up`;
    this.#step({ operation: 'migrate', model: model.id, rule: 'not-given-up', detail });
  }

  /**
   * One that is under way. Programs and a wire that several share are saved before it. On the way in `session` is null, and the link
   * and the tool are made anew by whoever restores it.
   *
   * @throws Error when it is over: what came of it is no state
   */
  static checkpoint(
    archive: Archive,
    session: MigrationSession | null,
    made: Pick<MigrationRequest, 'link' | 'tool'>,
  ): MigrationSession {
    if (session !== null && session.#result !== null) throw new Error('the migration is over');
    const saved = session === null ? null : session.#request;
    const guest = checkpointDomain(archive, 'guest', saved?.guest ?? null);
    const control = checkpointDomain(archive, 'control', saved?.control ?? null);
    const targetControl = checkpointDomain(archive, 'target control', saved?.targetControl ?? null);
    const [program] = archive.tracked<GuestProgram>('running', saved?.program === undefined ? [] : [saved.program]);
    const source = archive.value('source window', session?.ends[0].window ?? 0);
    const target = archive.value('target window', session?.ends[1].window ?? 0);
    const request = saved ?? { ...made, guest, control, targetControl, ...(program === undefined ? {} : { program }) };
    const postCopies = archive.value('postCopies', request.tool?.postCopies ?? false);
    const own =
      session ??
      new MigrationSession(request, [
        { control, window: source },
        { control: targetControl, window: target },
      ]);
    archive.track(own);
    archive.part('steps', {
      checkpoint(each) {
        const steps = own.#steps;
        own.#steps = postCopies
          ? PostCopy.checkpoint(each, steps as PostCopy | null, request, own.#window)
          : PreCopy.checkpoint(each, steps as PreCopy | null, request, own.#window);
      },
    });
    own.#nextNs = archive.value('nextNs', own.#nextNs);
    own.#controlCpuNs = archive.value('controlCpuNs', own.#controlCpuNs);
    own.#targetControlCpuNs = archive.value('targetControlCpuNs', own.#targetControlCpuNs);
    return own;
  }

  get #window(): MoveWindow {
    return { source: this.ends[0].window, target: this.ends[1].window };
  }

  #begin(): void {
    this.guest.host.simulation.moves.begin(this);
    this.#counted(() => {
      const { tool } = this.#request;
      const begun = (tool?.postCopies === true ? PostCopy : PreCopy).begin(this.#request, this.#window);
      if (isFinding(begun)) return begun;
      this.#steps = begun;
      return null;
    });
  }

  #step(reason: Finding | null): void {
    this.#counted(() => this.#steps!.step(reason));
  }

  /** A step, with the CPU time that the control domains spend on it. */
  #counted(step: () => Moved | Finding | null): void {
    const { guest, control, targetControl } = this.#request;
    const controlBefore = control.account.cpuNs;
    const targetBefore = targetControl.account.cpuNs;
    const result = step();
    this.#controlCpuNs += control.account.cpuNs - controlBefore;
    this.#targetControlCpuNs += targetControl.account.cpuNs - targetBefore;
    if (result === null) {
      this.#nextNs = this.#steps!.nextNs;
      return;
    }
    guest.host.simulation.moves.end(this);
    if (isFinding(result)) {
      this.#result = { ...result, operation: 'migrate' };
      return;
    }
    const { asked = { controlNs: 0, targetNs: 0 }, ...migration } = result;
    this.#result = {
      ...migration,
      controlCpuNs: this.#controlCpuNs + asked.controlNs,
      targetControlCpuNs: this.#targetControlCpuNs + asked.targetNs,
    };
  }
}
