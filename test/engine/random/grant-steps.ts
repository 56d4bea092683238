import { expect } from 'vitest';
import { type Finding, type Pfn, asPfn, isFinding } from '../../../engine/index.js';
import { copyGrants } from '../../../engine/grants/copy-grants.js';
import { mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { transferFrames } from '../../../engine/grants/transfer-frames.js';
import { canTouch } from './access.js';
import { takeBackGranted } from './dma-steps.js';
import { programsSee } from './grant-device-reference.js';
import { type ReferenceGrant, mayLand, mayMap, pageBehind, retire, unmapGranted } from './grant-reference.js';
import { followPlaces } from './staged-reference.js';
import type { WorldStep } from './step.js';
import type { Guest, World } from './world.js';

const MAPPING_PAGES = 4;
export const MOST_GRANTS = 12;
const MOST_MAPPINGS = 4;
/** Free frames that a domain keeps for tables and the like. */
const SPARE = 8;

const ok = <T>(result: T | Finding): T => {
  if (isFinding(result)) throw new Error(`${result.rule}: ${result.detail}`);
  return result;
};

/** Those that have to be granted what they reach: the guests that run, and the control domain where nobody trusts it. */
export const membersOf = ({ guests, controlGuest, controlIsTrusted, guestVariant }: World): readonly Guest[] => {
  if (guestVariant.options.access === 'trusted') return [];
  return [
    ...(controlIsTrusted ? [] : [controlGuest]),
    ...guests.filter((guest) => guest !== null && !guest.isDown),
  ] as Guest[];
};

/** A member by number, and the next one; null where there are no two, or memory is so short that pages may not come. */
const pairOf = (world: World, number: number, page: number): readonly [Guest, Guest] | null => {
  const members = membersOf(world);
  if (members.length < 2 || !members.every((each) => canTouch(world, each, 6))) return null;
  const first = number % members.length;
  return [members[first], members[(first + 1 + (page % (members.length - 1))) % members.length]];
};

export const kernelOf = ({ grants, host }: World, { domain }: Guest): GrantReferences | null => {
  const known = grants.kernels.get(domain);
  if (known !== undefined) return known;
  if (host.heap.freeFrames < 4) return null;
  const opened = ok(GrantReferences.open(domain, domain.id % 2 === 0 ? 1 : 2));
  grants.kernels.set(domain, opened);
  return opened;
};

/** A free frame of a domain's, which its kernel writes. */
const freshPage = (world: World, guest: Guest): Pfn | null => {
  const { domain, reference } = guest;
  if (domain.free.count < SPARE) return null;
  const pfn = domain.free.take()!;
  domain.writeKernel(pfn);
  world.settle(guest, pfn);
  reference.write(pfn);
  return pfn;
};

const add = (
  world: World,
  granter: Guest,
  to: Guest,
  own: Pick<ReferenceGrant, 'kind' | 'reference'> & Partial<ReferenceGrant>,
): void =>
  void world.grants.all.push({
    granter,
    to: to.domain,
    access: 'write',
    pfn: 0,
    through: null,
    program: null,
    mappings: 0,
    live: true,
    filled: false,
    ...own,
  });

const grant: WorldStep = (world, number, page) => {
  const pair = pairOf(world, number, page);
  if (pair === null || world.grants.all.length >= MOST_GRANTS) return;
  const [from, to] = pair;
  const kernel = kernelOf(world, from);
  const pfn = kernel === null ? null : freshPage(world, from);
  if (kernel === null || pfn === null) return;
  const access = page % 3 === 0 ? 'read' : 'write';
  add(world, from, to, { kind: 'access', reference: ok(kernel.grantAccess(to.domain, pfn, access)), access, pfn });
};

const passOn: WorldStep = (world, number, page) => {
  const through = world.grants.all[page % world.grants.all.length];
  const pair = pairOf(world, number, page);
  const from = membersOf(world).find(({ domain }) => domain === through?.to);
  if (pair === null || through === undefined || from === undefined || from === pair[1]) return;
  // What a program grants ends with it, whoever has it.
  if (through.program !== null) return;
  const kernel = kernelOf(world, from);
  if (kernel === null || world.grants.all.length >= MOST_GRANTS) return;
  const access = page % 3 === 0 ? 'read' : 'write';
  const passed = { granter: through.granter.domain, reference: through.reference };
  const reference = kernel.passOn(pair[1].domain, passed, access);
  expect(isFinding(reference)).toBe(kernel.table.version === 1);
  if (!isFinding(reference)) add(world, from, pair[1], { kind: 'passed on', reference, access, through });
};

const wait: WorldStep = (world, number, page) => {
  const pair = pairOf(world, number, page);
  if (pair === null || pair[0] === world.controlGuest || world.grants.all.length >= MOST_GRANTS) return;
  const [from, to] = pair;
  const kernel = kernelOf(world, from);
  if (kernel === null || from.domain.free.count < SPARE) return;
  const place = from.domain.balloon.out();
  if (isFinding(place)) {
    expect(from.reference.lent.size).toBeGreaterThan(0);
    return;
  }
  world.goesStale(from, [place]);
  from.reference.balloonOut(place);
  add(world, from, to, { kind: 'waiting', reference: ok(kernel.awaitFrame(to.domain, place)), pfn: place });
};

/**
 * Takes a grant back, if nothing is in the way, and what was passed on of it before; the page that it was of is free again. What a
 * program granted is the program's to end. One that is over by then stays so: what is passed on may have come back to its granter, who
 * passed it on again.
 */
export const endGrant = (world: World, ended: ReferenceGrant): void => {
  if (ended.program !== null || !ended.live) return;
  for (const passed of world.grants.all.filter(({ through }) => through === ended)) endGrant(world, passed);
  const { granter, reference, pfn, kind } = ended;
  const kernel = world.grants.kernels.get(granter.domain)!;
  if (kind === 'waiting') {
    expect(kernel.endTransfer(reference)).toBe(ended.filled ? pfn : null);
    if (ended.filled) granter.domain.free.giveBack(asPfn(pfn));
  } else {
    const refusal = kernel.endAccess(reference);
    expect(refusal === null).toBe(ended.mappings === 0);
    if (refusal !== null) return;
    if (kind === 'access') granter.domain.free.giveBack(asPfn(pfn));
  }
  retire(world.grants, ended);
};

const end: WorldStep = (world, _number, page) => {
  const ended = world.grants.all[page];
  if (ended !== undefined && !ended.granter.isDown) endGrant(world, ended);
};

/** What mapping took of the mapper: frames whose places it borrowed, for tables and for descriptors. */
const followMapper = (world: World, mapper: Guest, descriptors: number): void => {
  const { domain, reference } = mapper;
  for (const table of domain.tablePfns) {
    world.settle(mapper, table);
    reference.write(table);
  }
  for (const pfn of domain.descriptors?.frames.slice(descriptors) ?? []) reference.write(pfn);
  if (domain.model.id !== 'p2m') return;
  const own = new Set<number>(domain.model.ownedFrames());
  for (const pfn of [...reference.memory].filter((each) => !own.has(each))) {
    expect(reference.lent.has(pfn)).toBe(false);
    world.goesStale(mapper, [pfn]);
    reference.borrow(pfn);
  }
};

const map: WorldStep = (world, number, page) => {
  const { all, mapped } = world.grants;
  const pair = pairOf(world, number, page);
  if (pair === null || all.length === 0 || mapped.length >= MOST_MAPPINGS) return;
  const writable = page % 2 === 0;
  const fits = ({ kind, access }: ReferenceGrant): boolean => kind === 'access' && (access === 'write' || !writable);
  const fitting = page % 4 === 3 ? [] : all.filter(fits);
  const first = fitting[page % fitting.length] ?? all[page % all.length];
  const others = (fitting.length > 0 ? fitting : all).filter((each) => each !== first);
  const wanted = [first, ...others.filter(({ to }) => to === first.to || page % 4 === 3).slice(0, page % 3)];
  const isOwn = membersOf(world).find(({ domain }) => domain === wanted[0].to);
  const mapper = page % 5 === 0 || isOwn === undefined ? pair[0] : isOwn;
  if (wanted.some(({ granter }) => granter === mapper) || mapper.domain.free.count < SPARE) return;
  if (kernelOf(world, mapper) === null || world.host.heap.freeFrames < 2) return;
  const slot = [0, 1, 2, 3].find((free) => mapped.every((each) => each.slot !== free))!;
  const descriptors = mapper.domain.descriptors?.frames.length ?? 0;
  const result = mapGrantedPages(
    mapper.domain,
    wanted.map(({ granter, reference }) => ({ granter: granter.domain, reference, writable })),
    slot * MAPPING_PAGES,
  );
  for (const each of wanted) if (mayMap(each, mapper, writable)) world.settle(each.granter, each.pfn);
  followMapper(world, mapper, descriptors);
  expect(isFinding(result)).toBe(!wanted.every((each) => mayMap(each, mapper, writable)));
  if (!isFinding(result)) {
    for (const each of wanted) {
      each.mappings += 1;
      each.granter.reference.lend(each.pfn, 1);
    }
    mapped.push({ mapper, grants: wanted, mapping: result, writable, slot });
  }
  followPlaces(world, mapper);
};

const unmap: WorldStep = (world, _number, page) => {
  const mapped = world.grants.mapped[page % MOST_MAPPINGS];
  if (mapped === undefined) return;
  // A driver takes back from its device what it gives up.
  takeBackGranted(world, mapped);
  unmapGranted(world.grants, mapped);
  followPlaces(world, mapped.mapper);
};

const use: WorldStep = (world, number, page) => {
  const mapped = world.grants.mapped[page % MOST_MAPPINGS];
  if (mapped === undefined) return;
  const index = number % mapped.mapping.length;
  const { granter, pfn } = mapped.grants[index];
  const { domain, reference } = granter;
  if (mapped.writable && page < 8) {
    const stamp = world.host.simulation.nextStamp();
    mapped.mapping.write(index, stamp);
    domain.log.wrote(asPfn(pfn), stamp);
    reference.write(pfn);
    programsSee(world.grants, granter, pfn, stamp);
  } else {
    expect(world.host.frames.contents(mapped.mapping.read(index))).toBe(domain.log.stamp(asPfn(pfn)));
  }
};

const copy: WorldStep = (world, number, page) => {
  const pair = pairOf(world, number, page);
  const granted = world.grants.all[page % world.grants.all.length];
  if (pair === null || granted === undefined) return;
  const caller = page % 5 === 0 ? pair[0] : membersOf(world).find(({ domain }) => domain === granted.to);
  if (caller === undefined || caller === granted.granter || caller.domain.free.count < SPARE) return;
  if (kernelOf(world, caller) === null) return;
  const toGrant = number % 2 === 0;
  const own = caller.domain.free.take()!;
  const end = { granter: granted.granter.domain, reference: granted.reference };
  const request = toGrant ? { source: { own }, destination: end } : { source: end, destination: { own } };
  const [refusal] = copyGrants(caller.domain, [request]);
  const behind = pageBehind(granted, caller.domain, toGrant);
  expect(refusal === null).toBe(behind !== null);
  if (toGrant ? typeof caller.reference.outside.get(own) !== 'object' : behind !== null) world.settle(caller, own);
  if (behind !== null) {
    world.settle(behind.guest, behind.pfn);
    const mine = { guest: caller, pfn: own as number };
    const [source, target] = toGrant ? [mine, behind] : [behind, mine];
    const stamp = source.guest.domain.log.stamp(asPfn(source.pfn));
    target.guest.domain.filledByDevice(asPfn(target.pfn), stamp);
    target.guest.reference.write(target.pfn);
    programsSee(world.grants, target.guest, target.pfn, stamp);
  }
  caller.domain.free.giveBack(own);
};

const transfer: WorldStep = (world, number, page) => {
  const pair = pairOf(world, number, page);
  const waiting = world.grants.all.find(({ kind, filled }) => kind === 'waiting' && !filled) ?? world.grants.all[page];
  if (pair === null || waiting === undefined) return;
  const sender = page % 5 === 0 ? pair[0] : membersOf(world).find(({ domain }) => domain === waiting.to);
  if (sender === undefined || sender === world.controlGuest || sender === waiting.granter) return;
  if (waiting.granter.isDown) return;
  const pfn = kernelOf(world, sender) === null ? null : freshPage(world, sender);
  if (pfn === null) return;
  const to = waiting.granter;
  const [refusal] = transferFrames(sender.domain, [{ pfn, to: to.domain, reference: waiting.reference }]);
  expect(refusal === null).toBe(mayLand(waiting, sender) && !sender.reference.lent.has(pfn));
  if (refusal !== null) {
    sender.domain.free.giveBack(pfn);
    return;
  }
  waiting.filled = true;
  to.reference.balloonIn(waiting.pfn);
  world.goesStale(sender, [pfn]);
  sender.reference.balloonOut(pfn);
};

/** Domains grant pages to each other, map them, copy to and from them, and flip frames. */
export const GRANT_STEPS = {
  grant,
  'pass a grant on': passOn,
  'wait for a frame': wait,
  'end a grant': end,
  'map granted': map,
  'unmap granted': unmap,
  'use granted': use,
  'copy by grant': copy,
  transfer,
};
