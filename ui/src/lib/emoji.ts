/** Every emoji with its names (Unicode CLDR, by emojibase), loaded at the first use. */

/** An emoji in the format of emojibase. */
type EmojibaseEmoji = {
  hexcode: string;
  unicode: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
  skins?: { unicode: string; hexcode: string }[];
};

export type Emoji = {
  unicode: string;
  label: string;
  /** Words by which it can be found. */
  tags: string[];
  /** The names between colons, the shortest first. */
  shortcodes: string[];
  group: number;
  /** The variants with skin tones, from light to dark; empty if it has none. */
  tones: string[];
};

/** The groups in the order of the picker. Components (2) are left out, since they are not emoji on their own. */
export const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;

let cached: Promise<Emoji[]> | undefined;

/** Returns all emoji in the order of the picker. */
export function loadEmoji(): Promise<Emoji[]> {
  // A load that failed is retried at the next use.
  cached ??= read().catch((error: unknown) => {
    cached = undefined;
    throw error;
  });
  return cached;
}

async function read(): Promise<Emoji[]> {
  const [compact, github, emojibase] = await Promise.all([
    import('emojibase-data/en/compact.json'),
    import('emojibase-data/en/shortcodes/github.json'),
    import('emojibase-data/en/shortcodes/emojibase.json'),
  ]);
  const codes = (hexcode: string) => {
    const found = [github.default, emojibase.default].flatMap(
      (table) => (table as Record<string, string | string[]>)[hexcode] ?? [],
    );
    return [...new Set(found)].sort((a, b) => a.length - b.length);
  };
  return (compact.default as EmojibaseEmoji[])
    .filter((emoji) => (GROUPS as readonly (number | undefined)[]).includes(emoji.group))
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((emoji) => ({
      unicode: withoutRedundantSelector(emoji.unicode),
      label: emoji.label,
      tags: emoji.tags ?? [],
      shortcodes: codes(emoji.hexcode),
      group: emoji.group!,
      tones: (emoji.skins ?? []).slice(0, 5).map((skin) => withoutRedundantSelector(skin.unicode)),
    }));
}

/** Returns the emoji as keyboards write it: without the variation selector where the picture is the default anyway. */
const withoutRedundantSelector = (emoji: string) =>
  emoji.replace(/(\p{Emoji_Presentation})\ufe0f/gu, '$1');

/** Returns at most `limit` emoji that match a word, the best match first. */
export function findEmoji(emoji: Emoji[], word: string, limit: number): Emoji[] {
  const query = word.toLowerCase().replace(/^:|:$/g, '').replaceAll(' ', '_');
  if (query === '') return [];
  const rank = (emoji: Emoji) => {
    if (emoji.unicode === word || emoji.shortcodes.includes(query)) return 0;
    const label = emoji.label.toLowerCase().replaceAll(' ', '_');
    if (label.startsWith(query) || emoji.shortcodes.some((code) => code.startsWith(query)))
      return 1;
    const words = [...emoji.label.toLowerCase().split(/[\s:,-]+/), ...emoji.tags];
    if (words.some((word) => word.startsWith(query))) return 2;
    return emoji.shortcodes.some((code) => code.includes(query)) ? 3 : 4;
  };
  const ranked = emoji.map((item) => [rank(item), item] as const).filter(([rank]) => rank < 4);
  // The sort is stable: emoji of the same rank stay in Unicode's order.
  return ranked
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
    .slice(0, limit);
}

/** Returns an emoji in a skin tone, 1 (light) to 5 (dark), or 0 for none. */
export const withSkinTone = (emoji: Emoji, tone: number) => emoji.tones[tone - 1] ?? emoji.unicode;
