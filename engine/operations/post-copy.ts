import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import { Socket } from '../devices/socket.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { Place } from '../models/page-places.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import { type Elapsed, NO_TIME } from './critical-path.js';
import { takeDown } from './destroy.js';
import { recordOf } from './guest-record.js';
import { refusesAsImmobile } from './immobile.js';
import type { MigrationRequest, Moved } from './migration.js';
import { PagePush } from './page-push.js';
import { spent } from './page-transfer.js';
import { PagesFollowing } from './pages-following.js';
import type { Steps } from './steps.js';
import type { MoveWindow } from './under-way.js';
import { refusesAsTied } from './tied-to-host.js';
import { verifyContents } from './verify-contents.js';

/** Where it stands: what its next step does. */
type Phase = 'suspend' | 'tables' | 'run' | 'others' | 'end';

/**
 * Post-copy in steps: the guest stops, its page tables go over, and it runs on the target before its other pages are
 * there. They follow in ascending order; one that the guest touches before takes a fault, is asked for, and comes
 * next on the wire while the guest waits. From the moment that it runs there, a link that fails loses the guest.
 */
export class PostCopy implements Steps<Moved | Finding> {
  readonly #request: MigrationRequest;
  readonly #window: MoveWindow;
  #phase: Phase = 'suspend';
  #startNs: number;
  #suspendNs: number;
  /** Once the guest has stopped. */
  #sending: { readonly pages: PagesFollowing; push: PagePush } | null = null;
  #tablesSent = 0;
  #downtime: Elapsed = NO_TIME;
  #resumedNs = 0;

  private constructor(request: MigrationRequest, window: MoveWindow, suspendNs: number) {
    this.#request = request;
    this.#window = window;
    this.#startNs = request.guest.host.simulation.clock.nowNs;
    this.#suspendNs = suspendNs;
  }

  /** `window` is its own on both hosts. */
  static begin(request: MigrationRequest, window: MoveWindow): PostCopy | Finding {
    const { guest, control, targetControl } = request;
    const refusal = refusesPostCopy(guest, targetControl);
    if (refusal !== null) return refusal;
    const suspendNs = spent(control.account, () => control.account.charge(Mechanism.suspend, Event.suspend));
    return new PostCopy(request, window, suspendNs);
  }

  get nextNs(): number {
    switch (this.#phase) {
      case 'suspend':
        return this.#stoppedNs;
      case 'tables':
      case 'others':
        return this.#sending!.push.nextNs;
      case 'run':
        return this.#resumedNs;
      default:
        return this.#sending!.pages.pipeline.finish().atNs;
    }
  }

  step(reason: Finding | null): Moved | Finding | null {
    switch (this.#phase) {
      case 'suspend':
        return reason ?? this.#stop();
      case 'tables':
      case 'others':
        return this.#goOn(this.#sending!.push.step());
      case 'run':
        return this.#run();
      default:
        return this.#end();
    }
  }

