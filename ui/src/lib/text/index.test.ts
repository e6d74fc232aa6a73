import { expect, test } from 'vitest';
import { setLanguage, loadSavedLanguage, text } from '.';
import { en } from './en';

const parts = import.meta.glob(['./en/*.ts', '!./en/{index,*.test}.ts'], { eager: true }) as Record<
  string,
  object
>;

test('no two parts of the catalogue use the same key', () => {
  const names = Object.values(parts).flatMap((part) => Object.values(part).flatMap(Object.keys));
  expect(names.toSorted()).toEqual(Object.keys(text).toSorted());
});

const sources = import.meta.glob(['../../**/*.{ts,svelte}', '!../../**/*.test.ts', '!./en/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

test('every sentence of the catalogue is used', () => {
  const all = Object.values(sources).join('\n');
  const unused = Object.keys(text).filter((name) => !new RegExp(`\\btext\\.${name}\\b`).test(all));
  expect(unused).toEqual([]);
});

test('the chosen language is used, and English if it has no catalogue', async () => {
  localStorage.setItem('language', 'ar-XB');
  await loadSavedLanguage();
  const { lang, dir } = document.documentElement;
  expect([lang, dir, text.send === en.send]).toEqual(['ar-XB', 'rtl', false]);
  localStorage.removeItem('language');
  await setLanguage('tlh');
  expect(document.documentElement.lang).toBe('en');
  expect(document.documentElement.dir).toBe('ltr');
  expect(text).toBe(en);
});
