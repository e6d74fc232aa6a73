import { limits } from '../ipc';
import { lowerCase } from './fold';

/** The settings with the level of each cause, in the order of the dialog. */
export const CAUSES = [
  'notifyDirect',
  'notifyMention',
  'notifyAll',
  'notifyReply',
  'notifyReaction',
  'notifyKeyword',
  'notifyOther',
] as const;
export const LEVELS = ['off', 'silent', 'alert'] as const;
export type Level = (typeof LEVELS)[number];

/** The durations for which notifications can be paused. */
export const PAUSES = ['halfHour', 'twoHours', 'tomorrow'] as const;

/** Returns the end of a pause that begins at `now`: after a number of minutes, or tomorrow at 8:00. */
export function pauseUntil(name: (typeof PAUSES)[number], now: number): number {
  if (name !== 'tomorrow') return now + (name === 'halfHour' ? 30 : 120) * 60_000;
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  return tomorrow.setHours(8, 0, 0, 0);
}

/** Returns the next 23 full hours after `now`. */
export function nextHours(now: number): number[] {
  const next = new Date(now);
  const first = next.setHours(next.getHours() + 1, 0, 0, 0);
  return Array.from({ length: 23 }, (_, index) => first + index * 3_600_000);
}

/** Adds a keyword. Returns null if there would be too many, or if it is too long. */
export function withKeyword(keywords: string[], added: string): string[] | null {
  const word = added.trim().replace(/\s+/g, ' ');
  const isKnown = keywords.some((keyword) => lowerCase(keyword) === lowerCase(word));
  if (word === '' || isKnown) return keywords;
  if (keywords.length >= limits.keywords || [...word].length > limits.keywordChars) return null;
  return [...keywords, word];
}

/** Quiet hours: the days on which they begin, from Monday, and their start and end, like `18:30`. */
export type QuietHours = { days: boolean[]; from: string; to: string; zone: string };

const formatMinutes = (minutes: number) =>
  [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0')).join(':');
const parseMinutes = (time: string) => {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
};

/** Parses the stored quiet hours. Returns null if there are none. */
export function parseQuietHours(words: string[]): QuietHours | null {
  const [days, from, to, zone] = words;
  if (words.length !== 4 || !/^[01]{7}$/.test(days!)) return null;
  return {
    days: [...days!].map((day) => day === '1'),
    from: formatMinutes(Number(from)),
    to: formatMinutes(Number(to)),
    zone: zone!,
  };
}

/** Returns quiet hours in the form in which they are stored. */
export const serializeQuietHours = ({ days, from, to, zone }: QuietHours): string[] => [
  days.map((day) => (day ? '1' : '0')).join(''),
  String(parseMinutes(from)),
  String(parseMinutes(to)),
  zone,
];
