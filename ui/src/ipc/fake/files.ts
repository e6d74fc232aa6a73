import type * as gen from '../bindings.gen';
import { events, limits } from '../bindings.gen';
import type { Fake } from './command';
import { fileFromBytes, filesToPick } from './sample-files';
import { refusal, type World } from './world';

/** Time between two steps of a fake download, in milliseconds, and their number. */
const STEP_MS = 300;
const STEPS = 12;

let lastId = 0;

/** Commands about files and pictures. */
export function files(world: World) {
  const changed = () => void events.filesChanged.emit({ account: world.id });
  const stagedIn = (id: gen.ConversationId) => world.staged.get(id) ?? [];
  const stage = (
    id: gen.ConversationId,
    files: gen.MessageFile_Serialize[],
  ): gen.Staging_Serialize => {
    const all = files.map((file) => ({
      ...{ id: ++lastId, file, asFile: file.kind.type === 'file' },
      canBePicture: file.kind.type === 'picture',
    }));
    const [fitting, tooMany, tooLarge] = [
      all.filter(({ file }) => file.bytes <= world.limits.fileBytes),
      { code: 'invalid' as const, reason: { key: 'filesTooMany' as const } },
      { code: 'too_large' as const, reason: { key: 'fileTooLarge' as const, maxMib: 100 } },
    ];
    const capacity = limits.files - stagedIn(id).length;
    const failed = all.flatMap((candidate): gen.NotStaged_Serialize[] =>
      !fitting.includes(candidate)
        ? [{ name: candidate.file.name, problem: tooLarge }]
        : fitting.indexOf(candidate) >= capacity
          ? [{ name: candidate.file.name, problem: tooMany }]
          : [],
    );
    const staged = fitting.slice(0, capacity);
    world.staged.set(id, [...stagedIn(id), ...staged]);
    return { staged, failed };
  };
  const change = (
    id: number,
    update: (staged: gen.StagedFile_Serialize) => gen.StagedFile_Serialize[],
  ) => {
    for (const [conversation, staged] of world.staged)
      if (staged.some((file) => file.id === id)) {
        const now = staged.flatMap((file) => (file.id === id ? update(file) : [file]));
        world.staged.set(conversation, now);
        return now;
      }
    return [];
  };
  const fileOf = (messageId: gen.MessageId, index: number) => {
    const file = world.find(messageId)?.[1].files[index];
    if (!file) throw refusal('not_found');
    return file;
  };
  const advance = (hash: string, total: number, step: number) => {
    const state = world.fileStates.get(hash);
    if (!state || (step > 0 && !state.transfer)) return;
    const done = Math.round((total * step) / STEPS);
    const transfer = { isUpload: false, done, total, problem: null };
    world.fileStates.set(hash, {
      hash,
      isHere: step > STEPS,
      transfer: step > STEPS ? null : transfer,
    });
    changed();
    if (step <= STEPS && !world.isOffline)
      setTimeout(() => advance(hash, total, step + 1), STEP_MS);
  };
  return {
    pickFiles: (_, id) => stage(id, filesToPick(world)),
    stageDropped: (_, id) => stage(id, filesToPick(world)),
    stageClipboard: () => ({ staged: [], failed: [] }),
    stageBytes: (_, id, name, bytes) => stage(id, [fileFromBytes(world, name, bytes)]),
    staged: (_, id) => stagedIn(id),
    unstage: (_, id) => (change(id, () => []), null),
    setStagedAsFile: (_, id, asFile) => change(id, (staged) => [{ ...staged, asFile }]),
    orderStaged: (_, ids) => {
      const staging = [...world.staged].find(([, all]) => all.some(({ id }) => ids.includes(id)));
      if (!staging) return null;
      const [id] = staging;
      world.staged.set(
        id,
        ids.flatMap((fileId) => stagedIn(id).find((staged) => staged.id === fileId) ?? []),
      );
      return null;
    },
    fileLimits: () => world.limits,
    fileStates: (_, hashes) =>
      hashes.map((hash) => world.fileStates.get(hash) ?? { hash, isHere: true, transfer: null }),
    fetchFile: (_, messageId, index) => {
      const { hash, bytes } = fileOf(messageId, index);
      if (!world.fileStates.get(hash)?.transfer) advance(hash, bytes, 0);
      return null;
    },
    cancelFetch: (_, hash) => {
      world.fileStates.set(hash, { hash, isHere: false, transfer: null });
      changed();
      return null;
    },
    saveFile: () => true,
    copyPicture: () => null,
    showSaved: () => null,
    openFile: (_, messageId, index, confirmed) => {
      if (fileOf(messageId, index).name.endsWith('.sh') && !confirmed)
        throw refusal('invalid', { key: 'fileIsProgram' });
      return null;
    },
    files: (_, { conversationId, kind, senderId, before, after }) => {
      const all = [...world.conversations.values()].flatMap((conversation) =>
        conversation.messages.flatMap(({ id, seq, senderId, sender, sentAt, files }) =>
          files.map((file, index) => ({
            ...{ messageId: id, conversationId: conversation.id, seq: seq ?? 0, index },
            ...{ senderId, sender, sentAt, file },
            isHere: world.fileStates.get(file.hash)?.isHere ?? true,
          })),
        ),
      );
      const found = all
        .filter((listed) => !conversationId || listed.conversationId === conversationId)
        .filter((listed) => !kind || listed.file.kind.type === kind)
        .filter((listed) => !senderId || listed.senderId === senderId)
        .filter((listed) => !before || listed.sentAt < before)
        .filter((listed) => !after || listed.sentAt < after.sentAt)
        .sort((a, b) => b.sentAt - a.sentAt || a.index - b.index);
      return { files: found, next: null };
    },
  } satisfies Partial<Fake>;
}
