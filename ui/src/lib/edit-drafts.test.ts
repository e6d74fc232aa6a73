import { expect, test } from 'vitest';
import { draftsOf, noteOf, withEdit } from './edit-drafts';

test('an edit is kept while it says something else than the message', () => {
  const one = withEdit([], { id: 'a', body: 'mended' }, 'broken');
  const two = withEdit(one, { id: 'b', body: 'more' }, 'less');
  expect(two.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(withEdit(two, { id: 'a', body: 'mended again' }, 'broken').at(-1)).toEqual({
    id: 'a',
    body: 'mended again',
  });
  expect(withEdit(two, { id: 'a', body: 'broken' }, 'broken')).toEqual([{ id: 'b', body: 'more' }]);
});

test('what is noted is read again, and a note of something else is nothing', () => {
  const drafts = [{ id: 'a', body: 'نص "quoted"\n' }];
  expect(draftsOf(noteOf(drafts))).toEqual(drafts);
  expect(noteOf([])).toBe('');
  for (const note of [null, '', 'x', '{}', '[1, null, {"id": "a"}]'])
    expect(draftsOf(note)).toEqual([]);
});

test('the newest edit is kept, and the others as far as there is room', () => {
  const long = (id: string) => ({ id, body: 'x'.repeat(2_000_000) });
  expect(draftsOf(noteOf([long('a'), long('b')])).map(({ id }) => id)).toEqual(['b']);
  expect(noteOf([{ id: 'a', body: 'x'.repeat(3_000_000) }])).toBeNull();
});
