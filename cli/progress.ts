import type { Terminal } from './terminal.js';

export interface Progress {
  /** Steps done, steps in all, and how many of them needed no work. */
  readonly update: (done: number, total: number, reused: number) => void;
  /** Ends the bar's line. */
  readonly finish: () => void;
}

/** A bar that is drawn over on a terminal; a line at each tenth elsewhere. */
export function progressOn(terminal: Terminal, title: string): Progress {
  return terminal.live ? barOn(terminal, title) : linesOn(terminal, title);
}

function barOn(terminal: Terminal, title: string): Progress {
  let drawn = '';
  return {
    update: (done, total, reused) => {
      const figures = ` ${describe(title, done, total, reused)}`;
      const width = Math.max(5, Math.min(40, terminal.columns - figures.length - 3));
      const filled = total === 0 ? width : Math.floor((done / total) * width);
      const line = `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]${figures}`.slice(
        0,
        Math.max(10, terminal.columns - 1),
      );
      if (line === drawn) return;
      terminal.note(`\r${line.padEnd(drawn.length)}`);
      drawn = line;
    },
    finish: () => {
      if (drawn !== '') terminal.note('\n');
      drawn = '';
    },
  };
}

function linesOn(terminal: Terminal, title: string): Progress {
  let tenth = -1;
  return {
    update: (done, total, reused) => {
      const reached = total === 0 ? 10 : Math.floor((done / total) * 10);
      if (reached === tenth) return;
      tenth = reached;
      terminal.note(`${describe(title, done, total, reused)}\n`);
    },
    finish: () => {},
  };
}

function describe(title: string, done: number, total: number, reused: number): string {
  return `${title} ${done}/${total}${reused > 0 ? `, ${reused} reused` : ''}`;
}
