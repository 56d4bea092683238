import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';

/** A control domain that takes part in a move, and which window of its address space the move maps batches in. */
export interface MoveEnd {
  readonly control: Domain;
  readonly window: number;
}

/** Windows that a move uses at its two ends. */
export interface MoveWindow {
  readonly source: number;
  readonly target: number;
}

/** Something that takes a guest to another host, or, where no guest is on its way, to or from a disk. */
export interface Move {
  readonly guest: Domain | null;
  readonly ends: readonly MoveEnd[];
}

/** The moves of a simulation that have begun and are not over. A checkpoint holds them if its maker saves each with its own state. */
export class MovesUnderWay implements Checkpointed {
  readonly #moves = new Set<Move>();

  /** Whether the domain is on its way to another host. */
  isMoving(guest: Domain): boolean {
    return [...this.#moves].some((move) => move.guest === guest);
  }

  /** An end at the lowest window of a control domain that no move uses. */
  endAt(control: Domain): MoveEnd {
    const taken = new Set(this.#endsAt(control).map(({ window }) => window));
    let window = 0;
    while (taken.has(window)) window += 1;
    return { control, window };
  }

  begin(move: Move): void {
    this.#moves.add(move);
    move.guest?.account.enter('migration');
    for (const { control } of move.ends) control.account.enter('migration');
  }

  /** It is over. */
  end(move: Move): void {
    this.#moves.delete(move);
    move.guest?.account.enter('after migration');
    for (const { control } of move.ends) {
      if (this.#endsAt(control).length === 0) control.account.enter('after migration');
    }
  }

  checkpoint(archive: Archive): void {
    const moves = archive.tracked('moves', [...this.#moves]);
    this.#moves.clear();
    for (const move of moves) this.#moves.add(move);
  }

  #endsAt(control: Domain): MoveEnd[] {
    return [...this.#moves].flatMap(({ ends }) => ends.filter((end) => end.control === control));
  }
}