  /** One that is under way, over a link that its maker makes anew; on the way in `own` is null. */
  static checkpoint(archive: Archive, own: PostCopy | null, request: MigrationRequest, window: MoveWindow): PostCopy {
    const made = own ?? new PostCopy(request, window, 0);
    made.#phase = archive.value('phase', made.#phase);
    made.#startNs = archive.value('startNs', made.#startNs);
    made.#suspendNs = archive.value('suspendNs', made.#suspendNs);
    made.#tablesSent = archive.value('tablesSent', made.#tablesSent);
    made.#downtime = archive.data('downtime', made.#downtime);
    made.#resumedNs = archive.value('resumedNs', made.#resumedNs);
    [made.#sending = null] = archive.list('sending', made.#sending === null ? [] : [made.#sending], (each, sending) => {
      const ends = sending?.pages.ends ?? null;
      const arriving = checkpointDomain(each, 'arriving', ends?.arriving ?? null);
      const sockets = each.list('sockets', ends === null ? [] : [ends.sender, ends.receiver], (entry, socket) =>
        Socket.checkpoint(entry, socket),
      );
      const pages = sending?.pages ?? made.#pagesTo(arriving, sockets);
      each.part('pages', pages);
      const push = sending?.push ?? new PagePush(pages, [], { onlyLeftBehind: false });
      each.part('push', push);
      return sending ?? { pages, push };
    });
    return made;
  }

  get #stoppedNs(): number {
    return this.#startNs + this.#suspendNs;
  }

  /** The guest stops, and its page tables are due. */
  #stop(): Finding | null {
    const { guest, program, control, targetControl } = this.#request;
    const tied = refusesAsTied(guest, 'migrate');
    if (tied !== null) return tied;
    if (program !== undefined) guest.host.simulation.clock.stop(program);
    const record = recordOf(guest);
    const tables = record.pfns.filter((pfn) => isTable(guest, pfn));
    const arriving = prepareTarget(record, targetControl, tables);
    if (isFinding(arriving)) return this.#goOnHere(arriving);
    const pages = this.#pagesTo(arriving, [Socket.open(control), Socket.open(targetControl)]);
    this.#sending = { pages, push: new PagePush(pages, tables, { onlyLeftBehind: false }) };
    this.#phase = 'tables';
    return this.#goOn(null);
  }

  #pagesTo(arriving: Domain, [sender, receiver]: readonly Socket[]): PagesFollowing {
    const { guest, control, targetControl, link } = this.#request;
    const ends = { guest, arriving, control, targetControl, link, sender, receiver, window: this.#window };
    return new PagesFollowing(ends, this.#stoppedNs);
  }

  #goOn(refusal: Finding | null): Finding | null {
    const { pages, push } = this.#sending!;
    if (refusal !== null) return this.#phase === 'tables' ? this.#comeBack(refusal) : this.#lose();
    if (!push.isOver) return null;
    if (this.#phase === 'tables') {
      this.#tablesSent = push.sent;
      this.#resume(pages);
      this.#phase = 'run';
    } else {
      this.#phase = 'end';
    }
    return null;
  }

  /** The tables are there: the guest is made ready to run without its other pages. */
  #resume(pages: PagesFollowing): void {
    const { guest, targetControl } = this.#request;
    const { arriving } = pages.ends;
    const record = recordOf(guest);
    arriving.model.overcommit!.leaveBehind(
      record.pfns.filter((pfn) => !isTable(guest, pfn)),
      pages,
    );
    const tables = record.pfns.filter((pfn) => isTable(guest, pfn));
    const resumeNs = spent(targetControl.account, () => arrive({ ...record, pfns: tables }, arriving, targetControl));
    const { atNs, elapsed } = pages.pipeline.finish();
    this.#downtime = { ...elapsed, resume: resumeNs };
    this.#resumedNs = atNs + resumeNs;
  }

  #run(): Finding | null {
    const { guest, program } = this.#request;
    const { pages } = this.#sending!;
    const { arriving } = pages.ends;
    if (program !== undefined) {
      program.moveTo(arriving, this.#resumedNs);
      guest.host.simulation.clock.start(program);
    }
    pages.pipeline.restart(this.#resumedNs);
    const others = guest.model.ownedFrames().filter((pfn) => !isTable(guest, pfn));
    this.#sending!.push = new PagePush(pages, others, { onlyLeftBehind: true });
    this.#phase = 'others';
    return this.#goOn(null);
  }

  /** All pages are there. */
  #end(): Moved {
    const { guest, control } = this.#request;
    const { pages, push } = this.#sending!;
    const { arriving } = pages.ends;
    const { atNs: doneNs, elapsed } = pages.pipeline.finish();
    const verification = verifyContents(arriving);
    pages.close();
    takeDown(guest, control.account);
    const suspendNs = this.#suspendNs;
    const sinceNs = this.#resumedNs - this.#startNs;
    const sent = this.#tablesSent;
    return {
      guest: arriving,
      totalNs: doneNs - this.#startNs,
      downtimeNs: this.#resumedNs - this.#stoppedNs,
      elapsed: { untilStop: { ...NO_TIME, suspend: suspendNs }, downtime: this.#downtime, afterwards: elapsed },
      rounds: [
        { sent, skipped: 0, startNs: suspendNs, durationNs: sinceNs - suspendNs },
        { sent: push.sent, skipped: pages.fetched, startNs: sinceNs, durationNs: doneNs - this.#resumedNs },
      ],
      pagesSent: sent + push.sent + pages.fetched,
      stopReason: 'post-copy',
      asked: pages.asked,
      verification,
    };
  }

  /** The guest goes on at its source; what had arrived of it is gone. */
  #comeBack(finding: Finding): Finding {
    const { pages } = this.#sending!;
    pages.close();
    leaveTarget(pages.ends.arriving, this.#request.targetControl);
    return this.#goOnHere(finding);
  }

  #goOnHere(finding: Finding): Finding {
    const { guest, program, control } = this.#request;
    const { clock } = guest.host.simulation;
    control.account.charge(Mechanism.suspend, Event.resume);
    if (program !== undefined) {
      program.moveTo(guest, clock.nowNs);
      clock.start(program);
    }
    return finding;
  }

  /** The link failed when the guest ran on one host and had pages on the other. */
  #lose(): Finding {
    const { guest, program, control, targetControl } = this.#request;
    const { pages } = this.#sending!;
    const { arriving } = pages.ends;
    const left = arriving.model.overcommit!.places.count(Place.leftBehind);
    if (program !== undefined) guest.host.simulation.clock.stop(program);
    pages.close();
    leaveTarget(arriving, targetControl);
    takeDown(guest, control.account);
    const detail = `${guest.name} is lost: the link failed when ${left} of its pages were left behind`;
    return { operation: 'migrate', model: guest.model.id, rule: 'pages-all-here', detail };
  }
}

const isTable = ({ host, model }: Domain, pfn: Pfn): boolean => host.tables.get(model.machineFrame(pfn)) !== undefined;

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
