/** A machine frame number: a page frame of the host's real memory. */
export type Mfn = number & { readonly kind: 'mfn' };
/** A guest frame number: a page frame as the guest numbers its own memory. */
export type Pfn = number & { readonly kind: 'pfn' };

/** No such frame. Frame numbers are never negative. */
export const NO_FRAME = -1;

export const asMfn = (number: number): Mfn => number as Mfn;
export const asPfn = (number: number): Pfn => number as Pfn;

/** Frame numbers as hypervisors print them. */
export const hex = (frame: number): string => `0x${frame.toString(16)}`;
