import { MigrationSession, isFinding, reliableLink } from '../../../engine/index.js';
import { TOOL_2006, TOOL_POST_COPY } from '../../../engine/operations/pre-copy-rule.js';
import type { Guest, Scene, SceneStep } from './scene.js';

const LINK = reliableLink({ bitsPerSecond: 1e11, latencyNs: 500 });

/** What a move goes over and by what, which a restored scene makes anew. */
export const moveBy = (postCopies: boolean): Pick<Parameters<typeof MigrationSession.begin>[0], 'link' | 'tool'> => ({
  link: LINK,
  tool: postCopies ? TOOL_POST_COPY : TOOL_2006,
});

/** A guest whose move is over is where that left it; lost with pages left behind, it is no more. */
const endMove = (scene: Scene, guest: Guest, number: number): void => {
  const result = guest.move?.session.result ?? null;
  if (result === null) return;
  guest.move = null;
  if (!isFinding(result)) {
    guest.domain = result.guest;
    guest.references = null;
  } else if (result.rule === 'pages-all-here') {
    scene.guests[number] = null;
  }
};

/** A move that begins, goes on by some steps, and is over or given up. */
export const MOVING_STEPS: Readonly<Record<string, SceneStep>> = {
  'begin to move'(scene, guest, page, number) {
    const { domain, program, mappings, granted, devices, views, connected } = guest;
    const holds = mappings.length + granted.length + views.length + devices.length;
    if (guest.move !== null || connected !== null || domain.dirtyLog !== null || holds > 0) return;
    const target = scene.simulation.hosts.find((host) => host !== domain.host)!;
    const postCopies = page % 2 === 0;
    const session = MigrationSession.begin({
      ...moveBy(postCopies),
      guest: domain,
      ...(program === null ? {} : { program }),
      control: scene.controlOf(domain.host),
      targetControl: scene.controlOf(target),
    });
    guest.move = { session, postCopies };
    endMove(scene, guest, number);
  },
  'move on'(scene, guest, page, number) {
    for (let steps = 0; steps < 3 * page && guest.move !== null; steps += 1) {
      guest.move.session.step();
      endMove(scene, guest, number);
    }
  },
  'give up moving'(scene, guest, _page, number) {
    guest.move?.session.abort();
    endMove(scene, guest, number);
  },
};
