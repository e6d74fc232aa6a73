import { expect, test, vi } from 'vitest';
import { Failure, type FileState, type Ipc, type MessageFile } from '../ipc';
import { text } from '../lib/text';
import { Files } from './files.svelte';
import type { Question } from './question';

const file = (hash: string) =>
  ({ hash, bytes: 9, name: `${hash}.pdf`, kind: { type: 'file' } }) as MessageFile;
const attached = { messageId: 'm', index: 0, file: file('a') };

/** The files of an account, with what was asked and told. */
function known(ipc: Partial<Ipc>) {
  const told = {
    questions: [] as Question[],
    sentences: [] as string[],
    failures: [] as unknown[],
  };
  const files = new Files(ipc as Ipc, {
    account: () => 'me',
    attempt: async (work) => {
      try {
        return await work();
      } catch (error) {
        told.failures.push(error);
        return undefined;
      }
    },
    ask: (question) => told.questions.push(question),
    tell: (sentence) => told.sentences.push(sentence),
  });
  return { files, told };
}

test('only the states of files that are shown are requested, with those of their thumbnails', async () => {
  const asked: string[][] = [];
  const fileStates = async (hashes: string[]): Promise<FileState[]> => {
    asked.push(hashes);
    return hashes.map((hash) => ({ hash, isHere: true, transfer: null }));
  };
  const { files } = known({ fileStates });
  const leave = files.follow([{ ...file('a'), thumbnail: { hash: 't', bytes: 1 } }, file('b')])();
  await vi.waitFor(() => expect(files.state('b')?.isHere).toBe(true));
  expect(asked).toEqual([['a', 't', 'b']]);
  leave();
  files.changed();
  const stop = files.follow([file('c')])();
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]).toEqual(['c']);
  stop();
});

test('the end of a download is told once, and only of one that was asked for', async () => {
  let states: Record<string, FileState> = {};
  const fileStates = async (hashes: string[]) => hashes.flatMap((hash) => states[hash] ?? []);
  const { files } = known({ fileStates, fetchFile: async () => null });
  files.follow([file('a'), file('b')])();
  const moving = { isUpload: false, done: 1, total: 9, problem: null };
  states = Object.fromEntries(
    ['a', 'b'].map((hash) => [hash, { hash, isHere: false, transfer: moving }]),
  );
  await files.download(attached);
  await vi.waitFor(() => expect(files.state('a')?.transfer).toEqual(moving));
  states = Object.fromEntries(
    ['a', 'b'].map((hash) => [hash, { hash, isHere: true, transfer: null }]),
  );
  files.changed();
  await vi.waitFor(() => expect(files.state('b')?.isHere).toBe(true));
  expect(files.told?.sentence).toBe(text.downloaded({ name: 'a.pdf' }));
  const { told } = files;
  files.changed();
  await vi.waitFor(() => expect(files.state('a')?.isHere).toBe(true));
  expect(files.told).toBe(told);
});

test('a program is opened only after a question, and then once', async () => {
  const opened: boolean[] = [];
  const openFile = async (_: string, __: number, confirmed: boolean) => {
    if (!confirmed) throw new Failure({ code: 'invalid', reason: { key: 'fileIsProgram' } });
    opened.push(confirmed);
    return null;
  };
  const { files, told } = known({ openFile, fileStates: async () => [] });
  await files.open(attached);
  expect([opened, told.failures, told.questions.length]).toEqual([[], [], 1]);
  expect(told.questions[0]!.title).toBe(text.openProgramTitle({ name: 'a.pdf' }));
  told.questions[0]!.act(false);
  await vi.waitFor(() => expect(opened).toEqual([true]));
});

test('a failure to open is shown', async () => {
  const failure = new Failure({ code: 'invalid', reason: { key: 'noOpener' } });
  const openFile = () => Promise.reject(failure);
  const { files, told } = known({ openFile, fileStates: async () => [] });
  await files.open(attached);
  expect([told.failures, told.questions]).toEqual([[failure], []]);
});

test('a file that was saved can be shown in its folder, and one whose saving was cancelled cannot', async () => {
  let isSaved = false;
  const { files, told } = known({ saveFile: async () => isSaved });
  await files.save(attached);
  expect([files.isSaved(attached), told.sentences]).toEqual([false, []]);
  isSaved = true;
  await files.save(attached);
  expect([files.isSaved(attached), told.sentences]).toEqual([true, [text.savedFile]]);
});

test('what is dropped goes to the conversation that is shown, and nowhere if there is none', async () => {
  const drops: string[] = [];
  const { files } = known({
    stageDropped: async (conversation: string, drop: number) => {
      drops.push(`${conversation} ${drop}`);
      return { staged: [], failed: [] };
    },
    staged: async () => [],
    fileLimits: async () => null,
  });
  const dropped = (drop: number) => files.dragged({ phase: 'dropped', drop, count: 1 });
  dropped(1);
  const leave = files.receive('c')()!;
  files.dragged({ phase: 'over', drop: null, count: 3 });
  expect(files.over).toBe(3);
  dropped(2);
  // The next conversation is shown before the previous one is gone.
  const leaveNext = files.receive('d')()!;
  leave();
  dropped(3);
  leaveNext();
  dropped(4);
  // In an archived group one cannot post.
  files.receive(null)();
  dropped(5);
  await vi.waitFor(() => expect(drops).toEqual(['c 2', 'd 3']));
  expect(files.over).toBe(0);
});
