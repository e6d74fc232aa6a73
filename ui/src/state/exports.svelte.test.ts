import { expect, test } from 'vitest';
import { Failure, type ExportSummary, type Ipc } from '../ipc';
import { text } from '../lib/text';
import { Exports } from './exports.svelte';

const CHOICE = { from: null, until: 5, format: 'both', withFiles: true } as const;
const SUMMARY: ExportSummary = {
  ...{ name: 'Parlour 2024-05-17', conversations: 1, messages: 3 },
  ...{ files: 0, missingFiles: 0 },
};
const GROUP = { of: 'conversation', id: 'c1', title: 'compiler' } as const;

function createExports(exportMessages: Ipc['exportMessages'], cancelExport = async () => null) {
  const host = {
    ipc: { exportMessages, cancelExport },
    dialog: null as ConstructorParameters<typeof Exports>[0]['dialog'],
    toast: null as string | null,
    attempt: (work: () => Promise<unknown>) => work(),
  };
  return { host, exports: new Exports(host) };
}

test('what was chosen is exported, with a name for the folder and words for the pages', async () => {
  const requests: Parameters<Ipc['exportMessages']>[] = [];
  const { exports } = createExports(async (...request) => {
    requests.push(request);
    return SUMMARY;
  });
  await exports.start(GROUP, CHOICE);
  const search = { of: 'search', text: 'plan', scope: { in: 'everywhere' } } as const;
  await exports.start(search, CHOICE);
  await exports.start(null, CHOICE);
  expect(requests.map(([request]) => request)).toEqual([
    { ...CHOICE, selection: { of: 'conversation', id: 'c1' } },
    { ...CHOICE, selection: search },
    { ...CHOICE, selection: { of: 'everything' } },
  ]);
  expect(requests.map(([, texts]) => texts.title)).toEqual([
    'Parlour, compiler',
    'Parlour, search',
    'Parlour',
  ]);
  expect(requests[0]![1].direction).toBe('ltr');
});

test('the progress is shown until the end, also if the dialog is opened again', async () => {
  let end!: (summary: ExportSummary) => void;
  const { exports, host } = createExports(() => new Promise((resolve) => (end = resolve)));
  exports.open(GROUP);
  const running = exports.start(GROUP, CHOICE);
  exports.advance({ done: 1, total: 3 });
  host.dialog = null;
  exports.open(null);
  expect([exports.progress, exports.subject]).toEqual([{ done: 1, total: 3 }, GROUP]);
  end(SUMMARY);
  await running;
  expect([exports.progress, exports.summary, host.toast]).toEqual([null, SUMMARY, null]);
  exports.advance({ done: 3, total: 3 });
  expect(exports.progress).toBeNull();
});

test('the end is announced if the dialog was closed', async () => {
  const { exports, host } = createExports(async () => SUMMARY);
  await exports.start(null, CHOICE);
  expect(host.toast).toBe('3 messages were exported to the folder Parlour 2024-05-17.');
});

test('a failure stays in the dialog, and choosing no folder is none', async () => {
  const reason = { key: 'exportDiskFull' } as const;
  const { exports } = createExports(async () => {
    throw new Failure({ code: 'disk_full', reason });
  });
  exports.open(null);
  await exports.start(null, CHOICE);
  expect(exports.failure).toBe(text.failures.exportDiskFull);
  exports.open(null);
  expect(exports.failure).toBe('');

  const undecided = createExports(async () => null);
  await undecided.exports.start(null, CHOICE);
  expect([undecided.exports.failure, undecided.host.toast]).toEqual(['', null]);
});
