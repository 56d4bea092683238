import type { Domain } from '../domain/domain.js';

/** The windows of a control domain's address space that migrations under way use. */
const windows = new WeakMap<Domain, Set<number>>();
const moving = new WeakSet<Domain>();

/** Whether the domain is on its way to another host. */
export const isMoving = (guest: Domain): boolean => moving.has(guest);

export const startsMoving = (guest: Domain): void => {
  moving.add(guest);
  guest.account.enter('migration');
};

export const endsMoving = (guest: Domain): void => {
  moving.delete(guest);
  guest.account.enter('after migration');
};

/** A migration begins that a control domain takes part in: the lowest window that no other one uses. */
export const takeWindow = (control: Domain): number => {
  const taken = windows.get(control) ?? new Set();
  windows.set(control, taken);
  let window = 0;
  while (taken.has(window)) window += 1;
  taken.add(window);
  control.account.enter('migration');
  return window;
};

/** It is over. */
export const giveWindow = (control: Domain, window: number): void => {
  const taken = windows.get(control)!;
  taken.delete(window);
  if (taken.size === 0) control.account.enter('after migration');
};
