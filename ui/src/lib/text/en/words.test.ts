import { describe, expect, test } from 'vitest';
import { en } from '.';
import { sentencesOf } from '../sentences';
import failures from './failures.ts?raw';
import refusals from './refusals.ts?raw';

const sentences = [...sentencesOf(en)];

test('actions have the names that other chat programs use', () => {
  expect(en.unpin).toBe('Unpin');
  expect(en.unpinConversation).toBe('Unpin');
  expect(en.pinConversation).toBe('Pin conversation');
  expect(en.reply).toBe('Reply');
  expect(en.replyingTo).toBe('Replying to');
  expect(en.cancelReply).toBe('Cancel reply');
  expect(en.transferOwnership).toBe('Transfer ownership…');
  expect(en.hide).toBe('Hide until the next message');
  expect(en.unhide).toBe('Show in list');
  expect(en.mute.ever).toBe('Mute until I unmute');
  expect(en.unmarkUnread).toBe('Mark as read');
  expect(en.archive).toBe('Archive group');
  expect(en.unarchive).toBe('Unarchive group');
  expect(en.removeAdministrator).toBe('Remove administrator role');
  expect(en.unsave).toBe('Remove from saved');
  expect(en.verify).toBe('Verify now');
  expect(en.actions.transfer).toBe('Transfer ownership');
});

/** Words that the glossary replaces. */
const REPLACED = [
  /\banswer(?:ing)?\b/i,
  /\bfetch(?:ed|es|ing)?\b|\banew\b/i,
  /\bmend(?:ed)?\b/i,
  /\bhand(?:ing)? .*\bover\b/i,
  /\bput (?:away|back)\b|\bfor ever\b/i,
  /\bwas said\b|\bis said\b/i,
  /\bis writing\b|\bare writing\b/i,
  /\bkey of (?:its|your) files\b/i,
  /\bthis run\b/i,
  /\bDo not .* any more\b/,
];

test.each(REPLACED)('no sentence contains %s', (words) => {
  expect(sentences.filter(([, sentence]) => words.test(sentence))).toEqual([]);
});

test('labels are in sentence case: only names have a capital after the first word', () => {
  const names =
    /^(?:Apache|BSD|GB|GIF|JPEG|KB|KiB|LGPL|License|Linux|MB|MIT|P|PNG|S|HTTP|SQLCipher|SQLite|Svelte|Tauri|WebKitGTK|WebP|WebSocket|Upgrade|Connection|Parlour|Enter|Ctrl|Shift|Esc|Tab|ID|ms|Settings|Activity)\b/;
  const wrong = sentences.filter(([, sentence]) =>
    sentence.split(/[.:?…·;,()“”"]+\s*/).some((part) =>
      part
        .split(/\s+/)
        .slice(1)
        .some((word) => /^\p{Lu}/u.test(word) && !names.test(word) && word !== 'I'),
    ),
  );
  expect(wrong).toEqual([]);
});

test.each([failures, refusals])('a sentence has its limit from the limits', (source) => {
  expect(source.replaceAll(/\$\{[^}]*\}/g, '').match(/.*\b(?:\d{2,}|[2-9])\b.*/g)).toBeNull();
});

describe('only sentences end with a full stop', () => {
  /** Labels, buttons and titles: texts of few words that are not sentences. */
  const labels = sentences.filter(([, sentence]) => sentence.split(/\s+/).length <= 2);
  test.each(labels)('%s: %s', (key, label) => {
    // These are short sentences in a notice.
    if (['copied', 'inviteLinkCopied'].includes(key)) return;
    expect(label).not.toMatch(/[^.]\.$/);
  });
});

test('a button that asks for more ends with an ellipsis', () => {
  for (const label of [
    en.forward,
    en.jumpToDate,
    en.addPeople,
    en.addAccount,
    en.revokeMenu,
    en.exportMore,
  ])
    expect(label).toMatch(/\p{L}…$/u);
});
