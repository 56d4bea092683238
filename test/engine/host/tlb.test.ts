import { Arena } from '../../../engine/host/arena.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tlb } from '../../../engine/host/tlb.js';
import { Vhpt } from '../../../engine/host/vhpt.js';

interface Entry {
  readonly rid: number;
  readonly vpn: number;
  readonly mfn: number;
  readonly size: number;
}

/** A TLB as a list of slots, searched from end to end. */
class SlowTlb {
  readonly slots: (Entry | null)[];
  #next = 0;

  constructor(entries: number) {
    this.slots = Array.from({ length: entries }, () => null);
  }

  find(rid: number, vpn: number): Entry | null {
    return (
      this.slots.find(
        (slot) => slot !== null && slot.rid === rid && vpn >= slot.vpn && vpn < slot.vpn + 2 ** slot.size,
      ) ?? null
    );
  }

  insert(entry: Entry): void {
    const end = entry.vpn + 2 ** entry.size;
    this.slots.forEach((slot, index) => {
      if (slot !== null && slot.rid === entry.rid && slot.vpn >= entry.vpn && slot.vpn < end) this.slots[index] = null;
    });
    this.slots[this.#next] = entry;
    this.#next = (this.#next + 1) % this.slots.length;
  }

  purge(rid: number, vpn: number): void {
    this.slots.forEach((slot, index) => {
      if (slot !== null && slot === this.find(rid, vpn)) this.slots[index] = null;
    });
  }
}

const access = fc.record({
  kind: fc.constantFrom('touch', 'touch', 'touch', 'purge', 'flush'),
  rid: fc.constantFrom(9, 15),
  vpn: fc.nat(40),
  size: fc.constantFrom(0, 0, 0, 1, 3),
});

describe('the TLB', () => {
  it('finds, replaces and purges as a list of slots does', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 4, 8), fc.array(access, { maxLength: 200 }), (entries, sequence) => {
        const fast = new Tlb(new Arena(), entries);
        const slow = new SlowTlb(entries);
        for (const { kind, rid, vpn, size } of sequence) {
          if (kind === 'flush') {
            fast.flush();
            slow.slots.fill(null);
          } else if (kind === 'purge') {
            fast.purge(rid, vpn);
            slow.purge(rid, vpn);
          } else if (slow.find(rid, vpn) === null) {
            const first = vpn - (vpn % 2 ** size);
            fast.insert(rid, first, 1000 + first, size, false);
            slow.insert({ rid, vpn: first, mfn: 1000 + first, size });
          }
          for (let page = 0; page <= 40; page += 1) {
            const expected = slow.find(rid, page);
            const slot = fast.find(rid, page);
            expect(slot < 0 ? null : fast.mfn[slot] + page - fast.vpn[slot]).toBe(
              expected === null ? null : 1000 + page,
            );
          }
        }
      }),
      { seed: 5 },
    );
  });

  it('holds as many entries as it has and drops the oldest first', () => {
    const tlb = new Tlb(new Arena(), 4);
    for (let vpn = 0; vpn < 5; vpn += 1) tlb.insert(9, vpn, vpn, 0, false);
    expect([0, 1, 2, 3, 4].map((vpn) => tlb.find(9, vpn) >= 0)).toEqual([false, true, true, true, true]);
  });
});

describe('a large TLB entry', () => {
  it('takes the place of the small ones inside it, so that one purge leaves nothing', () => {
    const tlb = new Tlb(new Arena(), 8);
    tlb.insert(9, 5, 105, 0, false);
    tlb.insert(9, 4, 104, 2, false);
    tlb.purge(9, 5);
    expect([4, 5, 6, 7].map((vpn) => tlb.find(9, vpn))).toEqual([-1, -1, -1, -1]);
  });
});

describe('the VHPT', () => {
  it('has one entry a bucket, and tells regions apart', () => {
    const vhpt = new Vhpt(new Arena(), 16);
    vhpt.insert(9, 3, 77, true);
    expect(vhpt.find(15, 3)).toBe(-1);
    expect(vhpt.mfn(vhpt.find(9, 3))).toBe(77);
    vhpt.insert(9, 3 + 16, 78, true);
    expect(vhpt.find(9, 3)).toBe(-1);
    expect(vhpt.purge(9, 3)).toBe(false);
    expect(vhpt.purge(9, 19)).toBe(true);
    expect(vhpt.find(9, 19)).toBe(-1);
  });

  it('has what was put in last at the bucket of a page, until it is purged or flushed, as a plain list of buckets has', () => {
    const entries = 4096;
    const step = fc.record({
      kind: fc.constantFrom('insert', 'insert', 'insert', 'purge', 'flush'),
      rid: fc.nat(40),
      vpn: fc.nat(3 * entries),
      writable: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (sequence) => {
        const vhpt = new Vhpt(new Arena(), entries);
        const plain = new Map<number, string>();
        // The hash that both use: it says where a page goes and nothing of what is kept there.
        const bucketOf = (rid: number, vpn: number): number => (vpn ^ Math.imul(rid, 0x9e3779b1)) & (entries - 1);
        sequence.forEach(({ kind, rid, vpn, writable }, mfn) => {
          const bucket = bucketOf(rid, vpn);
          if (kind === 'flush') {
            vhpt.flush();
            plain.clear();
          } else if (kind === 'purge') {
            const isThere = plain.get(bucket)?.startsWith(`${rid} ${vpn} `) ?? false;
            expect(vhpt.purge(rid, vpn)).toBe(isThere);
            if (isThere) plain.delete(bucket);
          } else {
            vhpt.insert(rid, vpn, mfn, writable);
            plain.set(bucket, `${rid} ${vpn} ${mfn} ${writable}`);
            const at = vhpt.find(rid, vpn);
            expect([vhpt.mfn(at), vhpt.isWritable(at)]).toEqual([mfn, writable]);
          }
          const kept: string[] = [];
          vhpt.forEach((...entry) => kept.push(entry.join(' ')));
          expect(kept).toEqual([...plain].toSorted(([one], [other]) => one - other).map(([, entry]) => entry));
        });
      }),
      { seed: 64 },
    );
  });

  it('takes no room for buckets that nothing was put into', () => {
    const arena = new Arena();
    const vhpt = new Vhpt(arena, 2 ** 19);
    expect(arena.bytes).toBe(0);
    for (let vpn = 0; vpn < 1024; vpn += 1) vhpt.insert(8, vpn, vpn, false);
    expect(arena.bytes).toBeLessThanOrEqual(2 * 16_384);
    vhpt.release();
    expect(arena.bytes).toBe(0);
  });
});
