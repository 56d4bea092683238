import { ENTRY_BYTES } from './rules.js';

/** What an entry grants: Xen's GTF_type_mask. */
export const GrantType = { none: 0, access: 1, transfer: 2, transitive: 3 } as const;
export type GrantTypeId = (typeof GrantType)[keyof typeof GrantType];

/** Bits above the type. Those of a transfer have the places of read-only and reading; version 2 keeps use in a status word. */
export const GrantFlag = { readOnly: 4, reading: 8, writing: 16, committed: 4, completed: 8 } as const;

/** A grant entry as the guest writes it. */
export interface GrantEntry {
  readonly type: GrantTypeId;
  readonly readOnly: boolean;
  /** The id of the domain that it is for. */
  readonly grantee: number;
  /** The frame number by the guest's own reckoning; of a transitive grant, the reference that it passes on. */
  readonly frame: number;
  /** Transitive: the domain whose reference that is; 0 otherwise. */
  readonly through: number;
}

type Version = 1 | 2;

const wordsOf = (version: Version): number => ENTRY_BYTES[version] / 4;

/**
 * Stores an entry. Version 1: flags and domain in one word, the frame in the next. Version 2: flags and domain; the domain that a
 * transitive grant goes through; frame or reference; the frame's upper half.
 */
export const encodeEntry = (words: Uint32Array, index: number, version: Version, entry: GrantEntry): void => {
  const at = index * wordsOf(version);
  if (version === 2) {
    words[at + 1] = entry.through;
    words[at + 2] = entry.frame;
    words[at + 3] = 0;
  } else {
    words[at + 1] = entry.frame;
  }
  words[at] = (entry.type | (entry.readOnly ? GrantFlag.readOnly : 0) | (entry.grantee << 16)) >>> 0;
};

export const decodeEntry = (words: Uint32Array, index: number, version: Version): GrantEntry => {
  const at = index * wordsOf(version);
  const type = (words[at] & 3) as GrantTypeId;
  return {
    type,
    readOnly: type !== GrantType.transfer && (words[at] & GrantFlag.readOnly) !== 0,
    grantee: words[at] >>> 16,
    frame: words[at + (version === 2 ? 2 : 1)],
    through: version === 2 ? words[at + 1] : 0,
  };
};

/** The flags of an entry, without the domain. */
export const entryFlags = (words: Uint32Array, index: number, version: Version): number =>
  words[index * wordsOf(version)] & 0xffff;

export const setEntryFlags = (words: Uint32Array, index: number, version: Version, flags: number): void => {
  const at = index * wordsOf(version);
  words[at] = ((words[at] & 0xffff0000) | flags) >>> 0;
};

/** The hypervisor stores the frame that a transfer brought. */
export const setEntryFrame = (words: Uint32Array, index: number, version: Version, frame: number): void => {
  words[index * wordsOf(version) + (version === 2 ? 2 : 1)] = frame;
};
