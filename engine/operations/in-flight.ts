import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** What a page's time on the wire began after. */
export const Awaited = { sender: 0, wire: 1, receiver: 2 } as const;

/**
 * The last pages of a transfer between the sender and the end of the receiver's work, with what each waited for. Two buffers' worth:
 * when a page is handed over, every page before these has been received.
 */
export class InFlight implements Checkpointed {
  readonly #size: number;
  readonly #awaited: Uint8Array;
  readonly #windowNs: Float64Array;
  readonly #throughNs: Float64Array;
  readonly #wasAwaited: Uint8Array;
  readonly #receivedNs: Float64Array;
  #pages = 0;

  constructor(bufferPages: number) {
    this.#size = 2 * bufferPages;
    this.#awaited = new Uint8Array(this.#size);
    this.#windowNs = new Float64Array(this.#size);
    this.#throughNs = new Float64Array(this.#size);
    this.#wasAwaited = new Uint8Array(this.#size);
    this.#receivedNs = new Float64Array(this.#size);
  }

  /** A page got through the wire; `windowNs` is when the receiver had room for it. */
  through(awaited: number, windowNs: number, throughNs: number): void {
    const at = this.#pages % this.#size;
    this.#awaited[at] = awaited;
    this.#windowNs[at] = windowNs;
    this.#throughNs[at] = throughNs;
    this.#receivedNs[at] = throughNs;
    this.#pages += 1;
  }

  /** The receiver was done with the last page, for which it had waited or not. */
  received(wasAwaited: boolean, receivedNs: number): void {
    const at = (this.#pages - 1) % this.#size;
    this.#wasAwaited[at] = wasAwaited ? 1 : 0;
    this.#receivedNs[at] = receivedNs;
  }

  /** Tells of each page in the order in which they were sent. */
  forEach(
    tell: (
      page: number,
      times: {
        readonly awaited: number;
        readonly windowNs: number;
        readonly throughNs: number;
        readonly wasAwaited: boolean;
        readonly receivedNs: number;
      },
    ) => void,
  ): void {
    for (let page = Math.max(0, this.#pages - this.#size); page < this.#pages; page += 1) {
      const at = page % this.#size;
      tell(page, {
        awaited: this.#awaited[at],
        windowNs: this.#windowNs[at],
        throughNs: this.#throughNs[at],
        wasAwaited: this.#wasAwaited[at] === 1,
        receivedNs: this.#receivedNs[at],
      });
    }
  }

  checkpoint(archive: Archive): void {
    archive.view('awaited', this.#awaited);
    archive.view('windowNs', this.#windowNs);
    archive.view('throughNs', this.#throughNs);
    archive.view('wasAwaited', this.#wasAwaited);
    archive.view('receivedNs', this.#receivedNs);
    this.#pages = archive.value('pages', this.#pages);
  }
}
