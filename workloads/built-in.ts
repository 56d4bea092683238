import build from './address-space/build.js';
import contextSwitch from './address-space/context-switch.js';
import controlDomainBoot from './address-space/control-domain-boot.js';
import domainCreation from './address-space/domain-creation.js';
import mapUnmap from './address-space/map-unmap.js';
import memoryAccess from './address-space/memory-access.js';
import pageFaults from './address-space/page-faults.js';
import processCreation from './address-space/process-creation.js';
import programStart from './address-space/program-start.js';
import protection from './address-space/protection.js';
import kernelMemory from './control-domain/kernel-memory.js';
import networkStream from './control-domain/network-stream.js';
import reach from './control-domain/reach.js';
import crash from './driver-domains/crash.js';
import disk from './driver-domains/disk.js';
import driverReach from './driver-domains/reach.js';
import fixedFrames from './driver-domains/fixed-frames.js';
import partition from './driver-domains/partition.js';
import firewallChain from './driver-domains/firewall-chain.js';
import receive from './driver-domains/receive.js';
import requestResponse from './driver-domains/request-response.js';
import transmit from './driver-domains/transmit.js';
import policyBuild from './memory-policy/build.js';
import policyEnforcement from './memory-policy/enforcement.js';
import policyPlacement from './memory-policy/placement.js';
import policyRequests from './memory-policy/requests.js';
import policySilent from './memory-policy/silent.js';
import adversarial from './migration/adversarial.js';
import assignedDevice from './migration/assigned-device.js';
import bursty from './migration/bursty.js';
import hotAndCold from './migration/hot-and-cold.js';
import idle from './migration/idle.js';
import largeGuest from './migration/large-guest.js';
import linkDrop from './migration/link-drop.js';
import linkFailure from './migration/link-failure.js';
import postCopy from './migration/post-copy.js';
import saveRestore from './migration/save-restore.js';
import severalGuests from './migration/several-guests.js';
import driverDomain from './migration/driver-domain.js';
import recordedSqlite from './migration/recorded-sqlite.js';
import uniformWriter from './migration/uniform-writer.js';
import numaBlind from './numa/blind.js';
import numaControlDomain from './numa/control-domain.js';
import numaDriverDomain from './numa/driver-domain.js';
import firstTouch from './numa/first-touch.js';
import guestsAware from './numa/guests-aware.js';
import guestsBlind from './numa/guests-blind.js';
import interleaved from './numa/interleaved.js';
import rebalanceByGuest from './numa/rebalance-by-guest.js';
import rebalanceByHypervisor from './numa/rebalance-by-hypervisor.js';
import giveBack from './oversubscription/give-back.js';
import outOfPhase from './oversubscription/out-of-phase.js';
import sharing from './oversubscription/sharing.js';
import paging from './oversubscription/paging.js';
import populateOnDemand from './oversubscription/populate-on-demand.js';
import largePagesAfterBallooning from './oversubscription/large-pages.js';
import untilItBreaks from './oversubscription/until-it-breaks.js';
import addBank from './hot-plug/add-bank.js';
import removeBank from './hot-plug/remove-bank.js';
import interrupted from './hot-plug/interrupted.js';
import pageOffline from './hot-plug/page-offline.js';
import cycles from './hot-plug/cycles.js';
import descriptors from './sparse-memory/descriptors.js';
import contiguous from './sparse-memory/contiguous.js';
import dmaMask from './sparse-memory/dma-mask.js';
import largePagesAndHoles from './sparse-memory/large-pages.js';
import ageing from './sparse-memory/ageing.js';
import type { Workload } from './workload.js';

/** The suites that come with the program; a workload's suite is the first part of its id. */
export const BUILT_IN_WORKLOADS: readonly Workload[] = [
  recordedSqlite,
  uniformWriter,
  driverDomain,
  idle,
  hotAndCold,
  bursty,
  adversarial,
  severalGuests,
  linkDrop,
  linkFailure,
  postCopy,
  saveRestore,
  assignedDevice,
  largeGuest,
  networkStream,
  kernelMemory,
  reach,
  firstTouch,
  interleaved,
  numaBlind,
  numaControlDomain,
  guestsAware,
  guestsBlind,
  numaDriverDomain,
  rebalanceByHypervisor,
  rebalanceByGuest,
  processCreation,
  programStart,
  pageFaults,
  mapUnmap,
  protection,
  contextSwitch,
  build,
  memoryAccess,
  controlDomainBoot,
  domainCreation,
  receive,
  transmit,
  requestResponse,
  disk,
  firewallChain,
  crash,
  driverReach,
  fixedFrames,
  partition,
  policyBuild,
  policyRequests,
  policySilent,
  policyEnforcement,
  policyPlacement,
  giveBack,
  outOfPhase,
  sharing,
  paging,
  populateOnDemand,
  largePagesAfterBallooning,
  untilItBreaks,
  addBank,
  removeBank,
  interrupted,
  pageOffline,
  cycles,
  descriptors,
  contiguous,
  dmaMask,
  largePagesAndHoles,
  ageing,
];
