/** The public face of the engine. Everything else in this folder is private to it. */
export { Simulation } from './simulation.js';
export type {
  BankLayout,
  NumaPlatform,
  Paging,
  PagingPoolRule,
  GuestP2mRule,
  HypervisorP2mRule,
  PerFrameTable,
  Platform,
  HashScheme,
  TranslationScheme,
  VhptScheme,
} from './platform.js';
export { type Finding, OPERATIONS, isFinding } from './finding.js';
export {
  EVENT_NAMES,
  EVENT_TITLES,
  Event,
  type EventName,
  MECHANISM_TITLES,
  Mechanism,
  type MechanismName,
  eventsIn,
} from './host/events.js';
export type { Archive, Checkpointed } from './checkpoint/archive.js';
export { type OwnState, type RestoreSpec, restoreCheckpoint, saveCheckpoint } from './checkpoint/checkpoint.js';
export { CheckpointError, type CheckpointFault } from './checkpoint/checkpoint-error.js';
export { checkpointDomain } from './checkpoint/references.js';
export type { EventCosts, LedgerEntry } from './host/ledger.js';
export type { RandomStream } from './host/random.js';
export { Host } from './host/host.js';
export { type FrameRun, frameRuns } from './host/frame-runs.js';
export type { Mfn, Pfn } from './host/frame-number.js';
export { asMfn, asPfn } from './host/frame-number.js';
export { MODELS } from './models/create-model.js';
export { MODEL_OPTIONS, MODEL_TITLES, type ModelId, type ModelOptions } from './models/model.js';
export { BalloonOperations } from './domain/balloon-operations.js';
export type { Domain } from './domain/domain.js';
export { hasIdentityStage } from './models/identity-stage.js';
export type { DomainSpec } from './domain/domain-spec.js';
export {
  type AccessPattern,
  MAX_PATTERN_PAGES,
  MAX_REPEATS,
  accessPage,
  accessRepeats,
  accessWrites,
  encodeAccess,
} from './domain/access-pattern.js';
export { type GuestProgram, Program } from './domain/program.js';
export { Nic } from './devices/nic.js';
export { diskOf } from './devices/disk.js';
export type { DmaDevice } from './devices/dma-device.js';
export { type DeviceReach, countDeviceReach } from './devices/device-reach.js';
export { createBouncePool } from './devices/bounce-pool.js';
export { Iommu } from './iommu/iommu.js';
export type { BackendPort } from './drivers/backend-port.js';
export { devicePort } from './drivers/device-port.js';
export { type HybridRecord, hybridPort } from './drivers/hybrid-port.js';
export { type DriverPaths, type SplitDriver, connectDriver } from './drivers/split-driver.js';
export { GrantReferences } from './grants/grant-references.js';
export { type Link, type PageMessage, reliableLink, sharedLink } from './devices/link.js';
export { type Verification, verifyContents } from './operations/verify-contents.js';
export { assignDevice } from './devices/assign-device.js';
export { buildDomain } from './operations/build.js';
export { destroyDomain } from './operations/destroy.js';
export { PagingDisk } from './host/paging-disk.js';
export { buildOnDemand } from './operations/build-on-demand.js';
export { offlineFrame } from './operations/page-offline.js';
export { pageOut } from './operations/page-out.js';
export { type PluggedBank, giveBank, plugBank } from './operations/plug-bank.js';
export { type Relocation, type RelocationRequest, relocatePages } from './operations/relocate.js';
export { type CrashedDomain, restartCrashed, takeDownCrashed } from './operations/restart.js';
export { type SharingRequest, sharePages } from './operations/share-pages.js';
export { type BankRemoval, removeBank, unplugBank } from './operations/unplug-bank.js';
export { vacate } from './operations/vacate.js';
export { beginLogDirty, peekDirty } from './operations/log-dirty.js';
export { type Migration, type MigrationRequest, migrate, migrateTogether } from './operations/migration.js';
export { saveDomain } from './operations/save-domain.js';
export { type SavedGuest, checkpointSavedGuest } from './operations/saved-guest.js';
export { type Restored, restoreDomain } from './operations/restore-domain.js';
export { MigrationSession } from './operations/migration-session.js';
export {
  type StopRule,
  TOOL_2006,
  TOOL_2006_ADAPTIVE,
  TOOL_POST_COPY,
  TOOL_TODAY,
  stopRule2006,
  stopRuleToday,
} from './operations/pre-copy-rule.js';
export type { Arrivals, Moderation, QueueNetwork, QueueRun, QueueStage, QueueVisit } from './queueing/queue-network.js';
export { simulateQueues } from './queueing/simulate-queues.js';
export { busiestStage, checkQueueLaws, percentile, throughput, utilisation } from './queueing/queue-laws.js';
export { ContentionModel } from './numa/contention.js';
export { MemoryOwner } from './policy/memory-owner.js';
export type { MemoryWatch } from './numa/memory-watch.js';
export { placeVcpus } from './numa/first-processor.js';
export { nodeOf } from './numa/node-of.js';
export type { AffinitySpec } from './numa/node-affinity.js';
export { type ProgramThread, farPages, placeProgram, sharesByNode } from './numa/place-program.js';
export { preferNear } from './numa/prefer-near.js';
export { type PacketMover, solvePacketStalls } from './numa/packet-stalls.js';
export { rebalanceByGuest, rebalanceByHypervisor } from './numa/rebalance.js';
export { type ThreadWork, runThreads } from './numa/run-threads.js';
export { visibleNodes } from './numa/visible-nodes.js';
export { distancesByHops, ladderLinks, nodesByDistance } from './numa/topology.js';
export { type Violation, audit } from './audit/audit.js';
export { X86_64 } from './paging/format.js';
export type { TlbArray } from './paging/radix-tlb.js';
export { NestedPaging } from './paging/nested-paging.js';
export { PagingUnit } from './paging/paging-unit.js';
export { RadixTable } from './paging/radix-table.js';
export { GuestTableFrames, MachineTableFrames } from './paging/table-frames.js';
export { type CpuUse, cpuUseOf } from './host/cpu-use.js';
export type { LinuxKernel } from './linux/kernel.js';
export { startLinux } from './linux/start-linux.js';
export { ProcessTable } from './linux/process-table.js';
export type { Executable } from './linux/exec.js';
export { areasIn } from './linux/areas.js';
export { mapArea, unmapRange } from './linux/mmap.js';
export { protectRange } from './linux/mprotect.js';
export { touchPage, writePage } from './linux/page-fault.js';
export { Region } from './mmu/mmu.js';
export { NO_FRAME } from './host/frame-number.js';
export { FrameState, SCRUBBED } from './host/frame-table.js';
export { perFrameTablePages } from './host/per-frame-tables.js';
export { NO_SLOT } from './devices/bounce-pool.js';
export { mapBuffer, unmapBuffer } from './devices/dma-map.js';
