import type { Profile } from '../../contracts/study.js';
import type { Weighting } from '../../contracts/weighting.js';

/** A line for each difference of the weights of a profile. */
export function weightLines(a: Profile, b: Profile): readonly string[] {
  const groups = [...new Set([...Object.keys(a.within ?? {}), ...Object.keys(b.within ?? {})])].toSorted();
  return [
    ...linesOf('', a.weights, b.weights),
    ...groups.flatMap((group) => linesOf(`within ${group}, `, a.within?.[group], b.within?.[group])),
  ];
}

function linesOf(where: string, a: Weighting | undefined, b: Weighting | undefined): readonly string[] {
  if (a?.kind === 'points' && b?.kind === 'points') {
    const ids = [...new Set([...Object.keys(a.points), ...Object.keys(b.points)])];
    const changed = ids.filter((id) => a.points[id] !== b.points[id]);
    return [
      ...changed.map((id) => `${where}${id}: ${a.points[id] ?? 'no'} points, then ${b.points[id] ?? 'none'}`),
      ...(a.spread === b.spread ? [] : [`${where}spread: ${a.spread}, then ${b.spread}`]),
    ];
  }
  const [was, is] = [a, b].map(weightingText);
  return was === is ? [] : [`${where}${was}; then ${is}`];
}

/** The whole of a weighting in a line; members in an order of their own where theirs says nothing. */
function weightingText(weighting: Weighting | undefined): string {
  if (weighting === undefined) return 'not weighed';
  const list = <Part>(parts: Readonly<Record<string, Part>>, text: (part: Part) => string | number): string =>
    Object.keys(parts)
      .toSorted()
      .map((id) => `${id} ${text(parts[id])}`)
      .join(', ');
  const spread = 'spread' in weighting ? `, spread ${weighting.spread}` : '';
  switch (weighting.kind) {
    case 'points':
      return `points ${list(weighting.points, (points) => points)}${spread}`;
    case 'ranges':
      return `ranges ${list(weighting.ranges, ({ low, likely, high }) => `${likely} (${low} to ${high})`)}`;
    case 'order':
      return `order ${weighting.places.map((place) => place.toSorted().join(' = ')).join(' > ')}`;
    case 'swing':
      return `swings ${list(weighting.swings, (swing) => swing)}${spread}`;
    case 'pairwise': {
      const pairs = weighting.pairs.map(([one, other, times]) => `${one} ${times} × ${other}`).toSorted();
      return `pairs ${pairs.join(', ')} (${weighting.randomIndex})${spread}`;
    }
    case 'unknown':
      return 'unknown';
    default:
      return weighting satisfies never;
  }
}
