import { expect, test } from 'vitest';
import { parseDrafts, serializeDrafts, withEdit } from './edit-drafts';

test('an edit is stored while its text differs from the message', () => {
  const one = withEdit([], { id: 'a', body: 'mended' }, 'broken');
  const two = withEdit(one, { id: 'b', body: 'more' }, 'less');
  expect(two.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(withEdit(two, { id: 'a', body: 'mended again' }, 'broken').at(-1)).toEqual({
    id: 'a',
    body: 'mended again',
  });
  expect(withEdit(two, { id: 'a', body: 'broken' }, 'broken')).toEqual([{ id: 'b', body: 'more' }]);
});

test('stored drafts are parsed, and an invalid value gives none', () => {
  const drafts = [{ id: 'a', body: 'نص "quoted"\n' }];
  expect(parseDrafts(serializeDrafts(drafts))).toEqual(drafts);
  expect(serializeDrafts([])).toBe('');
  for (const stored of [null, '', 'x', '{}', '[1, null, {"id": "a"}]'])
    expect(parseDrafts(stored)).toEqual([]);
});

test('the newest edit is stored, and as many older ones as fit', () => {
  const long = (id: string) => ({ id, body: 'x'.repeat(2_000_000) });
  expect(parseDrafts(serializeDrafts([long('a'), long('b')])).map(({ id }) => id)).toEqual(['b']);
  expect(serializeDrafts([{ id: 'a', body: 'x'.repeat(3_000_000) }])).toBeNull();
});
