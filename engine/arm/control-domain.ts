import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { asPfn } from '../host/frame-number.js';
import type { BootedMemory } from '../linux/booted-memory.js';
import type { ModelOptions } from '../models/model.js';
import { buildDomain } from '../operations/build.js';
import type { DeviceWindow } from './board.js';
import { type ArmHost, finishBoot } from './boot.js';
import { startLinux } from './start-linux.js';

/**
 * Builds the direct-mapped domain0, maps the board's windows into it, ends Xen's boot, and boots its Linux as far as the
 * second stage sees it, with the grant frame where Xen itself lies.
 */
export const bootControlDomain = (
  arm: ArmHost,
  pages: number,
  windows: readonly DeviceWindow[],
  options: ModelOptions = {},
  linux: BootedMemory = { imagePages: 0, ownPages: 0 },
): Domain | Finding => {
  const { host, site, layout } = arm;
  const { pageBytes } = host.simulation.platform;
  const builder = host.simulation.ledger.account('hypervisor');
  const domain = buildDomain(host, { name: site.controlDomain, model: 'direct', options, builder }, pages);
  if (isFinding(domain)) return domain;
  const model = site.models.get(domain)!;
  for (const { start, bytes } of windows) {
    model.mapDevice(Math.floor(start / pageBytes), Math.ceil(bytes / pageBytes));
  }
  finishBoot(arm);
  startLinux(domain, asPfn(Math.floor(layout.xen.start / pageBytes)), linux);
  return domain;
};
