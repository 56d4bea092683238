import { z } from 'zod';
import { fault } from './check.js';
import { count, positive, setting } from './setting-kinds.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** A link between two nodes, as `0-1`. */
const link = z
  .string()
  .regex(/^\d+-\d+$/u, { error: 'two nodes, such as "0-1"' })
  .transform((text): readonly [number, number] => {
    const [one, other] = text.split('-').map(Number);
    return [one, other];
  });

/** One figure for each number of hops, from none on. */
const byHops = z.array(z.number().min(1)).min(2);

/** What a platform whose memory is on nodes says of them; all of it or nothing. */
export const nodeSettings = {
  nodeLinks: setting(z.array(link).min(1)).optional(),
  nodeDistances: setting(byHops).optional(),
  nodeBandwidth: setting(positive('B/s')).optional(),
  sustainedBandwidth: setting(positive('%')).optional(),
  nodeLinkBandwidth: setting(positive('B/s')).optional(),
  lineSize: setting(positive('B')).optional(),
  linesInFlight: setting(count.min(1)).optional(),
  readDemand: setting(positive('B/s')).optional(),
  readTimes: setting(byHops).optional(),
  writeDemand: setting(positive('B/s')).optional(),
  writeTimes: setting(byHops).optional(),
};

const NAMES = Object.keys(nodeSettings) as (keyof typeof nodeSettings)[];

type Written = Readonly<
  Partial<Record<string, { readonly value: unknown }>> & {
    readonly banks: { readonly value: readonly { readonly node?: number }[] };
    readonly nodeLinks?: { readonly value: readonly (readonly [number, number])[] } | undefined;
  }
>;

/** Settings of nodes without the others, banks on nodes that are not there, and nodes that no link reaches. */
export function wrongNodes(source: YamlFile, settings: Written): readonly UserError[] {
  const inconsistent = (path: FieldPath, message: string, expected: string): UserError =>
    fault(source, ['settings', ...path], { code: 'inconsistent', message, expected });
  const banks = settings.banks.value;
  const given = NAMES.filter((name) => settings[name] !== undefined);
  if (given.length === 0) {
    return banks.flatMap(({ node }, index) =>
      node === undefined ? [] : [inconsistent(['banks', 'value', index], 'names a node', 'the settings of nodes, too')],
    );
  }
  const missing = NAMES.filter((name) => settings[name] === undefined);
  if (missing.length > 0) {
    const expected = `the other settings of nodes, or none of them: ${missing.join(', ')}`;
    return [inconsistent([given[0]], 'stands without what belongs to it', expected)];
  }
  const links = settings.nodeLinks!.value;
  const nodes = Math.max(...links.flat()) + 1;
  const reached = new Set([0]);
  for (let step = 0; step < nodes; step += 1) {
    for (const ends of links) if (ends.some((end) => reached.has(end))) for (const end of ends) reached.add(end);
  }
  const wrong = banks.flatMap(({ node }, index) =>
    node !== undefined && node < nodes
      ? []
      : [inconsistent(['banks', 'value', index], 'names no node of the host', `on node 0 to ${nodes - 1}`)],
  );
  if (reached.size === nodes) return wrong;
  return [...wrong, inconsistent(['nodeLinks', 'value'], 'leaves nodes that no link reaches', 'links from every node')];
}
