import { type Finding, isFinding } from '../finding.js';
import { asPfn } from '../host/frame-number.js';
import { NO_SLOT } from './bounce-pool.js';
import type { DmaMapping } from './dma-mapping.js';

/** A piece of a mapping that is in one page. */
interface Piece {
  readonly address: number;
  readonly bytes: number;
}

const piecesOf = ({ device, address, bytes }: DmaMapping): Piece[] => {
  const { pageBytes } = device.domain.host.simulation.platform;
  const pieces: Piece[] = [];
  for (let at = address; at < address + bytes;) {
    const end = Math.min(address + bytes, (Math.floor(at / pageBytes) + 1) * pageBytes);
    pieces.push({ address: at, bytes: end - at });
    at = end;
  }
  return pieces;
};

/** The device reads a buffer: the contents stamp of each of its pages, as the device finds it. */
export const readByDevice = (mapping: DmaMapping): number[] | Finding => {
  const stamps: number[] = [];
  for (const { address, bytes } of piecesOf(mapping)) {
    const stamp = mapping.device.read(address, bytes);
    if (isFinding(stamp)) return stamp;
    stamps.push(stamp);
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
  for (const [index, piece] of piecesOf(mapping).entries()) {
    const hit = device.write(piece.address, stamps[index], piece.bytes);
    if (isFinding(hit)) return hit;
    if (pool === undefined) owner.filledByDevice(pfns[index], stamps[index]);
    else {
      const pages = Math.floor(piece.address / pageBytes) - Math.floor(address / pageBytes);
      domain.filledByDevice(asPfn(pool.pfnOf(slot) + pages), stamps[index]);
    }
  }
  return null;
};
