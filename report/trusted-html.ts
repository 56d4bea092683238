/** Markup made by one of our own renderers. Templates print it as it is; all other text they escape. */
export interface TrustedHtml {
  readonly html: string;
}

const made = new WeakSet<object>();

/** For renderers only: states that `html` holds no text from outside that is not escaped. */
export function trust(html: string): TrustedHtml {
  const value = Object.freeze({ html });
  made.add(value);
  return value;
}

/** Whether `value` came from `trust`; an object that merely looks like it did not. */
export function isTrusted(value: unknown): value is TrustedHtml {
  return typeof value === 'object' && value !== null && made.has(value);
}
