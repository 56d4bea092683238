import type { FrameMapChart } from '../../contracts/frame-map-chart.js';
import type { Colour } from '../palette.js';

/** How an owner's cells are filled, and the lines over them, which tell owners apart where colours do not. */
export interface CellLook {
  readonly fill: Colour;
  readonly lines: 'none' | 'rows' | 'columns' | 'slanted';
  readonly ink: Colour;
}

type Owner = FrameMapChart['owners'][number];

const plain = (fill: Colour): CellLook => ({ fill, lines: 'none', ink: fill });

const LOOKS: Readonly<Record<Owner['look'], readonly CellLook[]>> = {
  free: [plain('paper')],
  offline: [{ fill: 'paper', lines: 'slanted', ink: 'more' }],
  mixed: [{ fill: 'shade', lines: 'slanted', ink: 'muted' }],
  hypervisor: [
    plain('neutral'),
    { fill: 'rule', lines: 'rows', ink: 'muted' },
    { fill: 'rule', lines: 'columns', ink: 'muted' },
  ],
  near: [{ fill: 'less', lines: 'rows', ink: 'paper' }],
  far: [{ fill: 'more', lines: 'columns', ink: 'paper' }],
  domain: [
    plain('accent'),
    plain('band'),
    { fill: 'more', lines: 'columns', ink: 'paper' },
    { fill: 'less', lines: 'rows', ink: 'paper' },
    { fill: 'accent', lines: 'columns', ink: 'paper' },
    { fill: 'band', lines: 'rows', ink: 'ink' },
    { fill: 'more', lines: 'slanted', ink: 'paper' },
  ],
};

/** The looks of owners in their order; numbers tell apart those beyond the last look. */
export const looksOf = (owners: readonly Owner[]): readonly CellLook[] =>
  owners.map(({ look }, at) => {
    const before = owners.slice(0, at).filter((each) => each.look === look).length;
    return LOOKS[look][before % LOOKS[look].length];
  });
