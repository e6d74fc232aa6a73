import { expect, test } from 'vitest';
import { speak, startLanguage, text } from '.';
import { en } from './en';

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

test('the language is the one that was chosen, and English where there is no such catalogue', async () => {
  localStorage.setItem('language', 'ar-XB');
  await startLanguage();
  const { lang, dir } = document.documentElement;
  expect([lang, dir, text.send === en.send]).toEqual(['ar-XB', 'rtl', false]);
  localStorage.removeItem('language');
  await speak('tlh');
  expect(document.documentElement.lang).toBe('en');
  expect(document.documentElement.dir).toBe('ltr');
  expect(text).toBe(en);
});
