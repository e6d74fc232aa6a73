import { expect, test } from 'vitest';
import { Completion } from './completion.svelte';

/** Returns the completion after `body` was typed, with the members `homer`, `hood` and `oak`. */
async function completionOf(body: string) {
  const completion = new Completion(
    () =>
      Promise.resolve(['homer', 'hood', 'oak', 'all'].map((name) => ({ username: name, name }))),
    () => 0,
  );
  completion.body = body;
  completion.moveCaret(body.length);
  await completion.prepare();
  return completion;
}
const insertedText = (result: ReturnType<Completion['handleKey']>) =>
  typeof result === 'boolean' ? result : result.text;

test('Enter sends the text if no option was chosen', async () => {
  const completion = await completionOf("I'm @home");
  expect(completion.options.map(({ label }) => label)).toEqual(['homer']);
  expect(completion.selected).toBe(-1);
  expect(completion.handleKey('Enter')).toBe(false);
  expect(insertedText(completion.handleKey('Tab'))).toBe('@homer ');
  expect((await completionOf('nice :tad')).handleKey('Enter')).toBe(false);
  expect((await completionOf('/mut')).handleKey('Enter')).toBe(false);
});

test('text after a name without a space is kept, and Enter sends it', async () => {
  const completion = await completionOf('@oakさん');
  expect(completion.options.map(({ text }) => text)).toEqual(['@oakさん']);
  expect(completion.handleKey('Enter')).toBe(false);
  expect(insertedText(completion.handleKey('Tab'))).toBe('@oakさん');
  completion.dismiss();
  expect(completion.options).toEqual([]);
  expect(completion.handleKey('Tab')).toBe(false);
});

test('Enter inserts the option that the arrow keys chose, until the text changes', async () => {
  const completion = await completionOf('@ho');
  expect(completion.handleKey('ArrowDown')).toBe(true);
  expect(insertedText(completion.handleKey('Enter'))).toBe('@hood ');
  completion.handleKey('ArrowDown');
  expect(insertedText(completion.handleKey('Enter'))).toBe('@homer ');
  completion.handleKey('ArrowDown');
  expect(completion.selected).toBe(0);
  completion.handleKey('ArrowUp');
  expect(completion.selected).toBe(1);
  completion.body = '@hom';
  completion.moveCaret(4);
  expect(completion.handleKey('Enter')).toBe(false);
});

test('Enter inserts an option that was typed in full', async () => {
  expect(insertedText((await completionOf('hi @oak')).handleKey('Enter'))).toBe('@oak ');
  expect(insertedText((await completionOf('/mute')).handleKey('Enter'))).toBe('/mute ');
  const emoji = await completionOf(':tada');
  expect(insertedText(emoji.handleKey('Enter'))).toBe('🎉 ');
});
