/** Where a command writes. Handed in, so that tests read it back. */
export interface Terminal {
  /** Results: standard output. */
  readonly out: (text: string) => void;
  /** Progress and errors: standard error. */
  readonly note: (text: string) => void;
  /** Whether standard error is a terminal, so that a line may be drawn over. */
  readonly live: boolean;
  /** Columns of that terminal. */
  readonly columns: number;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
    live: process.stderr.isTTY && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined,
    columns: process.stderr.columns || 80,
  };
}

/** One JSON document and nothing else. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
