import type { Account } from '../host/ledger.js';
import type { ModelId, ModelOptions } from '../models/model.js';
import type { AffinitySpec } from '../numa/node-affinity.js';
import type { Paging } from '../platform.js';
import type { GuestLog } from './guest-log.js';

/** What a domain is built by. */
export interface DomainSpec {
  readonly name: string;
  readonly model: ModelId;
  readonly options?: ModelOptions;
  /** What its hypervisor's tables are, where the platform keeps a pool of frames for them and the model does not say. */
  readonly paging?: Paging;
  /** Virtual processors, one unless said; more only where the hardware walks radix tables. */
  readonly vcpus?: number;
  /** Nodes that its memory is to come from, where the host has nodes; all of them unless said. */
  readonly affinity?: AffinitySpec;
  /** Pages of the ramdisk that a boot loader brought for it, which are a part of its memory; none unless said. */
  readonly ramdiskPages?: number;
  /** Who pays for building it. */
  readonly builder: Account;
  /** The log of a guest that arrives from another host. */
  readonly log?: GuestLog;
  /** The id that it had, when it comes out of a checkpoint. */
  readonly id?: number;
}
