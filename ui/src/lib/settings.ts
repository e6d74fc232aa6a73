/**
 * Every setting of the window, according to the program's registry (crates/store/src/registry.rs): its possible values,
 * its scope and its default. No other file contains their names.
 */
import { settings as registry } from '../ipc';
import { parseWaitingDeletions, type WaitingDeletion } from './deleting';
import { parseDrafts, serializeDrafts, type EditDraft } from './edit-drafts';

type Registry = typeof registry;
type Key = keyof Registry;
type Registered = Registry[Key];

/**
 * The scope of a setting: all devices of a user, through the server; this device, stored with the account's files; one
 * conversation on this device, or on all of them; or the page, where it is available even before an account is open.
 */
export type Scope = Registered['scope'];

/** Converts values from and to their stored form. */
type Format<T> = {
  /** Returns the value of a stored text; undefined if it is not valid. */
  read: (stored: string) => T | undefined;
  /** Returns the text to store; null if the value cannot be stored. */
  write: (value: T) => string | null;
};

export type Setting<T, S extends Scope = Scope> = Format<T> & {
  key: Key;
  /** The name under which it is stored. */
  name: string;
  scope: S;
  /** The default: the value if none is stored, or if the stored one is not valid. */
  defaultValue: T;
};

/** The type of the values of a kind of setting. */
type Value<K extends Registered['kind']> = K extends {
  type: 'word';
  values: readonly (infer Word)[];
}
  ? Word
  : K extends { type: 'switch' }
    ? boolean
    : K extends { type: 'number' | 'step' }
      ? number
      : K extends { type: 'words' }
        ? string[]
        : K extends { type: 'text' }
          ? string
          : never;

const numberWhere = (is: (n: number) => boolean): Format<number> => ({
  read: (stored) => (/^-?\d+$/.test(stored) && is(Number(stored)) ? Number(stored) : undefined),
  write: String,
});
const booleanOf = (yes: string, no: string): Format<boolean> => ({
  read: (stored) => (stored === yes ? true : stored === no ? false : undefined),
  write: (on) => (on ? yes : no),
});
const wordOf = (words: readonly string[]): Format<string> => ({
  read: (stored) => words.find((word) => word === stored),
  write: String,
});
const WORDS: Format<string[]> = {
  read: (stored) => (stored === '' ? undefined : stored.split(' ')),
  write: (words) => words.join(' '),
};
/** A JSON array of words; empty for none. */
const LIST: Format<string[]> = {
  read: (stored) => {
    try {
      const list: unknown = JSON.parse(stored || '[]');
      return Array.isArray(list) && list.every((word) => typeof word === 'string')
        ? list
        : undefined;
    } catch {
      return undefined;
    }
  },
  write: (words) => (words.length > 0 ? JSON.stringify(words) : ''),
};
const TEXT: Format<string> = { read: (stored) => stored || undefined, write: String };

function formatOf(kind: Exclude<Registered['kind'], { type: 'list' }>) {
  switch (kind.type) {
    case 'word':
      return wordOf(kind.values);
    case 'switch':
      return booleanOf(kind.on, kind.off);
    case 'number':
      return numberWhere((n) => n >= kind.min && n <= kind.max);
    case 'step':
      return numberWhere((n) => (kind.values as readonly number[]).includes(n));
    case 'words':
      return WORDS;
    case 'text':
      return TEXT;
  }
}

const createSetting = <K extends Key, T>(
  key: K,
  kind: Format<T>,
): Setting<T, Registry[K]['scope']> => {
  const { name, scope, defaultValue } = registry[key];
  return { key, name, scope, defaultValue: kind.read(defaultValue)!, ...kind };
};
type SimpleKey = { [K in Key]: Registry[K]['kind'] extends { type: 'list' } ? never : K }[Key];
/** Returns a setting as it is registered. */
const registered = <K extends SimpleKey>(key: K) =>
  createSetting(key, formatOf(registry[key].kind) as unknown as Format<Value<Registry[K]['kind']>>);

export const THEMES = registry.theme.kind.values;
/** The sizes of text, in percent of the system's. */
export const ZOOM_STEPS: readonly number[] = registry.zoom.kind.values;

export const SETTINGS = {
  theme: registered('theme'),
  /** Whether messages are shown close together. */
  isCompact: registered('isCompact'),
  /** Minutes without input after which the app locks; 0 for never. */
  lockAfter: registered('lockAfter'),
  /** Whether Enter sends. Otherwise Enter inserts a line break, and Ctrl+Enter sends. */
  sendsOnEnter: registered('sendsOnEnter'),
  /** Whether others see that the user is typing. */
  sharesTyping: registered('sharesTyping'),
  /** Whether others see how far the user has read. */
  sendsReadReceipts: registered('sendsReadReceipts'),
  /** Whether others see whether the user is online. */
  sharesPresence: registered('sharesPresence'),
  /** Whether others see when the user was last online. */
  sharesLastSeen: registered('sharesLastSeen'),
  /** How each cause notifies. */
  notifyDirect: registered('notifyDirect'),
  notifyMention: registered('notifyMention'),
  notifyAll: registered('notifyAll'),
  notifyReply: registered('notifyReply'),
  notifyReaction: registered('notifyReaction'),
  notifyKeyword: registered('notifyKeyword'),
  notifyOther: registered('notifyOther'),
  /** How a conversation notifies: the first word is the choice. */
  notifyIn: registered('notifyIn'),
  keywords: createSetting('keywords', LIST),
  /** `off`, or days, minutes and time zone; see `parseQuietHours`. */
  quietHours: registered('quietHours'),
  /** The time until which nothing alerts. */
  pausedUntil: registered('pausedUntil'),
  /** The ids of the people who may alert at any time. */
  exceptions: createSetting('exceptions', LIST),
  /** The change of a conversation up to which the user has seen the reactions. */
  reactionsSeen: registered('reactionsSeen'),
  notificationDetail: registered('notificationDetail'),
  notificationSound: registered('notificationSound'),
  /** The most recently used emoji, the newest first. */
  recentEmoji: registered('recentEmoji'),
  /** The skin tone of emoji, 1 (light) to 5 (dark), or 0 for none. */
  skinTone: registered('skinTone'),
  /** Deletions that can still be undone. */
  deletions: createSetting<'deletions', WaitingDeletion[]>('deletions', {
    read: parseWaitingDeletions,
    write: JSON.stringify,
  }),
  /** Unsent edits of messages. */
  edits: createSetting<'edits', EditDraft[]>('edits', {
    read: parseDrafts,
    write: serializeDrafts,
  }),
  /** The theme that was shown last. */
  shownTheme: registered('shownTheme'),
  zoom: registered('zoom'),
  language: registered('language'),
} satisfies { [K in Key]: { scope: Registry[K]['scope'] } };

/** Returns the value of a setting, given the stored text. */
export const valueOf = <T>(
  { read, defaultValue }: Setting<T>,
  stored: string | null | undefined,
): T => read(stored ?? '') ?? defaultValue;

/** Returns the value of a setting of the page. */
export const readPageSetting = <T>(setting: Setting<T, 'page'>): T =>
  valueOf(setting, localStorage.getItem(setting.name));

/** Stores a value of a setting of the page; removes the stored one if the value is the default or cannot be stored. */
export function writePageSetting<T>({ name, defaultValue, write }: Setting<T, 'page'>, value: T) {
  const stored = value === defaultValue ? null : write(value);
  if (stored === null) localStorage.removeItem(name);
  else localStorage.setItem(name, stored);
}
