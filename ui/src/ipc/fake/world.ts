import type * as gen from '../bindings.gen';

type Item = gen.TimelineItem_Serialize;
type Summary = gen.ConversationSummary_Serialize;

/** A conversation with all of its messages, the oldest first. Waiting messages have no `seq` and come last. */
export interface Conversation {
  id: gen.ConversationId;
  kind: gen.ConversationType;
  title: string;
  /** Fields of the summary that differ from the defaults. */
  more: Partial<Summary>;
  members: gen.Member_Serialize[];
  messages: Item[];
  lastReadSeq: number;
}

/** The number of ids so far. Ids have the format of real ones, and sort in the order of creation. */
let idCount = 0;
export const newId = () => `00000000-0000-7000-8000-${String(++idCount).padStart(12, '0')}`;

/** All data of the fake account. It is lost when the page is reloaded. */
export class World {
  readonly id = 'sample';
  /** The system's locale for times, if it is not the one for texts. */
  timeLocale: string | null = null;
  readonly conversations = new Map<gen.ConversationId, Conversation>();
  readonly people: gen.Person[] = [];
  /** The state that the window stored, and the user's settings. */
  readonly settings = new Map<string, string>();
  readonly edits = new Map<gen.MessageId, gen.EarlierBody[]>();
  readonly refused: gen.OutboxItem_Serialize[] = [];
  readonly profiles = new Map<gen.UserId, gen.Profile_Serialize>();
  /** Whether people are online. */
  readonly presence = new Map<gen.UserId, { state: gen.Availability; lastSeenAt: number | null }>();
  /** The pictures of people, as addresses that a browser shows. */
  readonly pictures = new Map<gen.UserId, string>();
  /** The bytes of files, as addresses that a browser shows. */
  readonly attachments = new Map<string, string>();
  /** The states of files that are not completely on this computer. */
  readonly fileStates = new Map<string, gen.FileState_Serialize>();
  /** The attached files of the next message. */
  readonly staged = new Map<gen.ConversationId, gen.StagedFile_Serialize[]>();
  limits: gen.FileLimits_Serialize = {
    ...{ fileBytes: 100e6, mediaTypes: [], quotaBytes: 5e9, usedBytes: 1e9 },
    ...{ partBytes: 4e6, minPartBytes: 1e6 },
  };
  /** The saved messages, most recently saved first. */
  saved: gen.MessageId[] = [];
  /** The fields of the account information that an administrator changed. */
  about: Partial<
    Pick<gen.AccountInfo_Serialize, 'serverName' | 'welcome' | 'serverPicture' | 'hasPresence'>
  > = {};
  isOffline = false;
  hasPassphrase = false;

  constructor(
    readonly me: gen.Person,
    readonly now: () => number = Date.now,
  ) {
    this.people.push(me);
  }

  person(username: string): gen.Person {
    const known = this.people.find((person) => person.username === username);
    if (known) return known;
    const person = { id: newId(), username, name: username };
    this.people.push(person);
    return person;
  }

  member(person: gen.Person, role: gen.MemberRole = 'member'): gen.Member_Serialize {
    return { ...person, state: 'active', role, joinedAt: this.now(), lastReadSeq: null };
  }

  add(kind: gen.ConversationType, title: string, names: string[], more: Partial<Summary> = {}) {
    const others = names.map((name) => this.member(this.person(name)));
    const members = [this.member(this.me, more.role ?? 'owner'), ...others];
    const conversation = { id: newId(), kind, title, more, members, messages: [], lastReadSeq: 0 };
    this.conversations.set(conversation.id, conversation);
    return conversation as Conversation;
  }

  conversation(id: gen.ConversationId): Conversation {
    const conversation = this.conversations.get(id);
    if (!conversation) throw refusal('not_found');
    return conversation;
  }

  /** Returns a message and its conversation; null if there is no such message. */
  find(id: gen.MessageId): [Conversation, Item] | null {
    for (const conversation of this.conversations.values()) {
      const item = conversation.messages.find((message) => message.id === id);
      if (item) return [conversation, item];
    }
    return null;
  }

  item(sender: gen.Person, body: string, more: Partial<Item> = {}): Item {
    return {
      id: newId(),
      seq: null,
      senderId: sender.id,
      sender: sender.name,
      own: sender.id === this.me.id,
      body,
      blocks: null,
      sentAt: this.now(),
      edited: false,
      deleted: false,
      replyTo: null,
      mentions: [],
      mentionsMe: false,
      files: [],
      reactions: [],
      pinned: false,
      saved: false,
      delivery: { state: 'sent' },
      ...more,
    };
  }

