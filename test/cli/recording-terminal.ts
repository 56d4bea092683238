import type { Terminal } from '../../cli/terminal.js';

export interface RecordingTerminal extends Terminal {
  readonly outs: () => string;
  readonly notes: () => string;
}

/** A terminal that keeps what is written to it. */
export function recordingTerminal(
  options: { readonly live?: boolean; readonly columns?: number } = {},
): RecordingTerminal {
  const out: string[] = [];
  const note: string[] = [];
  return {
    live: options.live ?? false,
    columns: options.columns ?? 80,
    out: (text) => void out.push(text),
    note: (text) => void note.push(text),
    outs: () => out.join(''),
    notes: () => note.join(''),
  };
}
