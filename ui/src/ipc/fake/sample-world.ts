import type * as gen from '../bindings.gen';
import { addGallery } from './sample-gallery';
import { World, type Conversation } from './world';

type ItemFields = Partial<gen.TimelineItem_Serialize>;
type Line = [ago: number, name: string, body: string, more?: ItemFields];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const words = (text: string): gen.Inline => ({ type: 'text', text });
const paragraph = (...children: gen.Inline[]): gen.Block_Serialize => ({
  type: 'paragraph',
  children,
});

/** Creates a user's conversations: one of each kind, with messages of each kind. */
export function sampleWorld(now: () => number = Date.now): World {
  const world = new World({ id: 'wren', username: 'wren', name: 'wren' }, now);
  const post = (conversation: Conversation, lines: Line[], read = lines.length) => {
    for (const [ago, name, body, more] of lines) {
      const sender = name === 'wren' ? world.me : world.person(name);
      world.deliver(conversation, world.item(sender, body, { sentAt: now() - ago, ...more }));
    }
    conversation.lastReadSeq = read;
  };

  const nakamura = world.person('oak');
  nakamura.name = 'Oak Nakamura';
  world.profiles.set(nakamura.id, {
    ...{ displayName: nakamura.name, timeZone: 'Asia/Tokyo' },
    about: 'Runtime and dispatch. Ask me about inline caches.',
    status: { emoji: '🌴', text: 'On holiday until Monday' },
  });
  world.presence.set(world.me.id, { state: 'online', lastSeenAt: null });
  world.presence.set(nakamura.id, { state: 'away', lastSeenAt: null });
  world.presence.set(world.person('jay').id, { state: 'busy', lastSeenAt: null });
  world.presence.set(world.person('linnet').id, { state: 'online', lastSeenAt: null });
  world.presence.set(world.person('דרור').id, { state: 'offline', lastSeenAt: now() - HOUR });
  const portrait =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path fill='#3f7049' d='M0 0h8v8H0z'/><circle fill='#ead' cx='4' cy='3' r='2'/></svg>";
  world.pictures.set(nakamura.id, `data:image/svg+xml,${encodeURIComponent(portrait)}`);
  workshop(world, post);
  addGallery(world);
  const oak = world.add('p2p', 'oak', ['oak']);
  post(
    oak,
    [
      [3 * HOUR, 'wren', 'Are the chairs for Friday ordered?'],
      [2 * HOUR, 'oak', 'Twelve of them. Do we need more?'],
      [20 * MINUTE, 'oak', 'And somebody asked for a lectern.'],
      [19 * MINUTE, 'oak', 'I said that we have none.'],
    ],
    2,
  );

  const long = world.add('group', 'Long history', ['oak', 'jay', 'linnet'], {
    topic: 'Three hundred messages, to scroll through',
  });
  const speakers = ['oak', 'jay', 'linnet', 'wren'];
  const lineAt = (index: number): Line => {
    const body = `Message ${index + 1}. ` + 'It goes on for a while. '.repeat(index % 7);
    return [(300 - index) * 2 * HOUR, speakers[(index >> 1) % 4]!, body.trim()];
  };
  post(
    long,
    Array.from({ length: 300 }, (_, index) => lineAt(index)),
    260,
  );

  const pinned = world.add('group', 'Announcements', ['jay', 'linnet'], {
    pinnedAt: now() - DAY,
    mutedUntil: Number.MAX_SAFE_INTEGER,
    role: 'member',
  });
  post(pinned, [[4 * DAY, 'jay', 'The office is closed on Monday.']]);

  const drafted = world.add('p2p', 'linnet', ['linnet'], {
    draft: { body: 'About the invoice: ', replyTo: null },
  });
  post(drafted, [[2 * DAY, 'linnet', 'Did you see the invoice?']]);

  const other = world.add('group', 'שלום עולם', ['דרור', 'linnet']);
  post(other, [
    [5 * DAY, 'דרור', 'בוקר טוב, מה שלומכם?'],
    [5 * DAY - MINUTE, 'linnet', 'Fine, thank you!'],
  ]);

  const deactivated = world.add('p2p', 'heron', ['heron'], { peer: 'deactivated' });
  post(deactivated, [[30 * DAY, 'heron', 'Goodbye, everybody.']]);
  const old = world.add('group', 'Summer 2025', ['jay'], { archived: true });
  post(old, [[200 * DAY, 'jay', 'That was it.']]);
  world.add('group', 'No messages yet', ['oak', 'jay'], { activeAt: now() - 300 * DAY });
  return world;
}

/** Creates a group with every kind of message. */
function workshop(world: World, post: (conversation: Conversation, lines: Line[]) => void) {
  const conversation = world.add('group', 'Workshop', ['oak', 'jay', 'linnet'], {
    topic: 'What we build, and how it goes',
  });
  const code = 'fn main() {\n    println!("is the cache in?");\n}';
  const like = { emoji: '👍', count: 3, own: true, names: ['Oak Nakamura', 'jay'] };
  post(conversation, [
    [2 * DAY, 'jay', 'The plan for this week is pinned.', { pinned: true }],
    [
      2 * DAY - MINUTE,
      'jay',
      '- [x] cache\n- [ ] docs',
      {
        blocks: [
          {
            type: 'list',
            start: null,
            items: [
              { checked: true, children: [paragraph(words('cache'))] },
              { checked: false, children: [paragraph(words('docs'))] },
            ],
          },
        ],
      },
    ],
    [5 * HOUR, 'oak', 'is the cache in?', { reactions: [like] }],
    [4 * HOUR, 'wren', 'Since this morning.', { edited: true }],
    [
      3 * HOUR,
      'linnet',
      '```rust\n' + code + '\n```',
      { blocks: [{ type: 'code', text: code, language: 'rust' }] },
    ],
    [
      2 * HOUR,
      'oak',
      '@wren see https://example.org/plan',
      {
        mentions: [world.me],
        mentionsMe: true,
        blocks: [
          paragraph({ type: 'mention', text: '@wren', user: world.me.id }, words(' see '), {
            type: 'link',
            url: 'https://example.org/plan',
            children: [words('https://example.org/plan')],
          }),
        ],
      },
    ],
    [HOUR, 'jay', '', { deleted: true }],
    [30 * MINUTE, 'linnet', 'Lunch?', { saved: true }],
    [10 * MINUTE, 'oak', 'Gladly.'],
  ]);
  const [question, lunch, answer] = [2, 7, 8].map((index) => conversation.messages[index]!);
  world.change(answer!.id, () => ({ replyTo: world.quote(lunch!.id) }));
  world.edits.set(conversation.messages[3]!.id, [
    { number: 1, body: 'Since yesterday.', replacedAt: question!.sentAt },
  ]);
  world.saved.push(lunch!.id);
  const refused = world.item(world.me, 'This one was refused.', {
    delivery: { state: 'refused', code: 'too_large', reason: { key: 'messageTooLong' } },
  });
  conversation.messages.push(refused);
}