  /** Appends a message to those that the server has, before the waiting ones. */
  deliver(conversation: Conversation, item: Item): Item {
    const sent = conversation.messages.filter((message) => message.seq !== null);
    const waiting = conversation.messages.filter(({ id, seq }) => seq === null && id !== item.id);
    const delivered: Item = {
      ...item,
      seq: lastSeq(conversation) + 1,
      delivery: { state: 'sent' },
    };
    conversation.messages = [...sent, delivered, ...waiting];
    if (item.own) conversation.lastReadSeq = delivered.seq!;
    return delivered;
  }

  /** Replaces a message by a changed copy. */
  change(id: gen.MessageId, update: (item: Item) => Partial<Item>): Conversation {
    const [conversation] = this.find(id) ?? [];
    if (!conversation) throw refusal('not_found');
    conversation.messages = conversation.messages.map((item) =>
      item.id === id ? { ...item, ...update(item) } : item,
    );
    return conversation;
  }

  quote(id: gen.MessageId): gen.Quote_Serialize | null {
    const [, item] = this.find(id) ?? [];
    if (!item) return null;
    const { seq, sender, deleted } = item;
    return { id, seq, sender, body: beginningOf(item, 200), deleted };
  }

  summary(conversation: Conversation): Summary {
    const last = conversation.messages.findLast((message) => !message.deleted);
    const unread = conversation.messages.filter(
      ({ seq }) => seq !== null && seq > conversation.lastReadSeq,
    );
    return {
      id: conversation.id,
      kind: conversation.kind,
      title: conversation.title,
      topic: '',
      history: 'beginning',
      removal: 'keep',
      peer: conversation.kind === 'p2p' ? 'active' : null,
      peerId: conversation.kind === 'p2p' ? (conversation.members[1]?.id ?? null) : null,
      archived: false,
      role: 'owner',
      preview: last ? beginningOf(last, 120) : '',
      sender: last?.sender ?? null,
      own: last?.own ?? false,
      activeAt: last?.sentAt ?? this.now(),
      unread: unread.length,
      mentions: unread.filter((item) => item.mentionsMe && !item.own).length,
      markedUnread: false,
      lastSeq: lastSeq(conversation),
      lastReadSeq: conversation.lastReadSeq,
      left: false,
      mutedUntil: null,
      pinnedAt: null,
      hidden: false,
      draft: null,
      waiting: conversation.messages.filter((message) => message.delivery.state !== 'sent').length,
      ...conversation.more,
    };
  }

  /** Returns the conversation list, the most recently active first. */
  summaries(): Summary[] {
    const rows = [...this.conversations.values()].map((conversation) => this.summary(conversation));
    return rows.sort((a, b) => b.activeAt - a.activeAt);
  }

  status(): gen.SyncStatus_Serialize {
    const total = this.summaries().reduce((sum, row) => sum + row.lastSeq, 0);
    return {
      connection: this.isOffline ? 'offline' : 'online',
      reason: this.isOffline ? { code: 'offline', reason: null } : null,
      waiting: this.outbox().filter((item) => item.delivery.state === 'waiting').length,
      refused: this.outbox().filter((item) => item.delivery.state === 'refused').length,
      history: { total, here: total },
      isFull: false,
      storageError: null,
      repaired: 0,
      resets: 0,
      failingStreams: 0,
      isComparing: false,
      salvaged: null,
    };
  }

  outbox(): gen.OutboxItem_Serialize[] {
    const messages = [...this.conversations.values()].flatMap((conversation) =>
      conversation.messages
        .filter((message) => message.delivery.state !== 'sent')
        .map(({ id, body, files, sentAt, delivery }) => {
          const action = { type: 'send' as const, body };
          return {
            id,
            conversationId: conversation.id,
            action,
            body,
            files,
            createdAt: sentAt,
            delivery,
          };
        }),
    );
    return [...messages, ...this.refused];
  }
}

export const lastSeq = (conversation: Conversation) =>
  conversation.messages.findLast((message) => message.seq !== null)?.seq ?? 0;

/** Returns the beginning of a message's text, or else of the names of its files. */
export const beginningOf = ({ body, files }: Item, length: number) =>
  (body || files.map(({ name }) => name).join(', ')).slice(0, length);

/** Returns the error with which a command fails. */
export const refusal = (
  code: gen.ErrorCode_Serialize,
  reason: gen.Reason_Serialize | null = null,
): gen.CommandError_Serialize => ({ problem: { code, reason }, target: null });

/** Returns a data URL of a picture. */
export function dataUrl(bytes: number[]): string {
  const kind = bytes[0] === 0x89 ? 'png' : 'jpeg';
  return `data:image/${kind};base64,${btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''))}`;
}
