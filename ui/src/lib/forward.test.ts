import { expect, test } from 'vitest';
import type { TimelineItem } from '../ipc';
import { copied, forwarded } from './forward';

const item = (sender: string, body: string) =>
  ({ sender, body, files: [], sentAt: 0 }) as unknown as TimelineItem;

test('what is forwarded names its author and is a quote of it, markup in names or not', () => {
  expect(forwarded([item('a*b*', 'one\n```\ncode\n```')], '#x')).toMatch(
    /^> \*\*a\\\*b\\\*\*\* in \\#x, .+:\n> \n> one\n> ```\n> code\n> ```$/,
  );
});

test('nothing in what is forwarded mentions anybody: each line is in a quote', () => {
  const items = [item('@wren', '@all\n\n@oak'), item('here\nagain', 'two')];
  for (const line of forwarded(items, '@all\nhands').split('\n'))
    expect(line === '' || line.startsWith('> ')).toBe(true);
});

test('one message is copied as it stands, several with who said them', () => {
  expect(copied([item('wren', 'hello')])).toBe('hello');
  expect(copied([item('wren', 'a'), item('oak', 'b')])).toMatch(/^\[.+\] wren: a\n\[.+\] oak: b$/);
});
