/** One class of customers, who all go round the same way. */
export interface CustomerClass {
  readonly customers: number;
  /** Time of a round that is spent at no station, in nanoseconds. */
  readonly delayNs: number;
  /** Service that a round takes at each station, in nanoseconds; what a visit takes times the visits. */
  readonly serviceNs: readonly number[];
}

/** How a class fares. */
export interface ClassFlow {
  /** Rounds a nanosecond, of all its customers. */
  readonly rounds: number;
  /** Customers at each station, waiting or served. */
  readonly queues: readonly number[];
}

/** The fixed point is taken as reached when no queue moves by more than this, in customers. */
const PRECISION = 1e-9;
const MOST_STEPS = 100_000;
/** Times that the shares are looked at again; more change little (Chandy and Neuse). */
const LOOKS = 3;

/**
 * Mean value analysis of a closed queueing network by the Linearizer of Chandy and Neuse. A customer of class c who arrives at a
 * station finds there what it would hold without him (the arrival theorem),
 *
 *   R(c,k) = S(c,k) · (1 + Σ_i Q(i,k | N − 1c)),   X(c) = N(c) / (Z(c) + Σ_k R(c,k)),   Q(c,k) = X(c) · R(c,k),
 *
 * where the queues without him are told from those with him by how the share Q(i,k)/N(i) differs between the two; that
 * difference is found by solving the network without one customer of each class, as if it were the same there. With no
 * difference at all this is the approximation of Schweitzer and Bard, with which it begins. Exact for one customer, and for one
 * class over like stations; within a few percent elsewhere.
 *
 * Sources: K. M. Chandy and D. Neuse, *Linearizer: a heuristic algorithm for queueing network models of computing systems*,
 * Communications of the ACM 25(2), 1982; M. Reiser and S. S. Lavenberg, *Mean-value analysis of closed multichain queuing
 * networks*, Journal of the ACM 27(2), 1980, for the exact recursion.
 *
 * @throws Error when a fixed point is not reached, which no network of servers and delays was seen to do
 */
export const solveClosedNetwork = (classes: readonly CustomerClass[]): readonly ClassFlow[] => {
  const all = classes.map(({ customers }) => customers);
  let shares: readonly Float64Array[] = startingShares(classes);
  let change: readonly (readonly Float64Array[])[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    shares = solveAt(classes, all, { shares, change }).shares;
    const full = shares;
    change = classes.map((_, without) => {
      const fewer = all.with(without, all[without] - 1);
      const { shares: then } = solveAt(classes, fewer, { shares: full, change });
      return then.map((row, index) =>
        fewer[index] === 0 ? row.map(() => 0) : row.map((share, k) => share - full[index][k]),
      );
    });
  }
  const { shares: last, rounds } = solveAt(classes, all, { shares, change });
  return last.map((row, index) => ({ rounds: rounds[index], queues: [...row].map((share) => share * all[index]) }));
};

interface Shares {
  /** Of a class's customers, the share at each station. */
  readonly shares: readonly Float64Array[];
  /** How these change when there is one customer less of a class, by that class; none where nothing is known yet. */
  readonly change: readonly (readonly Float64Array[])[];
}

const startingShares = (classes: readonly CustomerClass[]): Float64Array[] =>
  classes.map(({ serviceNs }) => {
    const used = serviceNs.filter((service) => service > 0).length;
    return Float64Array.from(serviceNs, (service) => (service > 0 ? 1 / (used + 1) : 0));
  });

/** The fixed point for so many customers of each class. */
const solveAt = (
  classes: readonly CustomerClass[],
  customers: readonly number[],
  { shares: from, change }: Shares,
): { readonly shares: readonly Float64Array[]; readonly rounds: readonly number[] } => {
  const shares = from.map((row) => row.slice());
  const stations = classes[0]?.serviceNs.length ?? 0;
  const present = [...customers.keys()].filter((index) => customers[index] > 0);
  const rounds = customers.map(() => 0);
  const residence = new Float64Array(stations);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    let moved = 0;
    for (const index of present) {
      const { delayNs, serviceNs } = classes[index];
      let round = delayNs;
      for (let k = 0; k < stations; k += 1) {
        if (serviceNs[k] === 0) continue;
        let found = 0;
        for (const other of present) {
          const share = shares[other][k] + (change[index]?.[other][k] ?? 0);
          found += (customers[other] - (other === index ? 1 : 0)) * share;
        }
        residence[k] = serviceNs[k] * (1 + Math.max(0, found));
        round += residence[k];
      }
      rounds[index] = customers[index] / round;
      for (let k = 0; k < stations; k += 1) {
        const share = serviceNs[k] === 0 ? 0 : residence[k] / round;
        moved = Math.max(moved, customers[index] * Math.abs(share - shares[index][k]));
        shares[index][k] = share;
      }
    }
    if (moved < PRECISION) return { shares, rounds };
  }
  throw new Error(`the queues of ${classes.length} classes at ${stations} stations come to no rest`);
};
