import { expect, test } from 'vitest';
import { Completion } from './completion.svelte';

/** Returns the completion after `body` was typed, with the members `homer`, `hood` and `oak`. */
async function typing(body: string) {
  const completion = new Completion(
    () =>
      Promise.resolve(['homer', 'hood', 'oak', 'all'].map((name) => ({ username: name, name }))),
    () => 0,
  );
  completion.body = body;
  completion.moved(body.length);
  await completion.prepare();
  return completion;
}
const taken = (answer: ReturnType<Completion['takes']>) =>
  typeof answer === 'boolean' ? answer : answer.text;

test('Enter sends what was written though something is offered', async () => {
  const completion = await typing("I'm @home");
  expect(completion.offers.map(({ label }) => label)).toEqual(['homer']);
  expect(completion.chosen).toBe(-1);
  expect(completion.takes('Enter')).toBe(false);
  expect(taken(completion.takes('Tab'))).toBe('@homer ');
  expect((await typing('nice :tad')).takes('Enter')).toBe(false);
  expect((await typing('/mut')).takes('Enter')).toBe(false);
});

test('letters that follow a name without a space stay, and Enter sends them', async () => {
  const completion = await typing('@oakさん');
  expect(completion.offers.map(({ text }) => text)).toEqual(['@oakさん']);
  expect(completion.takes('Enter')).toBe(false);
  expect(taken(completion.takes('Tab'))).toBe('@oakさん');
  completion.dismiss();
  expect(completion.offers).toEqual([]);
  expect(completion.takes('Tab')).toBe(false);
});

test('Enter takes what the arrows chose, until something else is typed', async () => {
  const completion = await typing('@ho');
  expect(completion.takes('ArrowDown')).toBe(true);
  expect(taken(completion.takes('Enter'))).toBe('@hood ');
  completion.takes('ArrowDown');
  expect(taken(completion.takes('Enter'))).toBe('@homer ');
  completion.takes('ArrowDown');
  expect(completion.chosen).toBe(0);
  completion.takes('ArrowUp');
  expect(completion.chosen).toBe(1);
  completion.body = '@hom';
  completion.moved(4);
  expect(completion.takes('Enter')).toBe(false);
});

test('Enter takes what was typed to its end', async () => {
  expect(taken((await typing('hi @oak')).takes('Enter'))).toBe('@oak ');
  expect(taken((await typing('/mute')).takes('Enter'))).toBe('/mute ');
  const emoji = await typing(':tada');
  expect(taken(emoji.takes('Enter'))).toBe('🎉 ');
});
