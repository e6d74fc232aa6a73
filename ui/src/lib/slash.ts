/** Commands that begin a message in the composer. What names none of them is text, as is `//`. */
export const commands = [
  { name: 'me', asks: true },
  { name: 'shrug', asks: false },
  { name: 'topic', asks: true },
  { name: 'rename', asks: true },
  { name: 'invite', asks: true },
  { name: 'mute', asks: false },
  { name: 'unmute', asks: false },
  { name: 'search', asks: true },
] as const;

export type CommandName = (typeof commands)[number]['name'];
export type Command = { name: CommandName; rest: string };

/** The command that a text is, if it is one: one that asks for more without it is none. */
export function commandOf(body: string): Command | null {
  const match = /^\/([a-z]+)(?:[^\S\n]+([\s\S]*))?$/.exec(body.trimEnd());
  const known = commands.find(({ name }) => name === match?.[1]);
  const rest = match?.[2]?.trim() ?? '';
  return known && (rest !== '' || !known.asks) ? { name: known.name, rest } : null;
}
