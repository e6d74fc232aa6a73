/**
 * Commands that can start a message in the composer. Any other text is sent unchanged, also one that starts with `//`.
 */
export const commands = [
  { name: 'me', needsArgument: true },
  { name: 'shrug', needsArgument: false },
  { name: 'topic', needsArgument: true },
  { name: 'rename', needsArgument: true },
  { name: 'invite', needsArgument: true },
  { name: 'mute', needsArgument: false },
  { name: 'unmute', needsArgument: false },
  { name: 'search', needsArgument: true },
] as const;

export type CommandName = (typeof commands)[number]['name'];
export type Command = { name: CommandName; rest: string };

/** Returns the command in a text, or null. A command that needs an argument is not recognized without one. */
export function parseCommand(body: string): Command | null {
  const match = /^\/([a-z]+)(?:[^\S\n]+([\s\S]*))?$/.exec(body.trimEnd());
  const known = commands.find(({ name }) => name === match?.[1]);
  const rest = match?.[2]?.trim() ?? '';
  return known && (rest !== '' || !known.needsArgument) ? { name: known.name, rest } : null;
}
