import {
  type Domain,
  type Finding,
  type Host,
  type Link,
  type Simulation,
  isFinding,
  restoreDomain,
  saveDomain,
  verifyContents,
} from '../engine/index.js';
import type { Inside } from './lab-domain.js';
import { linkOf, moveTogether, requireContents } from './lab-migration.js';
import type { Lab, LabDomain, LabLink } from './workload.js';

/** What the lab does by itself. */
export interface LabInside {
  readonly simulation: Simulation;
  readonly findings: Finding[];
  readonly insideOf: (face: LabDomain) => Inside;
  readonly controlOf: (host: Host) => Domain;
}

/** Moves domains from host to host, and to a disk and back. */
export const createLabMoves = (
  lab: LabInside,
): Pick<Lab, 'migrate' | 'migrateTogether' | 'link' | 'save' | 'restore'> => {
  const { findings, insideOf, controlOf } = lab;
  const linksOf = new Map<LabLink, Link>();

  const movable = (face: LabDomain): Inside => {
    const inside = insideOf(face);
    if (inside.processes === null) return inside;
    throw new Error(`${face.name} has processes, and a domain with processes cannot be moved yet`);
  };

  const migrateTogether: Lab['migrateTogether'] = (moves, { link, tool } = {}) => {
    const moving = moves.map(({ domain: face, to }) => {
      const { domain, program } = movable(face);
      const targetControl = insideOf(to.control).domain;
      return { domain, program, control: controlOf(domain.host), targetControl };
    });
    const over = link === undefined ? linkOf(lab.simulation) : linksOf.get(link)!;
    return moveTogether(lab.simulation, moving, { link: over, tool }).map((result, index) => {
      const inside = insideOf(moves[index].domain);
      if (isFinding(result)) {
        findings.push(result);
        if (inside.domain.host.domains.has(inside.domain.id))
          requireContents(inside.domain, verifyContents(inside.domain));
        return null;
      }
      requireContents(result.guest, result.verification);
      inside.domain = result.guest;
      return result;
    });
  };

  return {
    migrate: (domain, to, options) => migrateTogether([{ domain, to }], options)[0],
    migrateTogether,

    link(options) {
      const link = linkOf(lab.simulation, options);
      const face: LabLink = {
        get bytes() {
          return link.wire!.bytes;
        },
      };
      linksOf.set(face, link);
      return face;
    },

    save(face, { diskRate, keepsFrames = false }) {
      const { domain, program } = movable(face);
      const saved = saveDomain({
        guest: domain,
        ...(program === null ? {} : { program }),
        control: controlOf(domain.host),
        diskBytesPerSecond: diskRate * 2 ** 20,
        keepsFrames,
      });
      if (!isFinding(saved)) return saved;
      findings.push(saved);
      return null;
    },

    restore(saved, face, to, { diskRate }) {
      const control = insideOf(to.control).domain;
      const restored = restoreDomain(saved, { control, diskBytesPerSecond: diskRate * 2 ** 20 });
      if (isFinding(restored)) {
        findings.push(restored);
        return null;
      }
      requireContents(restored.guest, restored.verification);
      insideOf(face).domain = restored.guest;
      return restored;
    },
  };
};
