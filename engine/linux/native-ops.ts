import type { Domain } from '../domain/domain.js';
import { Event, Mechanism } from '../host/events.js';
import { tableWritten } from './guest-writes.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import { UNWATCHED_TABLES } from './unwatched-tables.js';

/** Plain stores: bare hardware, and guests whose tables the hypervisor does not look into (P==M and VP by nested tables). */
export const nativeOps = (domain: Domain): PagingOps => {
  const store = ({ table, index }: EntryPlace, entry: number): void => {
    domain.host.tables.get(table)![index] = entry;
    tableWritten(domain, table, 'store');
  };
  return {
    ...UNWATCHED_TABLES,
    largePages: true,
    setLeaf: store,
    setBranch: (_mm, place, entry) => store(place, entry),
    exchangeLeaf: store,
    exiting: () => {},
    activate: () => {},
    fillFrame: () => {},
    flushPages: () => {},
    flushAll: () => {},
    reaches: null,
    faultDelivered: () => domain.account.charge(Mechanism.pageTables, Event.guestPageFault),
    follow: () => {},
    checkpoint: () => {},
  };
};
