import { expect, test } from 'vitest';
import { operatorAt, suggestionsFor } from './operators';

const rooms = [
  { title: 'The workshop', kind: 'group' },
  { title: 'wren', kind: 'p2p' },
];
const people = (beginning: string) =>
  Promise.resolve(
    ['wren', 'Wren Oak']
      .filter((name) => name.toLowerCase().startsWith(beginning.toLowerCase()))
      .map((username) => ({ id: username, username })),
  );
const suggest = async (query: string) => {
  const operator = operatorAt(query, query.length);
  const found = operator ? await suggestionsFor(operator, rooms, people) : [];
  return found.map(({ from, to, text }) => query.slice(0, from) + text + query.slice(to));
};

test('the beginning of an operator becomes one', async () => {
  expect(await suggest('spesh fr')).toEqual(['spesh from:']);
  expect(await suggest('-ha')).toEqual(['-has:']);
  expect(await suggest('i')).toEqual([]);
  expect(await suggest('word')).toEqual([]);
});

test('what can stand behind it is offered', async () => {
  expect(await suggest('has:')).toEqual([
    'has:link ',
    'has:file ',
    'has:image ',
    'has:code ',
    'has:reaction ',
  ]);
  expect(await suggest('x -is:pi')).toEqual(['x -is:pinned ']);
  expect(await suggest('from:wr')).toEqual(['from:wren ', 'from:"Wren Oak" ']);
  expect(await suggest('from:"wren o')).toEqual(['from:"Wren Oak" ']);
  expect(await suggest('in:#the')).toEqual(['in:"The workshop" ']);
  expect(await suggest('fron:wr')).toEqual([]);
});

test('nothing is offered in the middle of a term', () => {
  expect(operatorAt('from:wren', 3)).toBeNull();
});
