import { expect, it } from 'vitest';
import { EventChannel } from '../../../engine/drivers/event-channel.js';
import { domainOn, hostOf, platformOf } from '../support.js';

it('an event is delivered to the other end, and one that is masked waits and is delivered once', () => {
  const host = hostOf(platformOf([[0, 64]]));
  const [first, second] = [domainOn(host, 'first', 'insert', 8), domainOn(host, 'second', 'insert', 8)];
  const channel = new EventChannel(first, second);
  let delivered = 0;
  channel.end(1).handler = () => {
    delivered += 1;
  };
  channel.notify(0);
  expect(delivered).toBe(1);
  channel.end(1).masked = true;
  for (const _ of [1, 2, 3]) channel.notify(0);
  expect(delivered).toBe(1);
  channel.unmask(1);
  channel.unmask(1);
  expect(delivered).toBe(2);
  expect(first.account.count('notification')).toBe(4);
  expect(second.account.count('upcall')).toBe(2);
  expect(first.account.count('upcall')).toBe(0);
});
