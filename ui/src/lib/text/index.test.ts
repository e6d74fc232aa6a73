import { expect, test } from 'vitest';
import { text } from '.';

const files = import.meta.glob('./*.ts', { eager: true }) as Record<string, object>;

test('no two parts of the catalogue have a sentence of the same name', () => {
  const parts = Object.entries(files).filter(([file]) => !/index|numbers|errors/.test(file));
  const names = parts.flatMap(([, exported]) => Object.values(exported).flatMap(Object.keys));
  expect(names.toSorted()).toEqual(Object.keys(text).toSorted());
});
