/** Every setting of the window: its name, what it may be, and how far it reaches. Nothing else names one. */
import { waitingOf, type Waiting } from './deleting';
import { draftsOf, noteOf, type EditDraft } from './edit-drafts';
import { OFTEN } from './emoji';

/**
 * For whom it is: all devices of a user, by way of the server; this device, with the account's files; one
 * conversation there; or the page, which has it also before an account is open.
 */
export type Scope = 'allDevices' | 'thisDevice' | 'conversation' | 'page';

/** How a value is stored. */
type Kind<T> = {
  /** The value of what is stored; undefined if that is none. */
  read: (stored: string) => T | undefined;
  /** null if it cannot be stored. */
  write: (value: T) => string | null;
};

export type Setting<T, S extends Scope = Scope> = Kind<T> & {
  name: string;
  scope: S;
  /** What it is until somebody chose, or where what is stored is no value. */
  otherwise: T;
};

const setting = <T, S extends Scope>(
  scope: S,
  name: string,
  otherwise: T,
  kind: Kind<T>,
): Setting<T, S> => ({ scope, name, otherwise, ...kind });

const oneOf = <T extends string>(values: readonly T[]): Kind<T> => ({
  read: (stored) => values.find((value) => value === stored),
  write: (value) => value,
});
const numberThat = (is: (n: number) => boolean): Kind<number> => ({
  read: (stored) => (stored !== '' && is(Number(stored)) ? Number(stored) : undefined),
  write: String,
});
const either = (yes: string, no: string): Kind<boolean> => ({
  read: (stored) => (stored === yes ? true : stored === no ? false : undefined),
  write: (on) => (on ? yes : no),
});
const YES_NO = either('yes', 'no');
const WORDS: Kind<string[]> = {
  read: (stored) => (stored === '' ? undefined : stored.split(' ')),
  write: (words) => words.join(' '),
};

export const THEMES = ['system', 'light', 'dark'] as const;
const THEME = oneOf(THEMES);
/** Percent of the system's size of text. */
export const ZOOM_STEPS = [70, 80, 90, 100, 110, 125, 150, 175, 200];
const SKIN_TONES = 5;

export const SETTINGS = {
  theme: setting('thisDevice', 'theme', 'system', THEME),
  /** Whether messages stand close together. */
  isCompact: setting('thisDevice', 'density', false, either('compact', 'comfortable')),
  /** Minutes after which nobody is taken to be there; 0 for never. */
  lockAfter: setting(
    'thisDevice',
    'lock_after',
    0,
    numberThat((n) => n >= 0),
  ),
  /** Whether Enter sends; else it breaks the line, and Ctrl+Enter sends. */
  sendsOnEnter: setting('allDevices', 'send_on_enter', true, YES_NO),
  /** Whether others see that one is writing. */
  tellsTyping: setting('allDevices', 'tell_typing', true, YES_NO),
  /** Whether others see how far one has read. */
  tellsReading: setting('allDevices', 'tell_reading', true, YES_NO),
  /** Emoji that were used last, the newest first. */
  recentEmoji: setting('thisDevice', 'emoji_recent', OFTEN, WORDS),
  /** 1 (light) to 5 (dark); 0 for none. */
  skinTone: setting(
    'thisDevice',
    'emoji_tone',
    0,
    numberThat((n) => n >= 0 && n <= SKIN_TONES),
  ),
  /** Deletions that can still be taken back. */
  deletions: setting<Waiting[], 'thisDevice'>('thisDevice', 'deletions', [], {
    read: waitingOf,
    write: JSON.stringify,
  }),
  /** What is written into messages that are being edited. */
  edits: setting<EditDraft[], 'conversation'>('conversation', 'edits', [], {
    read: draftsOf,
    write: noteOf,
  }),
  /** The theme that was shown last. */
  shownTheme: setting('page', 'theme', 'system', THEME),
  zoom: setting(
    'page',
    'zoom',
    100,
    numberThat((n) => ZOOM_STEPS.includes(n)),
  ),
  language: setting('page', 'language', 'en', { read: (tag) => tag || undefined, write: String }),
};

/** What a setting is, by what is stored of it. */
export const valueOf = <T>({ read, otherwise }: Setting<T>, stored: string | null | undefined): T =>
  read(stored ?? '') ?? otherwise;

/** A setting of the page. */
export const onPage = <T>(setting: Setting<T, 'page'>): T =>
  valueOf(setting, localStorage.getItem(setting.name));

/** Keeps one; what it is anyway is not stored. */
export function setOnPage<T>({ name, otherwise, write }: Setting<T, 'page'>, value: T) {
  const written = value === otherwise ? null : write(value);
  if (written === null) localStorage.removeItem(name);
  else localStorage.setItem(name, written);
}
