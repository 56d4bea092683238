import { Socket } from '../devices/socket.js';
import { refusesAsImmobile } from './immobile.js';
import { Wire } from '../devices/wire.js';
import type { Domain } from '../domain/domain.js';
import { mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { Place } from '../models/page-places.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import { NO_TIME } from './critical-path.js';
import { destroyDomain } from './destroy.js';
import { recordOf } from './guest-record.js';
import type { MigrationRequest } from './migration.js';
import { BATCH_PAGES, spent } from './page-transfer.js';
import type { PreCopied } from './pre-copy.js';
import type { Steps } from './steps.js';
import { TransferPipeline } from './transfer-pipeline.js';
import { verifyContents } from './verify-contents.js';

/**
 * Post-copy in steps: the guest stops, its page tables go over, and it runs on the target before its other pages are
 * there. They follow in ascending order; one that the guest touches before takes a fault, is asked for, and comes
 * next on the wire while the guest waits. From the moment that it runs there, a link that fails loses the guest.
 */
export function* postCopy(
  request: MigrationRequest,
  window: { readonly source: number; readonly target: number },
): Steps<PreCopied | Finding> {
  const { guest, program, control, targetControl, link } = request;
  const { clock, platform } = guest.host.simulation;
  const startNs = clock.nowNs;
  const refusal = refusesPostCopy(guest, targetControl);
  if (refusal !== null) return refusal;
  const suspendNs = spent(control.account, () => control.account.charge(Mechanism.suspend, Event.suspend));
  const stoppedNs = startNs + suspendNs;
  const stopping = yield stoppedNs;
  if (stopping !== null) return stopping;
  if (program !== undefined) clock.stop(program);

  const record = recordOf(guest);
  const tables = record.pfns.filter((pfn) => guest.host.tables.get(guest.model.machineFrame(pfn)) !== undefined);
  const arriving = prepareTarget(record, targetControl, tables);
  const goOnHere = (finding: Finding): Finding => {
    control.account.charge(Mechanism.suspend, Event.resume);
    if (program !== undefined) {
      program.moveTo(guest, clock.nowNs);
      clock.start(program);
    }
    return finding;
  };
  if (isFinding(arriving)) return goOnHere(arriving);
  const { overcommit } = arriving.model;
  if (overcommit === undefined) throw new Error(`${guest.name} takes no faults on absent pages`);

  const wire = link.wire ?? new Wire(link.bitsPerSecond);
  const { pageBytes, socketBufferPages: bufferPages } = platform;
  const pipeline = new TransferPipeline(
    { wire, latencyNs: link.latencyNs, pageBytes, bufferPages, limiter: null, isOneThread: false },
    stoppedNs,
  );
  const sockets = [new Socket(control), new Socket(targetControl)] as const;
  const firstPage = 2 * window.source * BATCH_PAGES;
  const linkFailed = (rule: string, detail: string): Finding => ({
    operation: 'migrate',
    model: guest.model.id,
    rule,
    detail,
  });

  /** The page on its way to the other side, or null when it was lost. */
  const carry = (pfn: Pfn, stamp: number): { stamp: number; entries: Uint32Array | null } | null => {
    const table = guest.host.tables.get(guest.model.machineFrame(pfn));
    return link.carry({ pfn, stamp: sockets[0].send(stamp), entries: table?.slice() ?? null });
  };

  /** Maps pages at the source, and sends each when its moment has come and it is still wanted. */
  function* push(pfns: readonly Pfn[], isWanted: (pfn: Pfn) => boolean, put: Put): Steps<number | Finding> {
    let sent = 0;
    for (let first = 0; first < pfns.length; first += BATCH_PAGES) {
      yield pipeline.mapStartNs;
      const batch = pfns.slice(first, first + BATCH_PAGES).filter(isWanted);
      const before = control.account.cpuNs;
      control.account.charge(Mechanism.foreignMap, Event.hypercall);
      const mapping = mapForeign(control, guest, batch, { writable: false, firstPage });
      if (isFinding(mapping)) return mapping;
      const mapped = pipeline.mapping(control.account.cpuNs - before);
      for (let index = 0; index < batch.length; index += 1) {
        yield pipeline.readStartNs(mapped);
        if (!isWanted(batch[index])) continue;
        const readNs = pipeline.readStartNs(mapped);
        let message: ReturnType<typeof carry> = null;
        const sendNs = spent(control.account, () => {
          message = carry(batch[index], guest.host.frames.contents(mapping.read(index)));
        });
        if (!pipeline.page(mapped, readNs, { canonicaliseNs: 0, sendNs })) {
          mapping.unmap();
          yield pipeline.downNs;
          return linkFailed('link-up', `the link failed while ${guest.name} was on its way`);
        }
        pipeline.received(spent(targetControl.account, () => put(batch[index], message)));
        sent += 1;
      }
      pipeline.unmapping(spent(control.account, () => mapping.unmap()));
    }
    return sent;
  }

  const put: Put = (pfn, message) => {
    if (message === null) return;
    const stamp = sockets[1].receive(message.stamp);
    targetControl.account.charge(Mechanism.populate, Event.hypercall);
    targetControl.account.charge(Mechanism.copy, Event.pageCopy);
    if (overcommit.places.at(pfn) === Place.leftBehind) overcommit.deliver(pfn, stamp);
    else arriving.host.frames.setContents(arriving.model.machineFrame(pfn), stamp);
    if (message.entries !== null) arriving.host.tables.set(arriving.model.machineFrame(pfn), message.entries);
  };
  const close = (): void => sockets.forEach((socket) => socket.close());

  const pushed = yield* push(tables, () => true, put);
  if (isFinding(pushed)) {
    close();
    leaveTarget(arriving, targetControl);
    return goOnHere(pushed);
  }
  const isTable = new Set(tables);
  const others = record.pfns.filter((pfn) => !isTable.has(pfn));
  let fetched = 0;
  const asked = { controlNs: 0, targetNs: 0 };
  overcommit.leaveBehind(others, {
    contents: (pfn) => guest.host.frames.contents(guest.model.machineFrame(pfn)),
    fetch(pfn) {
      let message: ReturnType<typeof carry> = null;
      const askedNs = arriving.momentNs + link.latencyNs;
      const serviceNs = spent(control.account, () => {
        control.account.charge(Mechanism.foreignMap, Event.hypercall);
        const mapping = mapForeign(control, guest, [pfn], { writable: false, firstPage: firstPage + BATCH_PAGES });
        if (isFinding(mapping)) throw new Error(mapping.detail);
        message = carry(pfn, guest.host.frames.contents(mapping.read(0)));
        mapping.unmap();
      });
      asked.controlNs += serviceNs;
      const throughNs = wire.carry(pageBytes, askedNs + serviceNs);
      if (throughNs === Infinity) {
        const detail = `page ${pfn} of ${guest.name} stayed on ${guest.host.name}`;
        return { operation: 'access', model: guest.model.id, rule: 'page-left-behind', detail };
      }
      const receiveNs = spent(targetControl.account, () => put(pfn, message));
      asked.targetNs += receiveNs;
      arriving.momentNs = Math.max(arriving.momentNs, throughNs + link.latencyNs + receiveNs);
      fetched += 1;
      return null;
    },
  });
  const resumeNs = spent(targetControl.account, () => arrive({ ...record, pfns: tables }, arriving, targetControl));
  const arrived = pipeline.finish();
  const resumedNs = arrived.atNs + resumeNs;
  yield resumedNs;
  if (program !== undefined) {
    program.moveTo(arriving, resumedNs);
    clock.start(program);
  }
  pipeline.restart(resumedNs);
  const rest = yield* push(others, (pfn) => overcommit.places.at(pfn) === Place.leftBehind, put);
  if (isFinding(rest)) {
    const left = overcommit.places.count(Place.leftBehind);
    if (program !== undefined) clock.stop(program);
    close();
    leaveTarget(arriving, targetControl);
    destroyDomain(guest, control.account);
    return linkFailed(
      'pages-all-here',
      `${guest.name} is lost: the link failed when ${left} of its pages were left behind`,
    );
  }
  const done = pipeline.finish();
  const doneNs = done.atNs;
  yield doneNs;
  const verification = verifyContents(arriving);
  close();
  destroyDomain(guest, control.account);
  const sinceNs = resumedNs - startNs;
  return {
    guest: arriving,
    totalNs: doneNs - startNs,
    downtimeNs: resumedNs - stoppedNs,
    elapsed: {
      untilStop: { ...NO_TIME, suspend: suspendNs },
      downtime: { ...arrived.elapsed, resume: resumeNs },
      afterwards: done.elapsed,
    },
    rounds: [
      { sent: pushed, skipped: 0, startNs: suspendNs, durationNs: sinceNs - suspendNs },
      { sent: rest, skipped: fetched, startNs: sinceNs, durationNs: doneNs - resumedNs },
    ],
    pagesSent: pushed + rest + fetched,
    stopReason: 'post-copy',
    asked,
    verification,
  };
}

type Put = (pfn: Pfn, message: { readonly stamp: number; readonly entries: Uint32Array | null } | null) => void;

const refusesPostCopy = (guest: Domain, { host }: Domain): Finding | null => {
  const { model, name } = guest;
  const pages = model.ownedFrames().length;
  const immobile = refusesAsImmobile(guest, 'migrate');
  if (immobile !== null) return immobile;
  if (model.overcommit === undefined) {
    const detail = `${name} knows its machine frames, so that no access to an absent page of it can be caught`;
    return { operation: 'migrate', model: model.id, rule: 'faults-on-absent-pages', detail };
  }
  if (host.heap.freeFrames >= pages) return null;
  const detail = `${host.name} has ${host.heap.freeFrames} frames free for the ${pages} of ${name}`;
  return { operation: 'migrate', model: model.id, rule: 'heap-has-room', detail };
};
