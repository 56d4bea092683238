import type { Platform } from '../platform.js';

/** Whether the platform has P==M domains behind a second stage too, which maps each of their frames at its own number. */
export const hasIdentityStage = ({ scheme }: Platform): boolean =>
  scheme.kind === 'radix' && scheme.identityStage === true;
