import { expect, test } from 'vitest';
import { getDesktopTexts } from './desktop-texts';
import { pauseUntil, parseQuietHours, serializeQuietHours, withKeyword } from './notifications';

test('quiet hours are the same after storing and loading', () => {
  const days = [true, true, true, true, true, false, false];
  const hours = { days, from: '18:30', to: '08:00', zone: 'Europe/Vienna' };
  const words = ['1111100', '1110', '480', 'Europe/Vienna'];
  expect(serializeQuietHours(hours)).toEqual(words);
  expect(parseQuietHours(words)).toEqual(hours);
  expect([parseQuietHours(['off']), parseQuietHours(['11', '0', '1', 'UTC'])]).toEqual([
    null,
    null,
  ]);
});

test('a pause until tomorrow ends at 8:00', () => {
  const noon = new Date(2026, 10, 16, 12, 0).getTime();
  expect(pauseUntil('halfHour', noon) - noon).toBe(1_800_000);
  expect(pauseUntil('twoHours', noon) - noon).toBe(7_200_000);
  expect(new Date(pauseUntil('tomorrow', noon))).toEqual(new Date(2026, 10, 17, 8, 0));
});

test('the texts of notifications use the plural rules of the language', () => {
  const { messages, conversations } = getDesktopTexts();
  expect([messages[0], messages[36], messages.at(-1)]).toEqual([
    ...['1 message', '37 messages', 'More than 99 messages'],
  ]);
  expect([conversations[0], conversations[4]]).toEqual(['1 conversation', '5 conversations']);
});

test('a keyword is added once, in whatever letter case', () => {
  expect(withKeyword(['oak'], ' OAK ')).toEqual(['oak']);
  expect(withKeyword(['οδοσ'], 'ΟΔΟΣ')).toEqual(['οδοσ']);
  expect(withKeyword(['jose'], 'José')).toEqual(['jose', 'José']);
});
