import { type Finding, isFinding } from '../finding.js';
import { asPfn } from '../host/frame-number.js';
import { NO_SLOT } from './bounce-pool.js';
import type { DmaMapping } from './dma-mapping.js';

/** A piece of a mapping that is in one page, both of the buffer and where the device finds it. */
interface Piece {
  /** The page of the buffer. */
  readonly index: number;
  readonly address: number;
  readonly bytes: number;
}

const piecesOf = ({ device, address, offset, bytes }: DmaMapping): Piece[] => {
  const { pageBytes } = device.domain.host.simulation.platform;
  const pieces: Piece[] = [];
  for (let done = 0; done < bytes;) {
    const at = address + done;
    const most = Math.min(pageBytes - ((offset + done) % pageBytes), pageBytes - (at % pageBytes), bytes - done);
    pieces.push({ index: Math.floor((offset + done) / pageBytes), address: at, bytes: most });
    done += most;
  }
  return pieces;
};

/** The device reads a buffer: the contents stamp of each of its pages, as the device finds it. */
export const readByDevice = (mapping: DmaMapping): number[] | Finding => {
  const stamps: number[] = [];
  for (const { index, address, bytes } of piecesOf(mapping)) {
    const stamp = mapping.device.read(address, bytes);
    if (isFinding(stamp)) return stamp;
    stamps[index] = stamp;
  }
  return stamps;
};

/**
 * The device writes a buffer, a stamp a page. What the driver then expects in its own memory, in the buffer or in the slots that
 * stand for it, is told to the owner's log; where the data really went is the device's affair.
 */
export const writeByDevice = (mapping: DmaMapping, stamps: readonly number[]): Finding | null => {
  const { device, owner, pfns, slot, address } = mapping;
  const { domain } = device;
  const { pageBytes } = domain.host.simulation.platform;
  const pool = slot === NO_SLOT ? undefined : domain.host.dma.pools.get(domain);
  for (const { index, address: at, bytes } of piecesOf(mapping)) {
    const hit = device.write(at, stamps[index], bytes);
    if (isFinding(hit)) return hit;
    if (pool === undefined) owner.filledByDevice(pfns[index], stamps[index]);
    else {
      const pages = Math.floor(at / pageBytes) - Math.floor(address / pageBytes);
      domain.filledByDevice(asPfn(pool.pfnOf(slot) + pages), stamps[index]);
    }
  }
  return null;
};
