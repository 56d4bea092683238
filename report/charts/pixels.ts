/** Where a mark stands, by fields that are pixels already. */
export function place(x: string, y: string) {
  return { x: pixel(x), y: pixel(y) };
}

/** Its other corner. */
export function placeTo(x: string, y: string) {
  return { x2: { field: x }, y2: { field: y } };
}

/** The value of a field as it is: a colour, a shape. */
export function asIs(field: string) {
  return { field, type: 'nominal', scale: null, legend: null };
}

function pixel(field: string) {
  return { field, type: 'quantitative', scale: null, axis: null };
}
