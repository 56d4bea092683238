import { CheckpointError } from './checkpoint-error.js';
import type { View } from './archive.js';

/*
 * Bytes of a checkpoint: 8 of magic; version, byte order, checksum of what follows the header, and bytes of the tree, each in 4;
 * bytes in all in 8; the tree of fields as JSON; filled up to 8; the contents of views one after the other, each filled up to 8.
 */
const MAGIC = 'PHYSMAP\n';
export const CHECKPOINT_VERSION = 4;
const BYTE_ORDER = 0x01020304;
const HEADER_BYTES = 32;

export interface Container {
  readonly tree: unknown;
  /** Contents of views, at the offsets that the tree gives. */
  readonly blobs: Uint8Array;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
const checksum = (bytes: Uint8Array): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index += 1) hash = Math.imul(hash ^ bytes[index], 0x01000193);
  return hash >>> 0;
};

export const bytesOf = (view: View): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

export const pack = (tree: unknown, views: readonly View[]): Uint8Array => {
  const text = new TextEncoder().encode(JSON.stringify(tree));
  const total = views.reduce((sum, view) => sum + aligned(view.byteLength), HEADER_BYTES + aligned(text.length));
  const bytes = new Uint8Array(total);
  bytes.set(new TextEncoder().encode(MAGIC));
  bytes.set(text, HEADER_BYTES);
  let at = HEADER_BYTES + aligned(text.length);
  for (const view of views) {
    bytes.set(bytesOf(view), at);
    at += aligned(view.byteLength);
  }
  const header = new DataView(bytes.buffer);
  header.setUint32(8, CHECKPOINT_VERSION, true);
  new Uint32Array(bytes.buffer, 12, 1)[0] = BYTE_ORDER;
  header.setUint32(16, checksum(bytes.subarray(HEADER_BYTES)), true);
  header.setUint32(20, text.length, true);
  header.setFloat64(24, total, true);
  return bytes;
};

/** @throws CheckpointError when the bytes are no whole checkpoint of this version. */
export const unpack = (bytes: Uint8Array): Container => {
  const magic = new TextDecoder().decode(bytes.slice(0, MAGIC.length));
  if (magic !== MAGIC.slice(0, bytes.length)) throw new CheckpointError('magic', 'this is no checkpoint of physmap');
  if (bytes.length < HEADER_BYTES) {
    throw new CheckpointError('truncated', `the checkpoint is cut off in its header, at ${bytes.length} bytes`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const version = header.getUint32(8, true);
  if (version !== CHECKPOINT_VERSION) {
    const age = version > CHECKPOINT_VERSION ? 'a newer' : 'an older';
    const detail = `the checkpoint is of format ${version}, ${age} one than ${CHECKPOINT_VERSION}, which this engine reads`;
    throw new CheckpointError('version', detail);
  }
  if (new Uint32Array(bytes.slice(12, 16).buffer)[0] !== BYTE_ORDER) {
    throw new CheckpointError('platform', 'the checkpoint was written on a machine of another byte order');
  }
  const total = header.getFloat64(24, true);
  if (bytes.length < total) {
    throw new CheckpointError('truncated', `the checkpoint is cut off: it has ${bytes.length} of ${total} bytes`);
  }
  if (bytes.length > total || checksum(bytes.subarray(HEADER_BYTES)) !== header.getUint32(16, true)) {
    throw new CheckpointError('damaged', 'the checkpoint is damaged: its bytes are not those that were written');
  }
  const treeEnd = HEADER_BYTES + header.getUint32(20, true);
  return {
    tree: JSON.parse(new TextDecoder().decode(bytes.slice(HEADER_BYTES, treeEnd))) as unknown,
    blobs: bytes.subarray(HEADER_BYTES + aligned(treeEnd - HEADER_BYTES)),
  };
};
