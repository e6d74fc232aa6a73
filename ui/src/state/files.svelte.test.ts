import { expect, test, vi } from 'vitest';
import { Failure, type FileState, type Ipc, type MessageFile } from '../ipc';
import { text } from '../lib/text';
import { Files } from './files.svelte';
import type { Confirmation } from './confirmation';

const file = (hash: string) =>
  ({ hash, bytes: 9, name: `${hash}.pdf`, kind: { type: 'file' } }) as MessageFile;
const attached = { messageId: 'm', index: 0, file: file('a') };

/** Creates the files of an account, and records confirmations, notices and failures. */
function createFiles(ipc: Partial<Ipc>) {
  const recorded = {
    confirmations: [] as Confirmation[],
    sentences: [] as string[],
    failures: [] as unknown[],
  };
  const files = new Files(ipc as Ipc, {
    account: () => 'me',
    attempt: async (work) => {
      try {
        return await work();
      } catch (error) {
        recorded.failures.push(error);
        return undefined;
      }
    },
    confirm: (confirmation) => recorded.confirmations.push(confirmation),
    notify: (sentence) => recorded.sentences.push(sentence),
  });
  return { files, recorded };
}

test('only the states of files that are shown are requested, with those of their thumbnails', async () => {
  const requests: string[][] = [];
  const fileStates = async (hashes: string[]): Promise<FileState[]> => {
    requests.push(hashes);
    return hashes.map((hash) => ({ hash, isHere: true, transfer: null }));
  };
  const { files } = createFiles({ fileStates });
  const stopFirst = files.track([
    { ...file('a'), thumbnail: { hash: 't', bytes: 1 } },
    file('b'),
  ])();
  await vi.waitFor(() => expect(files.state('b')?.isHere).toBe(true));
  expect(requests).toEqual([['a', 't', 'b']]);
  stopFirst();
  files.changed();
  const stop = files.track([file('c')])();
  await vi.waitFor(() => expect(requests).toHaveLength(2));
  expect(requests[1]).toEqual(['c']);
  stop();
});

test('the end of a download is announced once, and only if the user requested it', async () => {
  let states: Record<string, FileState> = {};
  const fileStates = async (hashes: string[]) => hashes.flatMap((hash) => states[hash] ?? []);
  const { files } = createFiles({ fileStates, fetchFile: async () => null });
  files.track([file('a'), file('b')])();
  const transferring = { isUpload: false, done: 1, total: 9, problem: null };
  states = Object.fromEntries(
    ['a', 'b'].map((hash) => [hash, { hash, isHere: false, transfer: transferring }]),
  );
  await files.download(attached);
  await vi.waitFor(() => expect(files.state('a')?.transfer).toEqual(transferring));
  states = Object.fromEntries(
    ['a', 'b'].map((hash) => [hash, { hash, isHere: true, transfer: null }]),
  );
  files.changed();
  await vi.waitFor(() => expect(files.state('b')?.isHere).toBe(true));
  expect(files.announcement?.sentence).toBe(text.downloaded({ name: 'a.pdf' }));
  const { announcement } = files;
  files.changed();
  await vi.waitFor(() => expect(files.state('a')?.isHere).toBe(true));
  expect(files.announcement).toBe(announcement);
});

test('a program is opened only after confirmation, and only once', async () => {
  const opened: boolean[] = [];
  const openFile = async (_: string, __: number, confirmed: boolean) => {
    if (!confirmed) throw new Failure({ code: 'invalid', reason: { key: 'fileIsProgram' } });
    opened.push(confirmed);
    return null;
  };
  const { files, recorded } = createFiles({ openFile, fileStates: async () => [] });
  await files.open(attached);
  expect([opened, recorded.failures, recorded.confirmations.length]).toEqual([[], [], 1]);
  expect(recorded.confirmations[0]!.title).toBe(text.openProgramTitle({ name: 'a.pdf' }));
  recorded.confirmations[0]!.act(false);
  await vi.waitFor(() => expect(opened).toEqual([true]));
});

test('a failure to open is shown', async () => {
  const failure = new Failure({ code: 'invalid', reason: { key: 'noOpener' } });
  const openFile = () => Promise.reject(failure);
  const { files, recorded } = createFiles({ openFile, fileStates: async () => [] });
  await files.open(attached);
  expect([recorded.failures, recorded.confirmations]).toEqual([[failure], []]);
});

test('only a file that was saved can be shown in its folder', async () => {
  let isSaved = false;
  const { files, recorded } = createFiles({ saveFile: async () => isSaved });
  await files.save(attached);
  expect([files.isSaved(attached), recorded.sentences]).toEqual([false, []]);
  isSaved = true;
  await files.save(attached);
  expect([files.isSaved(attached), recorded.sentences]).toEqual([true, [text.savedFile]]);
});

test('dropped files are attached to the shown conversation, if there is one', async () => {
  const drops: string[] = [];
  const { files } = createFiles({
    stageDropped: async (conversation: string, drop: number) => {
      drops.push(`${conversation} ${drop}`);
      return { staged: [], failed: [] };
    },
    staged: async () => [],
    fileLimits: async () => null,
  });
  const dropped = (drop: number) => files.dragged({ phase: 'dropped', drop, count: 1 });
  dropped(1);
  const stop = files.receive('c')()!;
  files.dragged({ phase: 'over', drop: null, count: 3 });
  expect(files.over).toBe(3);
  dropped(2);
  // The next conversation is shown before the previous one is removed.
  const stopNext = files.receive('d')()!;
  stop();
  dropped(3);
  stopNext();
  dropped(4);
  // Nobody can post in an archived group.
  files.receive(null)();
  dropped(5);
  await vi.waitFor(() => expect(drops).toEqual(['c 2', 'd 3']));
  expect(files.over).toBe(0);
});
