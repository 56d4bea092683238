import { describe, expect, it } from 'vitest';
import { Host, Simulation, TOOL_POST_COPY, audit, migrate, reliableLink, saveDomain } from '../../../engine/index.js';
import { beginLogDirty } from '../../../engine/operations/log-dirty.js';
import { domainOn, radixPlatformOf, radixScheme } from '../support.js';

describe('a hypervisor that migrates no domain', () => {
  const scene = (migration: boolean) => {
    const platform = { ...radixPlatformOf([[0, 2048]], { scheme: radixScheme() }), migration };
    const simulation = new Simulation(platform, 'immobile');
    const [host, other] = ['host', 'other'].map((name) => new Host(name, simulation));
    const control = domainOn(host, 'control', 'nested', 400);
    const targetControl = domainOn(other, 'other control', 'nested', 400);
    const link = reliableLink(platform.link);
    return { host, other, control, targetControl, link, guest: domainOn(host, 'guest', 'nested', 64) };
  };
  const refusal = (operation: string) => ({ operation, model: 'nested', rule: 'hypervisor-migrates' });

  it('logs no writes, saves none, and moves none in either way; nothing has changed then', () => {
    const { host, other, control, targetControl, link, guest } = scene(false);
    const free = [host.heap.freeFrames, other.heap.freeFrames];
    expect(beginLogDirty(control, guest, () => {})).toMatchObject(refusal('log dirty'));
    expect(saveDomain({ guest, control, diskBytesPerSecond: 1e8 })).toMatchObject(refusal('save'));
    expect(migrate({ guest, control, targetControl, link })).toMatchObject(refusal('migrate'));
    expect(migrate({ guest, control, targetControl, link, tool: TOOL_POST_COPY })).toMatchObject(refusal('migrate'));
    expect([host.heap.freeFrames, other.heap.freeFrames]).toEqual(free);
    expect([guest.host, guest.dirtyLog]).toEqual([host, null]);
    expect([...audit(host), ...audit(other)]).toEqual([]);
  });

  it('is not what others are', () => {
    const { other, control, targetControl, link, guest } = scene(true);
    expect(migrate({ guest, control, targetControl, link })).toMatchObject({ guest: { host: other } });
  });
});
