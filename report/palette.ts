/** The colours of the page and of its charts, each with its value on light and on dark paper. */
export const palette = {
  paper: ['#fffefb', '#171614'],
  ink: ['#1f1d1a', '#ebe7df'],
  muted: ['#5e5a53', '#aca69b'],
  rule: ['#dcd8cf', '#3c3934'],
  shade: ['#f4f1ea', '#22201d'],
  neutral: ['#8b867d', '#7d786f'],
  accent: ['#1d5c96', '#83bbec'],
  band: ['#c3d7e9', '#2f4c68'],
  more: ['#a8421b', '#f09a73'],
  less: ['#17705a', '#66c9a8'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type Colour = keyof typeof palette;

/** A colour as a CSS variable, so that one picture serves light and dark. */
export function colour(name: Colour): string {
  return `var(--${name})`;
}

/** The variables for light paper, and for dark where the reader asks for it on a screen. */
export function paletteCss(): string {
  const values = (at: 0 | 1): string =>
    Object.entries(palette)
      .map(([name, pair]) => `--${name}:${pair[at]}`)
      .join(';');
  return `:root{color-scheme:light dark;${values(0)}}\n@media screen and (prefers-color-scheme:dark){:root{${values(1)}}}\n`;
}
