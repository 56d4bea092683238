import type { Archive } from '../checkpoint/archive.js';
import { GuestLog } from '../domain/guest-log.js';
import type { GuestProgram } from '../domain/program.js';
import type { Pfn } from '../host/frame-number.js';
import type { GuestRecord } from './guest-record.js';

/** A guest on disk. It can be restored once. */
export interface SavedGuest {
  readonly record: GuestRecord;
  readonly program: GuestProgram | null;
  /** Contents of each page, in the order of the record's. */
  readonly stamps: Uint32Array;
  /** Entries of its page tables, with guest frames in them. */
  readonly tables: ReadonlyMap<Pfn, Uint32Array>;
  /** P==M: its frames, reserved so that it can come back. */
  readonly kept: readonly Pfn[];
  readonly savedNs: number;
  readonly controlCpuNs: number;
}

/** A guest on disk that somebody holds on to; its program is saved before it. On the way in `saved` is null. */
export const checkpointSavedGuest = (archive: Archive, saved: SavedGuest | null): SavedGuest => {
  const { log = new GuestLog(archive.simulation.arena), ...rest } = saved?.record ?? {};
  archive.part('log', log);
  const record = archive.data('record', rest) as Omit<GuestRecord, 'log'>;
  const [program = null] = archive.tracked('running', saved === null || saved.program === null ? [] : [saved.program]);
  const tables = archive.list('tables', [...(saved?.tables ?? [])], (each, table): [Pfn, Uint32Array] => [
    each.value('pfn', table?.[0] ?? (0 as Pfn)),
    each.resized('entries', table?.[1] ?? new Uint32Array(0), (length) => new Uint32Array(length)),
  ]);
  return {
    record: { ...record, log },
    program,
    stamps: archive.resized('stamps', saved?.stamps ?? new Uint32Array(0), (length) => new Uint32Array(length)),
    tables: new Map(tables),
    kept: archive.numbers('kept', saved?.kept ?? []),
    savedNs: archive.value('savedNs', saved?.savedNs ?? 0),
    controlCpuNs: archive.value('controlCpuNs', saved?.controlCpuNs ?? 0),
  };
};
