import {
  mentionWithSpace,
  matchPeople,
  typedPrefixAt,
  type Mentionable,
  type CompletionOption,
} from '../lib/complete';
import { commands } from '../lib/slash';
import { findEmoji, withSkinTone, loadEmoji, type Emoji } from '../lib/emoji';
import { text } from '../lib/text';

const MAX_OPTIONS = 8;

/** The completion of a name, an emoji or a command in the composer. */
export class Completion {
  body = $state('');
  caret = $state(0);
  /** The index to which the arrow keys moved, null until they are pressed. */
  #movedTo = $state<number | null>(null);
  /** The start of the prefix for which Escape was pressed or an option was inserted, until the text changes. */
  #dismissed = $state<number | null>(null);
  // The people who can be mentioned, and the emoji. Both are loaded when they are first needed.
  #people = $state.raw<Mentionable[] | null>(null);
  #emoji = $state.raw<Emoji[] | null>(null);

  constructor(
    private loadPeople: () => Promise<Mentionable[]>,
    private tone: () => number,
  ) {}

  readonly typed = $derived(typedPrefixAt(this.body, this.caret));

  readonly options: CompletionOption[] = $derived.by(() => {
    const { typed } = this;
    if (!typed || typed.from === this.#dismissed) return [];
    if (typed.kind === 'mention') {
      const { people, textAfter } = matchPeople(this.#people ?? [], typed.prefix, MAX_OPTIONS);
      return people.map(({ username, name }) => ({
        text: mentionWithSpace(username, textAfter),
        label: name,
        name: username,
        hint: name === username ? undefined : `@${username}`,
      }));
    }
    if (typed.kind === 'emoji')
      return findEmoji(this.#emoji ?? [], typed.prefix, MAX_OPTIONS).map((emoji) => {
        const shown = withSkinTone(emoji, this.tone());
        const exact = emoji.shortcodes.find((code) => code === typed.prefix);
        const name = exact ?? emoji.shortcodes[0] ?? emoji.label;
        return { text: `${shown} `, label: `${shown} :${name}:`, name };
      });
    return commands
      .filter(({ name }) => name.startsWith(typed.prefix))
      .map(({ name }) => ({
        text: `/${name} `,
        label: `/${name}`,
        name,
        hint: text.commands[name],
      }));
  });

  /**
   * The index of the option that Enter inserts: the one to which the arrow keys moved, or one that is typed in full. -1 for
   * none.
   */
  readonly selected: number = $derived(
    this.#movedTo ?? this.options.findIndex(({ name }) => name === this.typed?.prefix),
  );

  /** Loads the data that the completion of the typed text needs. */
  async prepare() {
    if (this.typed?.kind === 'mention') this.#people ??= await this.loadPeople();
    if (this.typed?.kind === 'emoji') this.#emoji ??= await loadEmoji();
  }

  /** Returns the emoji with this shortcode, or null if there is none or the emoji are not loaded. */
  emojiOf(code: string): string | null {
    const emoji = this.#emoji?.find((emoji) => emoji.shortcodes.includes(code));
    return emoji ? withSkinTone(emoji, this.tone()) : null;
  }

  /** Hides the options for the typed text. */
  dismiss() {
    this.#dismissed = this.typed?.from ?? null;
  }

  moveCaret(caret: number) {
    this.caret = caret;
    this.#movedTo = null;
    if (this.typed?.from !== this.#dismissed) this.#dismissed = null;
  }

  /**
   * Handles a key while the list is shown. Returns the option to insert, or whether the key was handled. Tab inserts
   * the first option. Enter inserts only a selected one or one that is typed in full, since a user who writes "I'm @home"
   * wants to send it.
   */
  handleKey(key: string): CompletionOption | boolean {
    const { options, selected } = this;
    if (options.length === 0) return false;
    if (key === 'ArrowDown') this.#movedTo = (selected + 1) % options.length;
    else if (key === 'ArrowUp') this.#movedTo = (selected > 0 ? selected : options.length) - 1;
    else if (key === 'Tab') return options[Math.max(selected, 0)]!;
    else if (key === 'Enter') return options[selected] ?? false;
    else if (key === 'Escape') this.dismiss();
    else return false;
    return true;
  }
}
