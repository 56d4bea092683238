import type { Domain } from '../domain/domain.js';
import type { Mfn } from '../host/frame-number.js';
import { hex } from '../host/frame-number.js';
import { GrantFlag, GrantType } from '../grants/entry-layout.js';
import type { Host } from '../host/host.js';
import type { Violation } from './violation.js';

/**
 * Rules 3 and 4 for grants. Every mapping is of an entry that grants it, now, to its mapper, and means the frame that the entry meant
 * then, still the granter's. The use that an entry shows and the mappings that it counts are those that a walk over all handles
 * finds; so are the rights that mappers hold by grants. Tables have as many frames as the hypervisor keeps for them.
 */
export const auditGrants = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  const report = (detail: string): void => void violations.push({ rule: 'grants', detail });
  const uses = new Map<Domain, Map<number, { readers: number; writers: number }>>();

  for (const mapper of host.domains.values()) {
    const rights = new Map<Mfn, number>();
    mapper.grants?.maptrack.forEach(({ handle, granter: id, reference, writable }) => {
      const granter = host.domains.get(id);
      const name = `handle ${handle} of ${mapper.name}`;
      if (granter === undefined || granter.grants === null) {
        report(`${name} maps a page of a domain that is gone`);
        return;
      }
      const entry = granter.grants.entry(reference);
      const mfn = granter.grants.pinnedFrame(reference);
      if (entry.type !== GrantType.access || entry.grantee !== mapper.id || (writable && entry.readOnly)) {
        report(`${name} maps reference ${reference} of ${granter.name}, which does not grant it`);
      }
      if (host.frames.owner(mfn) !== granter.id) {
        report(`${name} maps frame ${hex(mfn)}, which is not of ${granter.name}`);
      }
      rights.set(mfn, (rights.get(mfn) ?? 0) + 1);
      const ofGranter = uses.get(granter) ?? new Map<number, { readers: number; writers: number }>();
      uses.set(granter, ofGranter);
      const use = ofGranter.get(reference) ?? { readers: 0, writers: 0 };
      ofGranter.set(reference, use);
      if (writable) use.writers += 1;
      else use.readers += 1;
    });
    auditRights(mapper, rights, report);
    auditFrames(mapper, report);
  }
  for (const granter of host.domains.values()) auditUse(granter, uses.get(granter) ?? new Map(), report);
  return violations;
};

const auditRights = (mapper: Domain, rights: ReadonlyMap<Mfn, number>, report: (detail: string) => void): void => {
  const held = new Map<Mfn, number>();
  mapper.foreign.forEach((mfn, _references, _writers, granted) => {
    if (granted > 0) held.set(mfn, granted);
  });
  for (const mfn of new Set([...held.keys(), ...rights.keys()])) {
    const has = held.get(mfn) ?? 0;
    const handles = rights.get(mfn) ?? 0;
    if (has !== handles)
      report(`${mapper.name} holds ${has} rights by grants to frame ${hex(mfn)}, and ${handles} handles`);
  }
};

const auditUse = (
  granter: Domain,
  uses: ReadonlyMap<number, { readers: number; writers: number }>,
  report: (detail: string) => void,
): void => {
  const table = granter.grants;
  if (table === null) return;
  for (let reference = 0; reference < table.entries; reference += 1) {
    const { readers, writers } = uses.get(reference) ?? { readers: 0, writers: 0 };
    const name = `reference ${reference} of ${granter.name}`;
    if (table.readers(reference) !== readers || table.writers(reference) !== writers) {
      const counted = `${table.readers(reference)} readers and ${table.writers(reference)} writers`;
      report(`${name} counts ${counted}, a walk finds ${readers} and ${writers}`);
    }
    const shown = (readers + writers > 0 ? GrantFlag.reading : 0) | (writers > 0 ? GrantFlag.writing : 0);
    if (table.use(reference) === shown || table.entry(reference).type === GrantType.transfer) continue;
    report(`${name} shows use ${table.use(reference)}, a walk finds ${shown}`);
  }
};

const auditFrames = ({ grants, host, id, name }: Domain, report: (detail: string) => void): void => {
  if (grants === null) return;
  const kept = host.hypervisor.frames('grant table', id).length;
  const tracking = host.hypervisor.frames('maptrack', id).length;
  if (kept !== grants.frames + grants.statusFrames) report(`${name} has ${kept} frames kept for its grant table`);
  if (tracking !== grants.maptrack.frames) report(`${name} has ${tracking} frames kept for its mappings`);
};
