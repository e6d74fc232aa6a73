import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ConversationSummary, Ipc, TimelineItem } from '../ipc';
import { text } from '../lib/text';
import { Timeline } from '../state/timeline.svelte';
import Composer from './composer/Composer.svelte';
import ConversationRow from './conversations/ConversationRow.svelte';
import Forward from './conversations/Forward.svelte';
import Jump from './conversations/Jump.svelte';
import { appWith, mounted } from './mounted';
import MembersPanel from './panels/MembersPanel.svelte';
import Conversation from './timeline/Conversation.svelte';
import Presence from './timeline/Presence.svelte';

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
function known(open: string) {
  const members = [
    member('oak', 'active'),
    member('wren', 'deactivated'),
    member('lark', 'erased'),
  ];
  const app = appWith({
    members: async () => [member('me', 'active'), ...members],
    memberCount: async () => 4,
  } as unknown as Partial<Ipc>);
  app.account = { userId: 'me', username: 'me', server: '' } as unknown as typeof app.account;
  app.conversations = [
    row('workshop', null),
    ...members.map((one) => row(one.username, one.state)),
  ];
  app.timeline = new Timeline(open, app.ipc);
  return app;
}
async function settled() {
  for (let n = 0; n < 10; n++) await tick();
  flushSync();
}

test('who cannot sign in is marked in the lists', async () => {
  const app = known('workshop');
  const list = app.conversations.map((one) =>
    mounted(ConversationRow, { conversation: one, top: 0, of: 1 }, app),
  );
  const members = mounted(MembersPanel, {}, app);
  await settled();
  for (const rows of [list, [...members.querySelectorAll('li')]]) {
    const of = (name: string) => rows.find((one) => one.textContent.includes(name))?.textContent;
    expect(of('wren')).toContain(text.states.deactivated);
    expect(of('lark')).toContain(text.states.erased);
    expect(of('oak')).not.toMatch(/deactivated|erased/);
  }
});

test('they are not offered behind an @, nor to forward to, and last where one jumps to', async () => {
  const app = known('workshop');
  const { timeline } = app;
  const composer = mounted(Composer, { timeline: timeline!, title: '', draft: null }, app);
  const area = composer.querySelector('textarea')!;
  area.value = '@';
  area.setSelectionRange(1, 1);
  area.dispatchEvent(new Event('input', { bubbles: true }));
  const offered = (page: HTMLElement) =>
    [...page.querySelectorAll('[role=option]')].map((one) => one.textContent.trim());
  await vi.waitFor(async () => {
    await settled();
    expect(offered(composer).join()).toContain('oak');
  });
  expect(offered(composer).join()).not.toMatch(/wren|lark/);

  const forward = mounted(Forward, { items: [] as TimelineItem[] }, app);
  expect(offered(forward).join()).toContain('oak');
  expect(offered(forward).join()).not.toMatch(/wren|lark/);

  const jump = offered(mounted(Jump, {}, app)).map(
    (one) => /oak|workshop|wren|lark/.exec(one)?.[0],
  );
  expect(jump.filter(Boolean)).toEqual(['workshop', 'oak', 'wren', 'lark']);
});

test.each([
  ['wren', text.nobodyReads.deactivated({ name: 'wren' })],
  ['lark', text.nobodyReads.erased({ name: 'lark' })],
  ['oak', null],
])('a direct conversation with %s says whether somebody reads it', async (name, says) => {
  const app = known(name);
  const page = mounted(Conversation, { timeline: app.timeline! }, app);
  await settled();
  expect(page.querySelector('[role=note]')?.textContent ?? null).toBe(says);
});

test('read by all is read by all who can', async () => {
  const app = known('workshop');
  const own = { id: 'm', seq: 1, own: true, senderId: 'me' } as TimelineItem;
  app.timeline!.show({ items: [own], atOldest: true, atNewest: true, missingOlder: false });
  const page = mounted(Presence, { timeline: app.timeline! }, app);
  await vi.waitFor(async () => {
    await settled();
    expect(page.textContent).toContain(text.readBy({ names: ['oak'], others: 1 }));
  });
});
