import type * as gen from '../bindings.gen';
import { events } from '../bindings.gen';
import type { Fake } from './command';
import { madeFile, picturesToPick } from './drawn';
import { refusal, type World } from './world';

/** Time between two steps of a made-up download, in milliseconds, and their number. */
const STEP = 300;
const STEPS = 12;
/** Most files of a message. */
const MOST = 10;

let made = 0;

/** Commands about files and pictures. */
export function files(world: World) {
  const changed = () => void events.filesChanged.emit({ account: world.id });
  const of = (id: gen.ConversationId) => world.staged.get(id) ?? [];
  const stage = (
    id: gen.ConversationId,
    found: gen.MessageFile_Serialize[],
  ): gen.Staging_Serialize => {
    const all = found.map((file) => ({
      ...{ id: ++made, file, asFile: file.kind.type === 'file' },
      canBePicture: file.kind.type === 'picture',
    }));
    const [fit, tooMany, tooLarge] = [
      all.filter(({ file }) => file.bytes <= world.limits.fileBytes),
      { code: 'invalid' as const, reason: { key: 'filesTooMany' as const } },
      { code: 'too_large' as const, reason: { key: 'fileTooLarge' as const, mostMib: 100 } },
    ];
    const room = MOST - of(id).length;
    const failed = all.flatMap((one): gen.NotStaged_Serialize[] =>
      !fit.includes(one)
        ? [{ name: one.file.name, problem: tooLarge }]
        : fit.indexOf(one) >= room
          ? [{ name: one.file.name, problem: tooMany }]
          : [],
    );
    const staged = fit.slice(0, room);
    world.staged.set(id, [...of(id), ...staged]);
    return { staged, failed };
  };
  const change = (
    id: number,
    by: (staged: gen.StagedFile_Serialize) => gen.StagedFile_Serialize[],
  ) => {
    for (const [conversation, staged] of world.staged)
      if (staged.some((one) => one.id === id)) {
        const now = staged.flatMap((one) => (one.id === id ? by(one) : [one]));
        world.staged.set(conversation, now);
        return now;
      }
    return [];
  };
  const fileOf = (messageId: gen.MessageId, index: number) => {
    const file = world.find(messageId)?.[1].files[index];
    if (!file) throw refusal('gone');
    return file;
  };
  const move = (hash: string, total: number, step: number) => {
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
    if (step <= STEPS && !world.isOffline) setTimeout(() => move(hash, total, step + 1), STEP);
  };
  return {
    pickFiles: (_, id) => stage(id, picturesToPick(world)),
    stageDropped: (_, id) => stage(id, picturesToPick(world)),
    stageClipboard: () => ({ staged: [], failed: [] }),
    stageBytes: (_, id, name, bytes) => stage(id, [madeFile(world, name, bytes)]),
    staged: (_, id) => of(id),
    unstage: (_, id) => (change(id, () => []), null),
    setStagedAsFile: (_, id, asFile) => change(id, (one) => [{ ...one, asFile }]),
    orderStaged: (_, ids) => {
      const staging = [...world.staged].find(([, all]) => all.some(({ id }) => ids.includes(id)));
      if (!staging) return null;
      const [id] = staging;
      world.staged.set(
        id,
        ids.flatMap((one) => of(id).find((staged) => staged.id === one) ?? []),
      );
      return null;
    },
    fileLimits: () => world.limits,
    fileStates: (_, hashes) =>
      hashes.map((hash) => world.fileStates.get(hash) ?? { hash, isHere: true, transfer: null }),
    fetchFile: (_, messageId, index) => {
      const { hash, bytes } = fileOf(messageId, index);
      if (!world.fileStates.get(hash)?.transfer) move(hash, bytes, 0);
      return null;
    },
    cancelFetch: (_, hash) => {
      world.fileStates.set(hash, { hash, isHere: false, transfer: null });
      changed();
      return null;
    },
    saveFile: () => true,
    showSaved: () => null,
    openFile: (_, messageId, index, confirmed) => {
      if (fileOf(messageId, index).name.endsWith('.sh') && !confirmed)
        throw refusal('invalid', { key: 'fileIsProgram' });
      return null;
    },
    files: (_, { conversationId, kind, senderId, before, after }) => {
      const all = [...world.rooms.values()].flatMap((room) =>
        room.messages.flatMap(({ id, seq, senderId, sender, sentAt, files }) =>
          files.map((file, index) => ({
            ...{ messageId: id, conversationId: room.id, seq: seq ?? 0, index },
            ...{ senderId, sender, sentAt, file },
            isHere: world.fileStates.get(file.hash)?.isHere ?? true,
          })),
        ),
      );
      const found = all
        .filter((one) => !conversationId || one.conversationId === conversationId)
        .filter((one) => !kind || one.file.kind.type === kind)
        .filter((one) => !senderId || one.senderId === senderId)
        .filter((one) => !before || one.sentAt < before)
        .filter((one) => !after || one.sentAt < after.sentAt)
        .sort((a, b) => b.sentAt - a.sentAt || a.index - b.index);
      return { files: found, next: null };
    },
  } satisfies Partial<Fake>;
}
