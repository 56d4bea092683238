import { readFileSync } from 'node:fs';

/** Published examples; each names the file it comes from in `src`, and the publication where there is one in `primary`. */
export interface Vector<Expect> {
  readonly id: string;
  readonly src: string;
  readonly tol: number;
  readonly expect: Expect;
}

const vectors = JSON.parse(readFileSync(new URL('./methods/vectors.json', import.meta.url), 'utf8')) as readonly {
  readonly id: string;
}[];

/** @throws Error for an id that the file does not have. */
export function vector(id: string): unknown {
  const found = vectors.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`No vector ${id}`);
  return found;
}
