import { expect, test } from 'vitest';

/** The styles of every component, and the global ones. */
const sources = import.meta.glob(['../**/*.svelte', '../**/*.css'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

/** Returns the declarations with “left” or “right”, which do not depend on the text direction. */
function physical(css: string): string[] {
  const declarations = css.replace(/\/\*[\s\S]*?\*\//g, '').match(/[\w-]+:[^;{}]+(?=[;}])/g) ?? [];
  return declarations
    .map((declaration) => declaration.replace(/\s+/g, ' ').trim())
    .filter((declaration) => {
      const [name = '', value = ''] = declaration.split(/:\s*/, 2);
      if (/(^|-)(left|right)(-|$)/.test(name)) return true;
      if (/^(text-align|float|clear|caption-side)$/.test(name))
        return /^(left|right)\b/.test(value);
      if (!/^(margin|padding|inset|border-width|border-style|border-color)$/.test(name))
        return false;
      // Of four values, the second is for the right and the fourth for the left.
      const values = value.match(/[\w-]*\([^()]*(?:\([^()]*\)[^()]*)*\)|\S+/g) ?? [];
      return values.length === 4 && values[1] !== values[3];
    });
}

test('physical properties are found', () => {
  const css = `a { margin-left: 4px; text-align:right; float: left; border-right: 0 }
    b { left: 0; inset: 0 auto 0 0; padding: 1px 2px 1px calc(1px + (2px * 3)); }
    c { margin: 1px 2px 3px 2px; text-align: start; margin-inline: 1px 2px; border-top-left-radius: 2px; }`;
  expect(physical(css)).toEqual([
    'margin-left: 4px',
    'text-align:right',
    'float: left',
    'border-right: 0',
    'left: 0',
    'inset: 0 auto 0 0',
    'padding: 1px 2px 1px calc(1px + (2px * 3))',
    'border-top-left-radius: 2px',
  ]);
});

test('no inline style uses left or right', () => {
  const placed = Object.entries(sources).flatMap(([name, source]) =>
    (source.match(/style:[\w-]*\b(?:left|right)\b/g) ?? []).map((style) => `${name}: ${style}`),
  );
  expect(placed).toEqual([]);
});

test('no stylesheet uses left or right', () => {
  expect(Object.keys(sources).length).toBeGreaterThan(40);
  const found = Object.entries(sources).flatMap(([name, source]) => {
    const css = name.endsWith('.css')
      ? source
      : (/<style>([\s\S]*)<\/style>/.exec(source)?.[1] ?? '');
    return physical(css).map((declaration) => `${name}: ${declaration}`);
  });
  expect(found).toEqual([]);
});
