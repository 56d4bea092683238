import type { ChartBase } from './report-charts.js';

/** Who has the memory of a host: cells in rows, in the order of addresses. A panel an alternative, with one map below the other. */
export interface FrameMapChart extends ChartBase {
  readonly kind: 'frame map';
  /** Cells of a row. */
  readonly columns: number;
  /** Who has cells, in the order of the key; cells name them by number from 0. */
  readonly owners: readonly {
    readonly label: string;
    readonly look: 'free' | 'offline' | 'hypervisor' | 'domain' | 'near' | 'far' | 'mixed';
  }[];
  /** Banks that are there in any map, in ascending order; the title may be empty. */
  readonly banks: readonly { readonly title: string; readonly cells: number }[];
  readonly panels: readonly {
    readonly title: string;
    /** Words in place of the maps, or empty. */
    readonly absent: string;
    readonly maps: readonly {
      readonly moment: string;
      /**
       * In the order of the banks, each as runs of cells that are alike: how many, whose they are, and who else has frames there, −1 for
       * nobody; null where the bank is not there.
       */
      readonly banks: readonly (readonly (readonly [cells: number, owner: number, rest: number])[] | null)[];
    }[];
  }[];
}
