import { describe, expect, it } from 'vitest';
import { stopRule2006, stopRuleToday } from '../../../engine/index.js';

const totals = {
  round: 3,
  sentThisRound: 400,
  sentLastRound: 300,
  skippedThisRound: 0,
  sentInAll: 1000,
  guestPages: 1000,
  dirtyPages: 500,
  rateIsAtMost: false,
};

describe('the stop rule of 2006 (MIG-04)', () => {
  it('goes on otherwise', () => expect(stopRule2006(totals)).toBe(null));

  it('stops under 50 pages sent and skipped together, and not at 50', () => {
    expect(stopRule2006({ ...totals, sentThisRound: 40, skippedThisRound: 9 })).toBe('few pages left');
    expect(stopRule2006({ ...totals, sentThisRound: 40, skippedThisRound: 10 })).toBe(null);
  });

  it('stops after 29 rounds, and not after 28', () => {
    expect(stopRule2006({ ...totals, round: 28 })).toBe(null);
    expect(stopRule2006({ ...totals, round: 29 })).toBe('round limit');
  });

  it('stops when more than 3 times the guest was sent, and not at 3 times', () => {
    expect(stopRule2006({ ...totals, sentInAll: 3000 })).toBe(null);
    expect(stopRule2006({ ...totals, sentInAll: 3001 })).toBe('sent limit');
  });

  it('stops when it sent more than in the round before while the rate limiter is at its most, and not below that', () => {
    expect(stopRule2006({ ...totals, rateIsAtMost: true })).toBe('more pages at full rate');
    expect(stopRule2006({ ...totals, rateIsAtMost: true, sentLastRound: 400 })).toBe(null);
  });
});

describe('the stop rule of today (MIG-09)', () => {
  it('stops under 50 dirty pages, and not at 50', () => {
    expect(stopRuleToday({ ...totals, dirtyPages: 49 })).toBe('few pages left');
    expect(stopRuleToday({ ...totals, dirtyPages: 50 })).toBe(null);
  });

  it('stops after 5 rounds, and not after 4', () => {
    expect(stopRuleToday({ ...totals, round: 4 })).toBe(null);
    expect(stopRuleToday({ ...totals, round: 5 })).toBe('round limit');
  });
});
