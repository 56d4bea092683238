import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Archive,
  type Finding,
  type Link,
  type Migration,
  MigrationSession,
  type Platform,
  type Program,
  type Simulation,
  TOOL_2006,
  TOOL_2006_ADAPTIVE,
  TOOL_POST_COPY,
  TOOL_TODAY,
  audit,
  isFinding,
  reliableLink,
  restoreCheckpoint,
  saveCheckpoint,
  sharedLink,
} from '../../../engine/index.js';
import type { MigrationTool } from '../../../engine/operations/pre-copy-rule.js';
import type { WireFate } from '../../../engine/devices/wire.js';
import { SCENES, linkFor, setUp, writerIn } from '../operations/migration-scene.js';

const TOOLS: Readonly<Record<string, MigrationTool>> = {
  '2006': TOOL_2006,
  '2006 with rate limiter': TOOL_2006_ADAPTIVE,
  today: TOOL_TODAY,
  'post-copy': TOOL_POST_COPY,
};

/** What a run is made of, so that it can be made anew. */
interface Spec {
  readonly variant: (typeof SCENES)[number]['variant'];
  readonly platform: Platform;
  readonly tool: MigrationTool;
  /** How many guests move, over one wire where it is shared, and what happens to that. */
  readonly guests: number;
  readonly fate: WireFate | null;
}

const linkOf = ({ platform, fate }: Spec): Link =>
  fate === null ? reliableLink(linkFor(platform)) : sharedLink(linkFor(platform), fate);

/** What runs in a guest, and the guest's move until that is over. */
interface Moving {
  readonly program: Program;
  readonly session: MigrationSession | null;
}

/** All that is known of an outcome but the guest itself. */
const wordsOf = (result: Migration | Finding): string =>
  JSON.stringify(result, (key, value: unknown) => (key === 'guest' ? null : value));

/** Guests that move at the same time. Of a move that is over, what came of it. */
class Moves {
  readonly #spec: Spec;
  readonly #link: Link;
  readonly #simulation: Simulation;
  #moving: readonly Moving[];
  #outcomes: readonly string[] = [];

  private constructor(spec: Spec, simulation: Simulation, begin: (link: Link) => Moving[]) {
    this.#spec = spec;
    this.#link = linkOf(spec);
    this.#simulation = simulation;
    this.#moving = begin(this.#link);
  }

  static begin(spec: Spec): Moves {
    const { simulation, control, targetControl, running } = setUp(spec.variant, spec.guests, spec.platform);
    return new Moves(spec, simulation, (link) =>
      running.map((each) => ({
        program: each.program,
        session: MigrationSession.begin({ ...each, control, targetControl, link, tool: spec.tool }),
      })),
    );
  }

  get outcomes(): readonly string[] {
    return this.#outcomes;
  }

  /** Does the next step of the one that is due first. False where all are over. */
  step(): boolean {
    const [first, ...others] = this.#moving.flatMap(({ session }) => session ?? []);
    if (first === undefined) return false;
    const session = others.reduce((next, each) => (each.nextNs < next.nextNs ? each : next), first);
    session.step();
    const { result } = session;
    if (result === null) return true;
    this.#outcomes = [...this.#outcomes, wordsOf(result)];
    const isLost = isFinding(result) && result.rule === 'pages-all-here';
    this.#moving = this.#moving.flatMap((each) => {
      if (each.session !== session) return each;
      return isLost ? [] : { program: each.program, session: null };
    });
    return true;
  }

  saved(): Uint8Array {
    return saveCheckpoint(this.#simulation, (archive) => this.#checkpoint(archive));
  }

  restored(): Moves {
    let copy: Moves | null = null;
    restoreCheckpoint(this.saved(), {
      platform: this.#spec.platform,
      own: (archive) => {
        copy = new Moves(this.#spec, archive.simulation, () => []);
        copy.#checkpoint(archive);
      },
    });
    return copy!;
  }

  violations(): readonly unknown[] {
    return this.#simulation.hosts.flatMap((host) => audit(host));
  }

  #checkpoint(archive: Archive): void {
    const link = this.#link;
    if (link.wire !== undefined) archive.part('wire', link.wire);
    this.#outcomes = archive.texts('outcomes', this.#outcomes);
    this.#moving = archive.list('moving', this.#moving, (each, moving) => {
      const program = moving?.program ?? writerIn([...archive.simulation.hosts[0].domains.values()][0]);
      each.part('program', program);
      let session = moving?.session ?? null;
      if (each.value('moves', session !== null)) {
        session = MigrationSession.checkpoint(each, session, { link, tool: this.#spec.tool });
      }
      return { program, session };
    });
  }
}

/** Steps until all moves are over, and what came of them. */
const toTheEnd = (moves: Moves): { readonly steps: number; readonly outcomes: readonly string[] } => {
  let steps = 0;
  while (moves.step()) steps += 1;
  return { steps, outcomes: moves.outcomes };
};

describe('a migration that is saved between any two steps, restored and run on is the migration without the stop', () => {
  const cases = SCENES.flatMap(({ title, variant, platform }) =>
    Object.entries(TOOLS)
      .filter(([, { postCopies }]) => !postCopies || variant.model !== 'p2m')
      .map(([name, tool]) => ({ title: `${title}; tool ${name}`, variant, platform, tool })),
  );
  it.each(cases)('$title', ({ variant, platform, tool }) => {
    const pages = fc.integer({ min: 1, max: 120 });
    const fates = fc.oneof(
      fc.constant(null),
      fc.constant({}),
      pages.map((count) => ({ fails: { afterBytes: count * platform.pageBytes } })),
    );
    fc.assert(
      fc.property(
        fates,
        fc.integer({ min: 1, max: 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (fate, guests, share) => {
          const spec = { variant, platform, tool, guests, fate };
          const whole = toTheEnd(Moves.begin(spec));
          const moves = Moves.begin(spec);
          for (let step = 0; step < Math.floor(share * whole.steps); step += 1) moves.step();
          const copy = moves.restored();
          expect(Buffer.compare(copy.saved(), moves.saved())).toBe(0);
          expect(toTheEnd(copy).outcomes).toEqual(whole.outcomes);
          expect(toTheEnd(moves).outcomes).toEqual(whole.outcomes);
          expect(Buffer.compare(copy.saved(), moves.saved())).toBe(0);
          expect(copy.violations()).toEqual([]);
        },
      ),
      { numRuns: 6, seed: 2006 },
    );
  });
});
