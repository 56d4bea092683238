import { isFinding } from '../../../engine/index.js';
import { assignDevice, removeDevice } from '../../../engine/devices/assign-device.js';
import { createBouncePool } from '../../../engine/devices/bounce-pool.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapBuffer, mapGranted, unmapBuffer } from '../../../engine/devices/dma-map.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import type { Domain, Host } from '../../../engine/index.js';
import type { SceneStep } from './scene.js';
import type { Guest, Scene } from './scene.js';

/** What stands before a device: nothing, or the strict or the deferred IOMMU of its host with so much in its tables. */
const GUARDS = ['none', 'identity', 'all RAM', 'own', 'buffers'] as const;
const DIRECTIONS = ['to device', 'from device', 'both ways'] as const;
/** What a device of narrow addresses reaches: 64 pages of 16 KiB. */
const NARROW_BITS = 20;
/** A pool is of pages that have whole slots. */
const POOL = { bytes: 2 ** 18, addressBits: NARROW_BITS };

const assign = (domain: Domain, name: string, page: number): DmaDevice | null => {
  const holds = GUARDS[page % GUARDS.length];
  const iommu = domain.host.dma.iommus[1 - (page % 2)];
  const spec = { name, addressBits: page % 3 === 0 ? NARROW_BITS : 64 };
  const device = assignDevice(domain, spec, holds === 'none' ? null : { iommu, holds });
  return isFinding(device) ? null : device;
};

/** The driver takes its buffers back, and the device goes. */
export const takeDeviceAway = (guest: Guest): void => {
  for (const buffer of guest.buffers) {
    unmapBuffer(buffer);
    for (const pfn of buffer.pfns) guest.domain.free.giveBack(pfn);
  }
  guest.buffers = [];
  for (const device of guest.devices) removeDevice(device);
  guest.devices = [];
};

const controlDevice = (scene: Scene, host: Host): DmaDevice | undefined => host.dma.devicesOf(scene.controlOf(host))[0];

/** What devices of a guest and of the control domain do, with IOMMUs of both kinds before them. */
export const DEVICE_STEPS: Readonly<Record<string, SceneStep>> = {
  'assign device'(_scene, guest, page) {
    const device = guest.devices.length < 2 ? assign(guest.domain, `device ${guest.devices.length}`, page) : null;
    if (device !== null) guest.devices.push(device);
  },
  'remove devices'(_scene, guest, page) {
    if (page === 0) takeDeviceAway(guest);
  },
  'map buffer'(_scene, { domain, devices, buffers }, page) {
    const device = devices[page % Math.max(1, devices.length)];
    if (device === undefined || buffers.length > 3) return;
    const pages = 1 + (page % 3);
    const pfn = domain.free.takeRun(pages);
    if (pfn === null) return;
    const buffer = { pfn, bytes: pages * domain.host.simulation.platform.pageBytes };
    const mapping = mapBuffer(device, buffer, DIRECTIONS[page % 3]);
    if (!isFinding(mapping)) buffers.push(mapping);
    else for (let offset = pages - 1; offset >= 0; offset -= 1) domain.free.giveBack((pfn + offset) as typeof pfn);
  },
  'device reads'(_scene, { buffers }, page) {
    if (buffers.length > 0) readByDevice(buffers[page % buffers.length]);
  },
  'device writes'(scene, { buffers }, page) {
    const buffer = buffers[page % Math.max(1, buffers.length)];
    if (buffer === undefined || buffer.direction === 'to device') return;
    writeByDevice(
      buffer,
      buffer.pfns.map(() => scene.simulation.nextStamp()),
    );
  },
  'unmap buffer'(_scene, { domain, buffers }, page) {
    const [buffer] = buffers.splice(page % Math.max(1, buffers.length), 1);
    if (buffer === undefined) return;
    unmapBuffer(buffer);
    for (const pfn of buffer.pfns) domain.free.giveBack(pfn);
    // A device that still uses the address finds what its IOMMU has left of it, which a checkpoint must keep.
    buffer.device.reach(buffer.address, false);
  },
  'give up buffer'(_scene, { domain, buffers }) {
    const buffer = buffers.pop();
    if (buffer === undefined) return;
    readByDevice(buffer);
    unmapBuffer(buffer);
    for (const pfn of buffer.pfns) domain.balloon.release(pfn);
    buffer.device.reach(buffer.address, false);
  },
  'device of control domain'(scene, { domain, lent }, page) {
    const control = scene.controlOf(domain.host);
    if (domain.host.dma.pools.size === 0 && scene.simulation.platform.pageBytes >= 2 ** 14)
      createBouncePool(control, POOL);
    const device = controlDevice(scene, domain.host);
    if (device === undefined) assign(control, 'disk', page);
    else if (lent.length === 0 && device.mappings.size === 0 && page === 0) removeDevice(device);
  },
  'map granted'(scene, { domain, granted, lent }, page) {
    const device = controlDevice(scene, domain.host);
    if (device === undefined || granted.length === 0 || lent.length > 3) return;
    const mapping = mapGranted(device, granted[page % granted.length].frame, 'to device');
    if (isFinding(mapping)) return;
    lent.push(mapping);
    readByDevice(mapping);
  },
  'unmap granted'(_scene, { lent }) {
    const mapping = lent.pop();
    if (mapping !== undefined) unmapBuffer(mapping);
  },
};
