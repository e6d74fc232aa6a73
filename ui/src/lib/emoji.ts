/** Every emoji with its names (Unicode CLDR, by emojibase), read when the first one is asked for. */

/** As emojibase writes it. */
type Compact = {
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
  /** Words that it is found by. */
  tags: string[];
  /** What stands between colons, the shortest first. */
  shortcodes: string[];
  group: number;
  /** The same with skin tones, from light to dark; none if it has no skin. */
  tones: string[];
};

/** Groups in the order of the picker; components (2) are no emoji of their own. */
export const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;

let all: Promise<Emoji[]> | undefined;

export function loadEmoji(): Promise<Emoji[]> {
  // One that failed to load is asked for again.
  all ??= read().catch((error: unknown) => {
    all = undefined;
    throw error;
  });
  return all;
}

async function read(): Promise<Emoji[]> {
  const [compact, github, own] = await Promise.all([
    import('emojibase-data/en/compact.json'),
    import('emojibase-data/en/shortcodes/github.json'),
    import('emojibase-data/en/shortcodes/emojibase.json'),
  ]);
  const codes = (hexcode: string) => {
    const found = [github.default, own.default].flatMap(
      (table) => (table as Record<string, string | string[]>)[hexcode] ?? [],
    );
    return [...new Set(found)].sort((a, b) => a.length - b.length);
  };
  return (compact.default as Compact[])
    .filter((emoji) => emoji.group !== undefined && emoji.group !== 2)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((emoji) => ({
      unicode: usual(emoji.unicode),
      label: emoji.label,
      tags: emoji.tags ?? [],
      shortcodes: codes(emoji.hexcode),
      group: emoji.group!,
      tones: (emoji.skins ?? []).slice(0, 5).map((skin) => usual(skin.unicode)),
    }));
}

/** As keyboards write it: nobody asks for the picture of what is a picture anyway. */
const usual = (emoji: string) => emoji.replace(/(\p{Emoji_Presentation})\ufe0f/gu, '$1');

/** Those that a word means, the likeliest first, at most `most`. */
export function findEmoji(emoji: Emoji[], word: string, most: number): Emoji[] {
  const low = word.toLowerCase().replace(/^:|:$/g, '').replaceAll(' ', '_');
  if (low === '') return [];
  const rank = (one: Emoji) => {
    if (one.unicode === word || one.shortcodes.includes(low)) return 0;
    const label = one.label.toLowerCase().replaceAll(' ', '_');
    if (label.startsWith(low) || one.shortcodes.some((code) => code.startsWith(low))) return 1;
    const words = [...one.label.toLowerCase().split(/[\s:,-]+/), ...one.tags];
    if (words.some((word) => word.startsWith(low))) return 2;
    return one.shortcodes.some((code) => code.includes(low)) ? 3 : 4;
  };
  const ranked = emoji.map((one) => [rank(one), one] as const).filter(([rank]) => rank < 4);
  // The sort is stable: equals stay in Unicode's order.
  return ranked
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)
    .slice(0, most);
}

/** In somebody's skin tone, 1 (light) to 5 (dark); 0 for none. */
export const inTone = (emoji: Emoji, tone: number) => emoji.tones[tone - 1] ?? emoji.unicode;
