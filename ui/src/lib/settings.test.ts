import { expect, test } from 'vitest';
import { readPageSetting, writePageSetting, SETTINGS, valueOf, type Setting } from './settings';

const all = Object.entries(SETTINGS) as unknown as [string, Setting<unknown>][];

test.each(all)('%s has the same value after storing and loading', (_, setting) => {
  const stored = setting.write(setting.defaultValue);
  expect(valueOf(setting, stored)).toEqual(setting.defaultValue);
  expect(valueOf(setting, null)).toEqual(setting.defaultValue);
});

test('the stored format is that of earlier versions', () => {
  const { theme, isCompact, lockAfter, sendsOnEnter, recentEmoji, skinTone } = SETTINGS;
  const written = [
    theme.write('dark'),
    isCompact.write(true),
    isCompact.write(false),
    lockAfter.write(15),
    sendsOnEnter.write(false),
    recentEmoji.write(['👍', '🎉']),
    skinTone.write(3),
    SETTINGS.deletions.write([{ conversation: 'c', id: 'm', seq: 1 }]),
    SETTINGS.edits.write([{ id: 'm', body: 'b' }]),
    SETTINGS.edits.write([]),
  ];
  expect(written).toEqual([
    ...['dark', 'compact', 'comfortable', '15', 'no', '👍 🎉', '3'],
    '[{"conversation":"c","id":"m","seq":1}]',
    '[{"id":"m","body":"b"}]',
    '',
  ]);
  const names = all.map(([, { name, scope }]) => `${scope} ${name}`);
  expect(names).toEqual([
    ...['thisDevice theme', 'thisDevice density', 'thisDevice lock_after'],
    ...['allDevices send_on_enter', 'allDevices tell_typing', 'allDevices tell_reading'],
    ...['allDevices tell_presence', 'allDevices tell_last_seen'],
    ...['allDevices notify_direct', 'allDevices notify_mention', 'allDevices notify_all'],
    ...['allDevices notify_reply', 'allDevices notify_reaction', 'allDevices notify_keyword'],
    ...['allDevices notify_other', 'conversationOnAllDevices notify_in'],
    ...['allDevices notify_keywords', 'allDevices notify_quiet', 'allDevices notify_paused_until'],
    ...['allDevices notify_exceptions', 'conversationOnAllDevices reactions_seen'],
    ...['thisDevice notify_shows', 'thisDevice notify_sound'],
    ...['thisDevice emoji_recent', 'thisDevice emoji_tone', 'thisDevice deletions'],
    ...['conversation edits', 'page theme', 'page zoom', 'page language'],
  ]);
});

test.each([
  [SETTINGS.theme, 'purple'],
  [SETTINGS.isCompact, 'yes'],
  [SETTINGS.lockAfter, 'soon'],
  [SETTINGS.lockAfter, '-5'],
  [SETTINGS.sendsOnEnter, 'maybe'],
  [SETTINGS.notifyDirect, 'loud'],
  [SETTINGS.keywords, '[1]'],
  [SETTINGS.recentEmoji, ''],
  [SETTINGS.skinTone, '17'],
  [SETTINGS.deletions, '{"a":1}'],
  [SETTINGS.edits, 'no JSON'],
  [SETTINGS.zoom, '101'],
] as [Setting<unknown>, string][])(
  'an invalid stored value gives the default',
  (setting, stored) => {
    expect(valueOf(setting, stored)).toEqual(setting.defaultValue);
  },
);

test('a page setting is stored only if it differs from the default', () => {
  writePageSetting(SETTINGS.zoom, 125);
  expect([localStorage.getItem('zoom'), readPageSetting(SETTINGS.zoom)]).toEqual(['125', 125]);
  writePageSetting(SETTINGS.zoom, 100);
  expect([localStorage.getItem('zoom'), readPageSetting(SETTINGS.zoom)]).toEqual([null, 100]);
});
