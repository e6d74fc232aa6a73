import type { Action } from '../ipc';
import { FOR_EVER } from '../lib/mute';
import type { Command } from '../lib/slash';
import { text } from '../lib/text';
import { withoutPrefix } from '../lib/title';
import { uuid7 } from '../lib/uuid7';
import type { AppState } from './app.svelte';
import type { Timeline } from './timeline.svelte';

/**
 * Runs a command that was typed as a message in a conversation. `replyTo` and `files` are those of the message, if the
 * command sends one.
 */
export async function runCommand(
  app: AppState,
  timeline: Timeline,
  { name, rest }: Command,
  replyTo: string | null,
  files: number[],
) {
  const { ipc } = app;
  const { conversationId } = timeline;
  const act = (action: Action) => ipc.act(conversationId, action);
  const send = (body: string) => timeline.send(uuid7(), { body, replyTo, files });
  if (name === 'me') await send(`/me ${rest}`);
  else if (name === 'shrug') await send(`${rest} ¯\\\\\\_(ツ)\\_/¯`.trim());
  else if (name === 'topic') await act({ type: 'setTopic', topic: rest });
  else if (name === 'rename') await act({ type: 'rename', title: rest });
  else if (name === 'mute') await act({ type: 'mute', until: FOR_EVER });
  else if (name === 'unmute') await act({ type: 'mute', until: null });
  else if (name === 'invite') {
    const found = await ipc.people(withoutPrefix(rest));
    if (found.length !== 1) throw new Error(text.personNotUnique({ name: rest, n: found.length }));
    await act({ type: 'addMember', userId: found[0]!.id });
  } else {
    app.searchFor = rest;
    app.search(true);
  }
}
