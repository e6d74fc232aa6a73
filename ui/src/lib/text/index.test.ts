import { expect, test } from 'vitest';
import { text } from '.';

const parts = import.meta.glob(['./en/*.ts', '!./en/{index,*.test}.ts'], { eager: true }) as Record<
  string,
  object
>;

test('no two parts of the catalogue have a sentence of the same name', () => {
  const names = Object.values(parts).flatMap((part) => Object.values(part).flatMap(Object.keys));
  expect(names.toSorted()).toEqual(Object.keys(text).toSorted());
});

const sources = import.meta.glob(['../../**/*.{ts,svelte}', '!../../**/*.test.ts', '!./en/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

test('the catalogue has no sentence that nobody shows', () => {
  const all = Object.values(sources).join('\n');
  const unused = Object.keys(text).filter((name) => !new RegExp(`\\btext\\.${name}\\b`).test(all));
  expect(unused).toEqual([]);
});
