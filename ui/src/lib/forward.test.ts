import { expect, test } from 'vitest';
import type { TimelineItem } from '../ipc';
import { copyText, forwardText } from './forward';

const item = (sender: string, body: string) =>
  ({ sender, body, files: [], sentAt: 0 }) as unknown as TimelineItem;

test('a forwarded message is a quote with its author and escaped names', () => {
  expect(forwardText([item('a*b*', 'one\n```\ncode\n```')], '#x')).toMatch(
    /^> \*\*a\\\*b\\\*\*\* in \\#x, .+:\n> \n> one\n> ```\n> code\n> ```$/,
  );
});

test('every line of a forwarded message is in a quote, so that it mentions nobody', () => {
  const items = [item('@wren', '@all\n\n@oak'), item('here\nagain', 'two')];
  for (const line of forwardText(items, '@all\nhands').split('\n'))
    expect(line === '' || line.startsWith('> ')).toBe(true);
});

test('a single message is copied as its text, several with their senders', () => {
  expect(copyText([item('wren', 'hello')])).toBe('hello');
  expect(copyText([item('wren', 'a'), item('oak', 'b')])).toMatch(
    /^\[.+\] wren: a\n\[.+\] oak: b$/,
  );
});
