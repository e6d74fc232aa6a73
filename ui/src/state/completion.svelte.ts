import {
  separatedMention,
  peopleNamed,
  typedPrefixAt,
  type Mentionable,
  type CompletionOption,
} from '../lib/complete';
import { commands } from '../lib/slash';
import { findEmoji, withSkinTone, loadEmoji, type Emoji } from '../lib/emoji';
import { text } from '../lib/text';

/** Maximum number of options. */
const MAX_OPTIONS = 8;

/** The completion of a name, an emoji or a command in the composer. */
export class Completion {
  body = $state('');
  caret = $state(0);
  /** The index that the arrow keys chose, null until they are pressed. */
  #chosenIndex = $state<number | null>(null);
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
      const { people, rest } = peopleNamed(this.#people ?? [], typed.prefix, MAX_OPTIONS);
      return people.map(({ username, name }) => ({
        text: separatedMention(username, rest),
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
   * The index of the option that Enter inserts: the one that the arrow keys chose, or one that is typed in full. -1 for
   * none.
   */
  readonly chosen: number = $derived(
    this.#chosenIndex ?? this.options.findIndex(({ name }) => name === this.typed?.prefix),
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
    this.#chosenIndex = null;
    if (this.typed?.from !== this.#dismissed) this.#dismissed = null;
  }

  /**
   * Handles a key while the list is shown. Returns the option to insert, or whether the key was handled. Tab inserts
   * the first option. Enter inserts only a chosen one or one that is typed in full, since a user who writes "I'm @home"
   * wants to send it.
   */
  handleKey(key: string): CompletionOption | boolean {
    const { options, chosen } = this;
    if (options.length === 0) return false;
    if (key === 'ArrowDown') this.#chosenIndex = (chosen + 1) % options.length;
    else if (key === 'ArrowUp') this.#chosenIndex = (chosen > 0 ? chosen : options.length) - 1;
    else if (key === 'Tab') return options[Math.max(chosen, 0)]!;
    else if (key === 'Enter') return options[chosen] ?? false;
    else if (key === 'Escape') this.dismiss();
    else return false;
    return true;
  }
}
