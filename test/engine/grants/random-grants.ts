import { expect } from 'vitest';
import { type Domain, type Pfn, audit, asPfn, isFinding } from '../../../engine/index.js';
import { copyGrants } from '../../../engine/grants/copy-grants.js';
import { type GrantMapping, mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { XEN_4_17 } from '../../../engine/grants/rules.js';
import { transferFrames } from '../../../engine/grants/transfer-frames.js';
import { asMfn } from '../../../engine/host/frame-number.js';
import { type VARIANTS, domainOn, hostOf, platformOf } from '../support.js';
import { type ReferenceDomain, type ReferenceGrant, mayLand, mayMap, pageBehind } from './reference.js';
import { ok } from './support.js';

const PAGES = 96;
const MAPPING_PAGES = 4;

interface Member {
  readonly domain: Domain;
  readonly grants: GrantReferences;
  readonly reference: ReferenceDomain;
}

interface Mapped {
  readonly mapper: Member;
  readonly grants: readonly ReferenceGrant[];
  readonly mapping: GrantMapping;
  readonly writable: boolean;
  readonly slot: number;
}

/** What a random step picks with. */
export interface Picks {
  readonly act: keyof typeof ACTS;
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

/** Engine and reference side by side: domains that grant pages to each other. */
export class GrantWorld {
  readonly members: readonly Member[];
  readonly grants: ReferenceGrant[] = [];
  readonly mapped: Mapped[] = [];
  readonly host;
  nextStamp = 1_000_000;
  nextSlot = 0;

  constructor(variants: readonly (typeof VARIANTS)[number][], version: 1 | 2) {
    this.host = hostOf(platformOf([[0, 512]], { grants: XEN_4_17 }));
    this.members = variants.map(({ model, options }, number) => {
      const domain = domainOn(this.host, `domain ${number}`, model, PAGES, options);
      const contents = new Map(domain.model.ownedFrames().map((pfn) => [pfn as number, domain.log.stamp(pfn)]));
      const reference = { number, flips: model !== 'direct', contents, ballooned: new Set<number>() };
      return { domain, grants: ok(GrantReferences.open(domain, version)), reference };
    });
  }

  stamp(): number {
    this.nextStamp += 1;
    return this.nextStamp;
  }

  memberOf(reference: ReferenceDomain): Member {
    return this.members[reference.number];
  }

  /** A free frame with contents of its own. */
  freshPage({ domain, reference }: Member): Pfn | null {
    if (domain.freeFrames < 24) return null;
    const pfn = domain.takeFreeFrame()!;
    this.write(reference, pfn, this.stamp());
    domain.fillKernel(pfn, reference.contents.get(pfn)!);
    return pfn;
  }

  write(reference: ReferenceDomain, pfn: number, stamp: number): void {
    reference.contents.set(pfn, stamp);
  }

  check(): void {
    expect(audit(this.host)).toEqual([]);
    for (const { domain, reference, grants } of this.members) {
      const kernels = new Set<number>([...domain.pageTable.tablePfns, ...(domain.descriptors?.frames ?? [])]);
      const { frames } = this.host;
      const wrong = domain.model.ownedFrames().filter((pfn) => {
        const stamp = reference.contents.get(pfn);
        return !kernels.has(pfn) && frames.contents(domain.model.machineFrame(pfn)) !== stamp;
      });
      expect(wrong).toEqual([]);
      for (const grant of this.grants) {
        if (grant.granter !== reference || grant.kind !== 'access') continue;
        expect(grants.table.use(grant.reference) !== 0).toBe(grant.mappings > 0);
      }
    }
  }
}

type Act = (world: GrantWorld, picks: Picks) => void;

const member = (world: GrantWorld, pick: number): Member => world.members[pick % world.members.length];
const grantOf = (world: GrantWorld, pick: number): ReferenceGrant | undefined =>
  world.grants[pick % world.grants.length];

const add = (
  world: GrantWorld,
  from: Member,
  own: Partial<ReferenceGrant> & Pick<ReferenceGrant, 'to' | 'kind'>,
): void =>
  void world.grants.push({
    granter: from.reference,
    reference: 0,
    access: 'write',
    pfn: 0,
    through: null,
    mappings: 0,
    live: true,
    filled: false,
    ...own,
  });

const grant: Act = (world, { first, second, third }) => {
  const from = member(world, first);
  const to = member(world, second);
  const pfn = world.freshPage(from);
  if (pfn === null) return;
  const access = third % 2 === 0 ? 'read' : 'write';
  add(world, from, {
    reference: ok(from.grants.grantAccess(to.domain, pfn, access)),
    to: to.reference,
    kind: 'access',
    access,
    pfn,
  });
};

const passOn: Act = (world, { first, second, third }) => {
  const through = grantOf(world, first);
  if (through === undefined || !through.live) return;
  const from = world.memberOf(through.to);
  const to = member(world, second);
  const access = third % 2 === 0 ? 'read' : 'write';
  const granter = world.memberOf(through.granter).domain;
  const reference = from.grants.passOn(to.domain, { granter, reference: through.reference }, access);
  expect(isFinding(reference)).toBe(from.grants.table.version === 1);
  if (!isFinding(reference)) add(world, from, { reference, to: to.reference, kind: 'passed on', access, through });
};

const wait: Act = (world, { first, second }) => {
  const from = member(world, first);
  if (from.domain.freeFrames < 24) return;
  const place = ok(from.domain.balloonOut());
  from.reference.contents.delete(place);
  from.reference.ballooned.add(place);
  const to = member(world, second);
  add(world, from, {
    reference: ok(from.grants.awaitFrame(to.domain, place)),
    to: to.reference,
    kind: 'waiting',
    pfn: place,
  });
};

const end: Act = (world, { first }) => {
  const ended = grantOf(world, first);
  if (ended === undefined || !ended.live) return;
  const { domain, grants, reference } = world.memberOf(ended.granter);
  if (world.grants.some((other) => other.live && other.through === ended)) return;
  if (ended.kind === 'waiting') {
    expect(grants.endTransfer(ended.reference)).toBe(ended.filled ? ended.pfn : null);
    if (ended.filled) {
      domain.giveBackFrame(asPfn(ended.pfn));
    } else {
      const possible = reference.flips || domain.host.heap.isFree(asMfn(ended.pfn));
      const refusal = domain.balloonIn(asPfn(ended.pfn));
      expect(refusal === null).toBe(possible);
      if (refusal === null) {
        reference.ballooned.delete(ended.pfn);
        reference.contents.set(ended.pfn, 0);
      }
    }
  } else {
    const refusal = grants.endAccess(ended.reference);
    expect(refusal === null).toBe(ended.mappings === 0);
    if (refusal !== null) return;
    if (ended.kind === 'access') domain.giveBackFrame(asPfn(ended.pfn));
  }
  ended.live = false;
  world.grants.splice(world.grants.indexOf(ended), 1);
};

const map: Act = (world, { first, second, third }) => {
  if (world.grants.length === 0 || world.mapped.length >= 6) return;
  const wanted = [0, 1, 2].slice(0, 1 + (third % 3)).map((offset) => grantOf(world, first + offset)!);
  const mapper = third % 5 === 0 ? member(world, second) : world.memberOf(wanted[0].to);
  if (mapper.domain.freeFrames < 24) return;
  const writable = second % 2 === 0;
  const slot = world.nextSlot++;
  const result = mapGrantedPages(
    mapper.domain,
    wanted.map(({ granter, reference }) => ({ granter: world.memberOf(granter).domain, reference, writable })),
    slot * MAPPING_PAGES,
  );
  const may = wanted.every((each) => mayMap(each, mapper.reference, writable) === 'granted');
  expect(isFinding(result)).toBe(!may);
  if (isFinding(result)) return;
  for (const each of wanted) each.mappings += 1;
  world.mapped.push({ mapper, grants: wanted, mapping: result, writable, slot });
};

const unmap: Act = (world, { first }) => {
  const [mapped] = world.mapped.splice(first % Math.max(world.mapped.length, 1), 1);
  if (mapped === undefined) return;
  mapped.mapping.unmap();
  for (const each of mapped.grants) each.mappings -= 1;
};

const access: Act = (world, { first, second, third }) => {
  const mapped = world.mapped[first % Math.max(world.mapped.length, 1)];
  if (mapped === undefined) return;
  const index = second % mapped.mapping.length;
  const { granter, pfn } = mapped.grants[index];
  if (mapped.writable && third % 2 === 0) {
    const stamp = world.stamp();
    mapped.mapping.write(index, stamp);
    world.write(granter, pfn, stamp);
    world.memberOf(granter).domain.log.wrote(asPfn(pfn), stamp);
  } else {
    expect(world.host.frames.contents(mapped.mapping.read(index))).toBe(granter.contents.get(pfn));
  }
};

const copy: Act = (world, { first, second, third }) => {
  const granted = grantOf(world, first);
  if (granted === undefined) return;
  const caller = third % 5 === 0 ? member(world, second) : world.memberOf(granted.to);
  const own = world.freshPage(caller);
  if (own === null) return;
  const toGrant = second % 2 === 0;
  const end = { granter: world.memberOf(granted.granter).domain, reference: granted.reference };
  const request = toGrant ? { source: { own }, destination: end } : { source: end, destination: { own } };
  const [refusal] = copyGrants(caller.domain, [request]);
  const page = pageBehind(granted, caller.reference, toGrant);
  expect(refusal === null).toBe(page !== null);
  if (page !== null) {
    const [from, to] = [
      { domain: caller.reference, pfn: own as number },
      { domain: page.domain, pfn: page.pfn },
    ];
    const [source, target] = toGrant ? [from, to] : [to, from];
    const stamp = source.domain.contents.get(source.pfn)!;
    world.write(target.domain, target.pfn, stamp);
    world.memberOf(target.domain).domain.filledByDevice(asPfn(target.pfn), stamp);
  }
  caller.domain.giveBackFrame(own);
};

const transfer: Act = (world, { first, second, third }) => {
  const waiting = grantOf(world, first);
  if (waiting === undefined) return;
  const sender = third % 5 === 0 ? member(world, second) : world.memberOf(waiting.to);
  const pfn = world.freshPage(sender);
  if (pfn === null) return;
  const to = world.memberOf(waiting.granter).domain;
  const [refusal] = transferFrames(sender.domain, [{ pfn, to, reference: waiting.reference }]);
  expect(refusal === null).toBe(mayLand(waiting, sender.reference) === 'granted');
  if (refusal !== null) {
    sender.domain.giveBackFrame(pfn);
    return;
  }
  waiting.filled = true;
  waiting.granter.contents.set(waiting.pfn, sender.reference.contents.get(pfn)!);
  waiting.granter.ballooned.delete(waiting.pfn);
  sender.reference.contents.delete(pfn);
  expect(sender.domain.balloonIn(pfn)).toBe(null);
  sender.reference.contents.set(pfn, 0);
};

export const ACTS = { grant, passOn, wait, end, map, unmap, access, copy, transfer } as const;

/** Does one step in both. */
export const take = (world: GrantWorld, picks: Picks): void => ACTS[picks.act](world, picks);
