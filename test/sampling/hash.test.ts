import { expect, test } from 'vitest';
import { fnv1a } from '../../sampling/hash.js';

test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('FNV-1a of %j is the value of the RFC 9923 test vectors', (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});

test('text is hashed as UTF-8 bytes', () => {
  const slow = [0xc2, 0xb5].reduce((hash, byte) => Number((BigInt(hash ^ byte) * 16777619n) & 0xffffffffn), 2166136261);
  expect(fnv1a('µ')).toBe(slow);
});
