import { z } from 'zod';
import type { ValueShape } from '../contracts/value-shape.js';
import { fault } from './check.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** How near to an end the half of an exponential value may be, as a share of the way. */
const NEAREST = 0.002;

/** Points of a piecewise value function, with figures as `figure` reads them. */
export function pointsSchema(figure: z.ZodType<number>) {
  return z.array(z.strictObject({ at: figure, value: z.number().min(0).max(1) })).min(2);
}

/** The fields that say a value function, with figures as `figure` reads them. Which of them go together is checked by `readShape`. */
export function shapeFields(figure: z.ZodType<number>) {
  return {
    better: z.enum(['higher', 'lower']).optional(),
    worst: figure.optional(),
    best: figure.optional(),
    half: figure.optional(),
    points: pointsSchema(figure).optional(),
  };
}

/** A value function as it is written. */
export interface WrittenShape {
  readonly better?: 'higher' | 'lower' | undefined;
  readonly worst?: number | undefined;
  readonly best?: number | undefined;
  readonly half?: number | undefined;
  readonly points?: readonly { readonly at: number; readonly value: number }[] | undefined;
}

export interface ShapeReading {
  /** Null where it has a mistake. */
  readonly value: ValueShape | null;
  readonly errors: readonly UserError[];
}

/** The value function that the fields at `path` say. */
export function readShape(source: YamlFile, path: FieldPath, written: WrittenShape): ShapeReading {
  const { better, worst, best, half, points } = written;
  const refuse = (at: FieldPath, message: string, expected: string): ShapeReading => ({
    value: null,
    errors: [fault(source, at, { code: 'inconsistent', message, expected })],
  });
  if (points !== undefined) {
    if ([better, worst, best, half].some((each) => each !== undefined))
      return refuse(
        path,
        'has "points" beside an end or a direction',
        '"points" alone, or "better" with "worst", "best" and "half"',
      );
    return readPoints(source, [...path, 'points'], points);
  }
  if (better === undefined) {
    const missing = fault(source, [...path, 'better'], {
      code: 'missing-key',
      message: '"better" is missing',
      expected: '"higher" or "lower", or "points"',
    });
    return { value: null, errors: [missing] };
  }
  if (worst !== undefined && best !== undefined && (better === 'higher' ? worst >= best : worst <= best)) {
    return refuse(
      [...path, 'worst'],
      `worst ${worst} and best ${best} contradict "better: ${better}"`,
      better === 'higher' ? 'worst < best' : 'worst > best',
    );
  }
  if (half === undefined)
    return { value: { kind: 'linear', better, worst: worst ?? null, best: best ?? null }, errors: [] };
  if (worst === undefined || best === undefined)
    return refuse([...path, 'half'], 'has "half" without both ends', '"worst" and "best" beside "half"');
  const share = (half - worst) / (best - worst);
  if (!(share >= NEAREST && share <= 1 - NEAREST))
    return refuse(
      [...path, 'half'],
      `${half} does not lie between worst ${worst} and best ${best}`,
      'a figure between them, not at an end',
    );
  return { value: { kind: 'exponential', better, worst, best, half }, errors: [] };
}

/** Straight lines between points that ascend. */
export function readPoints(
  source: YamlFile,
  path: FieldPath,
  points: NonNullable<WrittenShape['points']>,
): ShapeReading {
  const errors = points.flatMap(({ at }, index) => {
    const before = points[index - 1];
    if (before === undefined || at > before.at) return [];
    return [
      fault(source, [...path, index, 'at'], {
        code: 'inconsistent',
        message: `${at} does not come after ${before.at}`,
        expected: 'points in ascending order of "at"',
      }),
    ];
  });
  return { value: errors.length === 0 ? { kind: 'piecewise', points } : null, errors };
}
