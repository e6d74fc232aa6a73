/** Commands that can start a message in the composer. A text that names none of them is sent as it is, as is `//`. */
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

/** Returns the command in a text, if there is one. A command that needs more text is none without it. */
export function commandOf(body: string): Command | null {
  const match = /^\/([a-z]+)(?:[^\S\n]+([\s\S]*))?$/.exec(body.trimEnd());
  const known = commands.find(({ name }) => name === match?.[1]);
  const rest = match?.[2]?.trim() ?? '';
  return known && (rest !== '' || !known.asks) ? { name: known.name, rest } : null;
}
