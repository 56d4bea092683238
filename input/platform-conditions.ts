/** What a platform leaves open (whether devices stand behind an IOMMU, say), and the models that depend on it. */

/** Condition to value, such as `iommu` to `none`. */
export type Conditions = Readonly<Record<string, string>>;

/** Cases of which one must hold, with all its conditions. */
export type Cases = readonly Conditions[];

/** What holds under an alternative: what it says itself, and for the rest the platform's defaults. */
export function conditionsUnder(
  conditions: Readonly<Record<string, { readonly default: string }>>,
  given: Conditions,
): Conditions {
  const usual = Object.entries(conditions).map(([name, condition]) => [name, condition.default]);
  return { ...(Object.fromEntries(usual) as Conditions), ...given };
}

/** Whether one of the cases holds; without any, it always does. */
export function oneHolds(cases: Cases | undefined, conditions: Conditions): boolean {
  if (cases === undefined) return true;
  return cases.some((needed) => Object.entries(needed).every(([name, value]) => conditions[name] === value));
}

/** `iommu: all, or controlDma: none` */
export function describeCases(cases: Cases): string {
  return cases.map(describeConditions).join(', or ');
}

export function describeConditions(conditions: Conditions): string {
  return Object.entries(conditions)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' and ');
}
