import { describe, expect, it } from 'vitest';
import { Host, Simulation, buildDomain, destroyDomain, isFinding } from '../../../engine/index.js';
import { Arena } from '../../../engine/host/arena.js';
import { FrameState } from '../../../engine/host/frame-table.js';
import { asMfn } from '../../../engine/host/frame-number.js';
import { beginLogDirty } from '../../../engine/operations/log-dirty.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import { PAGE, VARIANTS, domainOn, hashScheme, hostOf, platformOf, radixPlatformOf, vhptScheme } from '../support.js';

const GIB = 2 ** 30;
const TIB = 2 ** 40;
/** Bytes that the frame table has for a frame: state, type, owner, three counts, contents, guest frame. */
const FRAME_BYTES = 1 + 1 + 2 + 2 + 2 + 2 + 4 + 4;
const SECTION_FRAMES = 4096;

describe('the arena', () => {
  it('keeps all blocks in one shared memory, apart from each other and at lines of the cache', () => {
    const arena = new Arena();
    const views = [arena.uint8(3), arena.int32(17), arena.float64(1), arena.uint16(100), arena.int16(0)];
    expect(new Set(views.map(({ buffer }) => buffer)).size).toBe(1);
    expect(views[0].buffer).toBeInstanceOf(SharedArrayBuffer);
    let end = 0;
    for (const { byteOffset, byteLength } of views) {
      expect(byteOffset % 64).toBe(0);
      expect(byteOffset).toBeGreaterThanOrEqual(end);
      end = byteOffset + Math.max(1, byteLength);
    }
    expect(arena.bytes).toBe(64 + 128 + 64 + 256 + 64);
  });

  it('leaves views and their contents as they are when it grows', () => {
    const arena = new Arena();
    const small = arena.uint32(16).fill(7);
    const large = arena.uint32(2 ** 22);
    large[2 ** 22 - 1] = 9;
    small[0] = 8;
    expect(arena.size).toBeGreaterThanOrEqual(arena.bytes);
    expect([...small.subarray(0, 2), large[0], large[2 ** 22 - 1]]).toEqual([8, 7, 0, 9]);
    expect(new Uint32Array(large.buffer, small.byteOffset, 2)).toEqual(Uint32Array.of(8, 7));
  });

  it('gives a freed block out again, zeroed, and refuses to free it twice', () => {
    const arena = new Arena();
    const first = arena.int32(100).fill(-1);
    const { byteOffset } = first;
    arena.free(first);
    expect(arena.bytes).toBe(0);
    expect(first[0]).not.toBe(-1);
    const second = arena.int32(100);
    expect(second.byteOffset).toBe(byteOffset);
    expect(second.every((value) => value === 0)).toBe(true);
    arena.free(second);
    expect(() => arena.free(second)).toThrow('no block');
    expect(() => arena.free(new Int32Array(100))).toThrow('no block');
  });
});

describe('state in the arena', () => {
  it('costs nothing for a host of 1 TiB while nobody touches its memory', () => {
    const host = hostOf(platformOf([[0, TIB / PAGE]], { hypervisorBytes: GIB }));
    expect(host.installedFrames).toBe(TIB / PAGE);
    expect(host.heap.freeFrames).toBe((TIB - GIB) / PAGE);
    expect(host.simulation.arena.bytes).toBe(0);
    const guest = domainOn(host, 'guest', 'insert', SECTION_FRAMES);
    expect(host.frames.state(asMfn(GIB / PAGE - 1))).toBe(FrameState.reserved);
    // Frames come from the top down, so a guest of one section's frames is in one section.
    const rest = 2 ** 16;
    expect(host.simulation.arena.bytes).toBeGreaterThan(SECTION_FRAMES * FRAME_BYTES);
    expect(host.simulation.arena.bytes).toBeLessThan(SECTION_FRAMES * FRAME_BYTES + rest);
    expect(guest.model.ownedFrames()).toHaveLength(SECTION_FRAMES);
  });

  it('is 20.2 bytes a page of a guest at most, its kernel’s list of free frames among them, and 28.2 with contents and the guest’s log of them', () => {
    const pages = 2 ** 16;
    const host = hostOf(platformOf([[0, 2 * pages]]));
    const { arena } = host.simulation;
    const guest = domainOn(host, 'guest', 'insert', pages);
    const before = arena.bytes;
    beginLogDirty(guest, guest, () => {});
    expect(arena.bytes - before).toBe(pages / 8);
    const contents = (4 + 4) * pages;
    expect((arena.bytes - contents) / pages).toBeLessThanOrEqual(20.2);
    expect(arena.bytes / pages).toBeLessThanOrEqual(28.2);
  });

  it.each([
    ['inserts', platformOf],
    ['walked tables', radixPlatformOf],
  ] as const)('takes nothing for the 2^22 frames of a hole below a P==M domain: %s', (_, on) => {
    const bytesAt = (hole: number): number => {
      const host = hostOf(
        on([
          [0, 64],
          [hole, 8192],
        ]),
      );
      const domain = domainOn(host, 'domain', 'direct', 4096);
      const kernel = startLinux(domain);
      kernel.takeFrame();
      return host.simulation.arena.bytes;
    };
    // A section more, and the tables on the way to higher numbers.
    expect(bytesAt(2 ** 22)).toBeLessThanOrEqual(bytesAt(8192) + 8192);
  });

  const cases = [
    ...VARIANTS.map((variant) => ({ ...variant, scheme: vhptScheme() })),
    { title: 'insert on ppc64', model: 'insert', options: {}, scheme: hashScheme() },
  ] as const;
  for (const { title, model, options, scheme } of cases) {
    it(`is free again when a domain is gone or could not be built: ${title}`, () => {
      const simulation = new Simulation(platformOf([[0, 4096]], { scheme }), 'arena');
      const host = new Host('host', simulation);
      const control = domainOn(host, 'control', 'insert', 64);
      const make = () => buildDomain(host, { name: 'guest', model, options, builder: control.account }, 256);
      const life = (): void => {
        const guest = make();
        if (isFinding(guest)) throw new Error(guest.detail);
        for (let vpn = 0; vpn < 40; vpn += 1) guest.mapPage(vpn * 5000, guest.free.take()!, true);
        beginLogDirty(control, guest, () => {});
        expect(destroyDomain(guest, control.account)).toBe(null);
        expect(isFinding(buildDomain(host, { name: 'large', model, options, builder: control.account }, 2 ** 14))).toBe(
          true,
        );
      };
      life();
      const after = simulation.arena.bytes;
      life();
      expect(simulation.arena.bytes).toBe(after);
    });
  }
});
