import { mentionBefore, peopleNamed, typedAt, type Mentionable, type Offer } from '../lib/complete';
import { commands } from '../lib/slash';
import { findEmoji, inTone, loadEmoji, type Emoji } from '../lib/emoji';
import { text } from '../lib/text';

/** Number of offers shown at a time. */
const OFFERED = 8;

/** The composer's offers while the user types a name, an emoji or a command. */
export class Completion {
  body = $state('');
  caret = $state(0);
  /** The index that the arrow keys chose, null until they are pressed. */
  #at = $state<number | null>(null);
  /** Where the text starts for which Escape was pressed or an offer was taken, until something else is typed. */
  #dismissed = $state<number | null>(null);
  // The people whom an `@` may mean, and the emoji. Both are loaded when they are first needed.
  #people = $state.raw<Mentionable[] | null>(null);
  #emoji = $state.raw<Emoji[] | null>(null);

  constructor(
    private loadPeople: () => Promise<Mentionable[]>,
    private tone: () => number,
  ) {}

  readonly typed = $derived(typedAt(this.body, this.caret));

  readonly offers: Offer[] = $derived.by(() => {
    const { typed } = this;
    if (!typed || typed.from === this.#dismissed) return [];
    if (typed.kind === 'mention') {
      const { people, rest } = peopleNamed(this.#people ?? [], typed.prefix, OFFERED);
      return people.map(({ username, name }) => ({
        text: mentionBefore(username, rest),
        label: name,
        name: username,
        hint: name === username ? undefined : `@${username}`,
      }));
    }
    if (typed.kind === 'emoji')
      return findEmoji(this.#emoji ?? [], typed.prefix, OFFERED).map((emoji) => {
        const shown = inTone(emoji, this.tone());
        const typedOut = emoji.shortcodes.find((code) => code === typed.prefix);
        const name = typedOut ?? emoji.shortcodes[0] ?? emoji.label;
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
   * The index of the offer that Enter takes: the one that the arrow keys chose, or one that is typed in full. -1 for
   * none.
   */
  readonly chosen: number = $derived(
    this.#at ?? this.offers.findIndex(({ name }) => name === this.typed?.prefix),
  );

  /** Loads what the completion of the typed text needs. */
  async prepare() {
    if (this.typed?.kind === 'mention') this.#people ??= await this.loadPeople();
    if (this.typed?.kind === 'emoji') this.#emoji ??= await loadEmoji();
  }

  /** Returns the emoji with this shortcode, or null if there is none or the emoji are not loaded. */
  emojiOf(code: string): string | null {
    const emoji = this.#emoji?.find((one) => one.shortcodes.includes(code));
    return emoji ? inTone(emoji, this.tone()) : null;
  }

  /** Offers nothing more for the typed text. */
  dismiss() {
    this.#dismissed = this.typed?.from ?? null;
  }

  moved(caret: number) {
    this.caret = caret;
    this.#at = null;
    if (this.typed?.from !== this.#dismissed) this.#dismissed = null;
  }

  /**
   * Handles a key while the list is shown. Returns the chosen offer, or whether the key was handled. Tab takes the
   * likeliest offer. Enter takes only a chosen one or one that is typed in full, since a user who writes "I'm @home"
   * wants to send it.
   */
  takes(key: string): Offer | boolean {
    const { offers, chosen } = this;
    if (offers.length === 0) return false;
    if (key === 'ArrowDown') this.#at = (chosen + 1) % offers.length;
    else if (key === 'ArrowUp') this.#at = (chosen > 0 ? chosen : offers.length) - 1;
    else if (key === 'Tab') return offers[Math.max(chosen, 0)]!;
    else if (key === 'Enter') return offers[chosen] ?? false;
    else if (key === 'Escape') this.dismiss();
    else return false;
    return true;
  }
}
