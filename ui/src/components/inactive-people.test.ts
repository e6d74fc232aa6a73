import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ConversationSummary, Ipc, TimelineItem } from '../ipc';
import { text } from '../lib/text';
import { Timeline } from '../state/timeline.svelte';
import Composer from './composer/Composer.svelte';
import ConversationRow from './conversations/ConversationRow.svelte';
import Forward from './conversations/Forward.svelte';
import Jump from './conversations/Jump.svelte';
import { createApp, render } from './render';
import MembersPanel from './panels/MembersPanel.svelte';
import Conversation from './timeline/Conversation.svelte';
import TypingAndReaders from './timeline/TypingAndReaders.svelte';

const row = (id: string, peer: string | null) =>
  ({
    ...{ id, title: id, kind: peer ? 'p2p' : 'group', role: 'owner', activeAt: 1, unread: 0 },
    ...{ peer, sender: null, preview: '', draft: null },
  }) as unknown as ConversationSummary;
const member = (username: string, state: string) => ({
  ...{ id: username, username, name: username, state, role: 'member', joinedAt: 1 },
  lastReadSeq: state === 'active' ? 9 : null,
});

/**
 * Returns the state of a window with a group of an active, a deactivated and an erased member, and a conversation
 * with each of them.
 */
function createState(open: string) {
  const members = [
    member('oak', 'active'),
    member('wren', 'deactivated'),
    member('lark', 'erased'),
  ];
  const app = createApp({
    members: async () => [member('me', 'active'), ...members],
    memberCount: async () => 4,
  } as unknown as Partial<Ipc>);
  app.account = { userId: 'me', username: 'me', server: '' } as unknown as typeof app.account;
  app.conversations = [
    row('workshop', null),
    ...members.map(({ username, state }) => row(username, state)),
  ];
  app.timeline = new Timeline(open, app.ipc);
  return app;
}
async function finishUpdates() {
  for (let n = 0; n < 10; n++) await tick();
  flushSync();
}

test('people who cannot sign in are marked in the lists', async () => {
  const app = createState('workshop');
  const list = app.conversations.map((conversation) =>
    render(ConversationRow, { conversation, top: 0, setSize: 1 }, app),
  );
  const members = render(MembersPanel, {}, app);
  await finishUpdates();
  for (const rows of [list, [...members.querySelectorAll('li')]]) {
    const textOf = (name: string) =>
      rows.find((row) => row.textContent.includes(name))?.textContent;
    expect(textOf('wren')).toContain(text.states.deactivated);
    expect(textOf('lark')).toContain(text.states.erased);
    expect(textOf('oak')).not.toMatch(/deactivated|erased/);
  }
});

test('they are not suggested for mentions and forwarding, and last in the jump dialog', async () => {
  const app = createState('workshop');
  const { timeline } = app;
  const composer = render(Composer, { timeline: timeline!, title: '', draft: null }, app);
  const area = composer.querySelector('textarea')!;
  area.value = '@';
  area.setSelectionRange(1, 1);
  area.dispatchEvent(new Event('input', { bubbles: true }));
  const options = (page: HTMLElement) =>
    [...page.querySelectorAll('[role=option]')].map((option) => option.textContent.trim());
  await vi.waitFor(async () => {
    await finishUpdates();
    expect(options(composer).join()).toContain('oak');
  });
  expect(options(composer).join()).not.toMatch(/wren|lark/);

  const forward = render(Forward, { items: [] as TimelineItem[] }, app);
  expect(options(forward).join()).toContain('oak');
  expect(options(forward).join()).not.toMatch(/wren|lark/);

  const jump = options(render(Jump, {}, app)).map(
    (label) => /oak|workshop|wren|lark/.exec(label)?.[0],
  );
  expect(jump.filter(Boolean)).toEqual(['workshop', 'oak', 'wren', 'lark']);
});

test.each([
  ['wren', text.peerCannotRead.deactivated({ name: 'wren' })],
  ['lark', text.peerCannotRead.erased({ name: 'lark' })],
  ['oak', null],
])('a direct conversation with %s shows whether they can read it', async (name, note) => {
  const app = createState(name);
  const page = render(Conversation, { timeline: app.timeline! }, app);
  await finishUpdates();
  expect(page.querySelector('[role=note]')?.textContent ?? null).toBe(note);
});

test('“Read by everyone” counts only people who can sign in', async () => {
  const app = createState('workshop');
  const own = { id: 'm', seq: 1, own: true, senderId: 'me' } as TimelineItem;
  app.timeline!.show({ items: [own], atOldest: true, atNewest: true, missingOlder: false });
  const page = render(TypingAndReaders, { timeline: app.timeline! }, app);
  await vi.waitFor(async () => {
    await finishUpdates();
    expect(page.textContent).toContain(text.readBy({ names: ['oak'], others: 1 }));
  });
});

test('the menu of a member has the actions that the user may take', async () => {
  const app = createState('workshop');
  const members = render(MembersPanel, {}, app);
  await finishUpdates();
  const entriesOf = (name: string) => {
    const row = [...members.querySelectorAll('li')].find((row) => row.textContent!.includes(name))!;
    const event = new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
    row.querySelector('button')!.dispatchEvent(event);
    return app.menu.shown!.entries.map((entry) => entry.name);
  };
  expect(entriesOf('me')).toEqual([text.profile]);
  const all = [text.makeAdministrator, text.transferOwnership, text.removeMember];
  expect(entriesOf('oak')).toEqual([text.profile, text.writeTo, ...all]);
  expect(entriesOf('wren')).toEqual([text.profile, text.writeTo, text.removeMember]);
  app.menu.shown!.entries.at(-1)!.act();
  expect(app.confirmation?.title).toContain('wren');
});
