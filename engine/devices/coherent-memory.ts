import { type Finding, isFinding } from '../finding.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import { exchangeContiguous } from '../operations/exchange.js';
import type { DmaDevice } from './dma-device.js';
import { mapBuffer, unmapBuffer } from './dma-map.js';
import type { DmaMapping } from './dma-mapping.js';

/**
 * Memory that a driver shares with its device for long (rings, descriptors), contiguous for the device: a power of two of pages. By
 * machine frames P2M and VP exchange what is not contiguous or too high; a direct domain looks for a run that its device can address.
 */
export const allocateCoherent = (device: DmaDevice, pages: number): DmaMapping | Finding => {
  const { domain, numbers, addressBits } = device;
  const { model, host } = domain;
  const { pageBytes } = host.simulation.platform;
  const order = Math.ceil(Math.log2(pages));
  const inReach = (pfn: Pfn): boolean => device.canAddress(pfn * pageBytes, pageBytes);
  const first = domain.free.takeRun(2 ** order, model.id === 'direct' && numbers === 'machine' ? inReach : undefined);
  if (first === null) {
    const detail = `${device.name}: ${domain.name} has no ${2 ** order} free frames in a run that it can address`;
    return { operation: 'map for DMA', model: model.id, rule: 'free-run', detail };
  }
  const refusal =
    numbers === 'machine' && model.id !== 'direct' ? exchangeContiguous(domain, first, order, addressBits) : null;
  const result = refusal ?? mapBuffer(device, { pfn: first, bytes: 2 ** order * pageBytes }, 'both ways');
  if (isFinding(result)) giveBack(device, first, 2 ** order);
  return result;
};

/** The driver is done with it. The guest frames stay contiguous in machine memory. */
export const freeCoherent = (mapping: DmaMapping): void => {
  unmapBuffer(mapping);
  giveBack(mapping.device, mapping.pfns[0], mapping.pfns.length);
};

const giveBack = ({ domain }: DmaDevice, first: Pfn, pages: number): void => {
  for (let offset = pages - 1; offset >= 0; offset -= 1) domain.free.giveBack(asPfn(first + offset));
};
