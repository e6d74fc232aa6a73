import { namesStarting, typedAt, type Offer } from '../lib/complete';
import { commands } from '../lib/slash';
import { findEmoji, inTone, loadEmoji, type Emoji } from '../lib/emoji';
import { text } from '../lib/text';

/** Offered at once. */
const OFFERED = 8;

/** What the composer offers while one types a name, an emoji or a command. */
export class Completion {
  body = $state('');
  caret = $state(0);
  chosen = $state(0);
  /** Where Escape was pressed, until something else is typed. */
  #dismissed = $state<number | null>(null);
  // Whom an `@` may mean, and the emoji; read when the first one is typed.
  #names = $state.raw<string[] | null>(null);
  #emoji = $state.raw<Emoji[] | null>(null);

  constructor(
    private loadNames: () => Promise<string[]>,
    private tone: () => number,
  ) {}

  readonly typed = $derived(typedAt(this.body, this.caret));

  readonly offers: Offer[] = $derived.by(() => {
    const { typed } = this;
    if (!typed || typed.from === this.#dismissed) return [];
    if (typed.kind === 'mention')
      return namesStarting(this.#names ?? [], typed.prefix, OFFERED).map((name) => ({
        text: `@${name} `,
        label: name,
      }));
    if (typed.kind === 'emoji')
      return findEmoji(this.#emoji ?? [], typed.prefix, OFFERED).map((emoji) => {
        const shown = inTone(emoji, this.tone());
        return { text: `${shown} `, label: `${shown} :${emoji.shortcodes[0] ?? emoji.label}:` };
      });
    return commands
      .filter(({ name }) => name.startsWith(typed.prefix))
      .map(({ name }) => ({ text: `/${name} `, label: `/${name}`, hint: text.commands[name] }));
  });

  /** Reads what is needed for what is being typed. */
  async prepare() {
    if (this.typed?.kind === 'mention') this.#names ??= await this.loadNames();
    if (this.typed?.kind === 'emoji') this.#emoji ??= await loadEmoji();
  }

  /** The emoji with this shortcode, if the emoji were read. */
  emojiOf(code: string): string | null {
    const emoji = this.#emoji?.find((one) => one.shortcodes.includes(code));
    return emoji ? inTone(emoji, this.tone()) : null;
  }

  moved(caret: number) {
    this.caret = caret;
    this.chosen = 0;
    if (this.typed?.from !== this.#dismissed) this.#dismissed = null;
  }

  /** Keys that the list takes while it is there: answers what was chosen, or whether it took the key. */
  takes(key: string): Offer | boolean {
    if (this.offers.length === 0) return false;
    const by = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (by) this.chosen = (this.chosen + by + this.offers.length) % this.offers.length;
    else if (key === 'Enter' || key === 'Tab') return this.offers[this.chosen]!;
    else if (key === 'Escape') this.#dismissed = this.typed!.from;
    else return false;
    return true;
  }
}
