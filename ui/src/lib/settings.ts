/**
 * Every setting of the window, by the program's registry (crates/store/src/registry.rs): what it may be, how far it
 * reaches, and what it is until somebody chose. Nothing else names one.
 */
import { settings as registry } from '../ipc';
import { waitingOf, type Waiting } from './deleting';
import { draftsOf, noteOf, type EditDraft } from './edit-drafts';

type Registry = typeof registry;
type Key = keyof Registry;
type Registered = Registry[Key];

/**
 * For whom it is: all devices of a user, by way of the server; this device, with the account's files; one
 * conversation there; or the page, which has it also before an account is open.
 */
export type Scope = Registered['scope'];

/** How a value is stored. */
type Kind<T> = {
  /** The value of what is stored; undefined if that is none. */
  read: (stored: string) => T | undefined;
  /** null if it cannot be stored. */
  write: (value: T) => string | null;
};

export type Setting<T, S extends Scope = Scope> = Kind<T> & {
  key: Key;
  /** Under which it is stored. */
  name: string;
  scope: S;
  /** What it is until somebody chose, or where what is stored is no value. */
  otherwise: T;
};

/** What a setting of a kind is. */
type Value<K extends Registered['kind']> = K extends { is: 'word'; of: readonly (infer Word)[] }
  ? Word
  : K extends { is: 'switch' }
    ? boolean
    : K extends { is: 'number' | 'step' }
      ? number
      : K extends { is: 'words' }
        ? string[]
        : K extends { is: 'text' }
          ? string
          : never;

const numberThat = (is: (n: number) => boolean): Kind<number> => ({
  read: (stored) => (/^-?\d+$/.test(stored) && is(Number(stored)) ? Number(stored) : undefined),
  write: String,
});
const either = (yes: string, no: string): Kind<boolean> => ({
  read: (stored) => (stored === yes ? true : stored === no ? false : undefined),
  write: (on) => (on ? yes : no),
});
const oneOf = (words: readonly string[]): Kind<string> => ({
  read: (stored) => words.find((word) => word === stored),
  write: String,
});
const WORDS: Kind<string[]> = {
  read: (stored) => (stored === '' ? undefined : stored.split(' ')),
  write: (words) => words.join(' '),
};
const TEXT: Kind<string> = { read: (stored) => stored || undefined, write: String };

function kindOf(kind: Exclude<Registered['kind'], { is: 'list' }>) {
  switch (kind.is) {
    case 'word':
      return oneOf(kind.of);
    case 'switch':
      return either(kind.on, kind.off);
    case 'number':
      return numberThat((n) => n >= kind.least && n <= kind.most);
    case 'step':
      return numberThat((n) => (kind.of as readonly number[]).includes(n));
    case 'words':
      return WORDS;
    case 'text':
      return TEXT;
  }
}

const keptAs = <K extends Key, T>(key: K, kind: Kind<T>): Setting<T, Registry[K]['scope']> => {
  const { name, scope, otherwise } = registry[key];
  return { key, name, scope, otherwise: kind.read(otherwise)!, ...kind };
};
type Simple = { [K in Key]: Registry[K]['kind'] extends { is: 'list' } ? never : K }[Key];
/** One as it is registered. */
const registered = <K extends Simple>(key: K) =>
  keptAs(key, kindOf(registry[key].kind) as unknown as Kind<Value<Registry[K]['kind']>>);

export const THEMES = registry.theme.kind.of;
/** Percent of the system's size of text. */
export const ZOOM_STEPS: readonly number[] = registry.zoom.kind.of;

export const SETTINGS = {
  theme: registered('theme'),
  /** Whether messages stand close together. */
  isCompact: registered('isCompact'),
  /** Minutes after which nobody is taken to be there; 0 for never. */
  lockAfter: registered('lockAfter'),
  /** Whether Enter sends; else it breaks the line, and Ctrl+Enter sends. */
  sendsOnEnter: registered('sendsOnEnter'),
  /** Whether others see that one is writing. */
  tellsTyping: registered('tellsTyping'),
  /** Whether others see how far one has read. */
  tellsReading: registered('tellsReading'),
  /** Emoji that were used last, the newest first. */
  recentEmoji: registered('recentEmoji'),
  /** 1 (light) to 5 (dark); 0 for none. */
  skinTone: registered('skinTone'),
  /** Deletions that can still be taken back. */
  deletions: keptAs<'deletions', Waiting[]>('deletions', {
    read: waitingOf,
    write: JSON.stringify,
  }),
  /** What is written into messages that are being edited. */
  edits: keptAs<'edits', EditDraft[]>('edits', { read: draftsOf, write: noteOf }),
  /** The theme that was shown last. */
  shownTheme: registered('shownTheme'),
  zoom: registered('zoom'),
  language: registered('language'),
} satisfies { [K in Key]: { scope: Registry[K]['scope'] } };

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
