import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import { Nic } from './nic.js';

/**
 * A control domain's end of a connection: socket buffers scattered over its memory, and the device that sends from
 * them. Copying to and from a buffer goes through the kernel's identity mapping and its TLB misses.
 */
export class Socket {
  readonly domain: Domain;
  readonly nic: Nic;
  readonly #buffers: readonly Pfn[];
  #next = 0;

  private constructor(domain: Domain, buffers: readonly Pfn[]) {
    this.domain = domain;
    this.nic = new Nic(domain);
    this.#buffers = buffers;
  }

  static open(domain: Domain): Socket {
    const { platform } = domain.host.simulation;
    const stream = domain.host.simulation.stream(`socket buffers of ${domain.name}`);
    const buffers: Pfn[] = [];
    for (let count = 0; count < platform.socketBufferPages; count += 1) {
      const pfn = domain.free.takeScattered(stream);
      if (pfn === null) throw new Error(`${domain.name} has no free frame for its socket buffers`);
      buffers.push(pfn);
    }
    return new Socket(domain, buffers);
  }

  /** Copies a page into the next buffer and has the device send it: the contents that the device read. */
  send(stamp: number): number {
    const buffer = this.#take();
    this.domain.fillKernel(buffer, stamp);
    this.domain.account.charge(Mechanism.copy, Event.pageCopy);
    const sent = this.nic.transmit(buffer);
    if (isFinding(sent)) throw new Error(sent.detail);
    return sent;
  }

  /** Has the device put a page into the next buffer and copies it out: the contents that the kernel read. */
  receive(stamp: number): number {
    const buffer = this.#take();
    const refusal = this.nic.receive(buffer, stamp);
    if (refusal !== null) throw new Error(refusal.detail);
    this.domain.account.charge(Mechanism.copy, Event.pageCopy);
    return this.domain.readKernel(buffer);
  }

  /** Gives the buffers back to the kernel. */
  close(): void {
    for (const pfn of this.#buffers) this.domain.free.giveBack(pfn);
  }

  #take(): Pfn {
    const buffer = this.#buffers[this.#next];
    this.#next = (this.#next + 1) % this.#buffers.length;
    return buffer;
  }

  /** A socket that somebody holds on to; on the way in `socket` is null. */
  static checkpoint(archive: Archive, socket: Socket | null): Socket {
    const domain = checkpointDomain(archive, 'domain', socket?.domain ?? null);
    const buffers = archive.numbers('buffers', socket === null ? [] : socket.#buffers);
    const own = socket ?? new Socket(domain, buffers);
    own.#next = archive.value('next', own.#next);
    return own;
  }
}
