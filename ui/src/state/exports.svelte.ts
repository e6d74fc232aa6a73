import type {
  ConversationId,
  ExportFormat,
  ExportSelection,
  ExportSummary,
  Ipc,
  Scope,
} from '../ipc';
import type { Period } from '../lib/export-period';
import { getExportTexts } from '../lib/export-texts';
import { text } from '../lib/text';
import type { Dialog } from './app.svelte';
import { sentenceOf } from './sentence';

/** What can be exported besides everything. */
export type ExportSubject =
  | { of: 'conversation'; id: ConversationId; title: string }
  | { of: 'search'; text: string; scope: Scope };

/** What the user chose. */
export type ExportChoice = Period & { format: ExportFormat; withFiles: boolean };

type Host = {
  readonly ipc: Pick<Ipc, 'exportMessages' | 'cancelExport'>;
  dialog: Dialog | null;
  toast: string | null;
  attempt: (work: () => Promise<unknown>) => Promise<unknown>;
};

/** The export of messages, which continues while its dialog is closed. */
export class Exports {
  /** What the dialog offers besides everything. */
  subject = $state.raw<ExportSubject | null>(null);
  /** The number of messages that were read, and of all of them; null if nothing is being exported. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  /** What was exported, until the dialog is opened again. */
  summary = $state.raw<ExportSummary | null>(null);
  /** Why nothing was exported. */
  failure = $state('');

  constructor(private host: Host) {}

  /** Opens the dialog, for something or for everything; while something is being exported, it shows the progress. */
  open(subject: ExportSubject | null) {
    if (!this.progress) [this.subject, this.summary, this.failure] = [subject, null, ''];
    this.host.dialog = 'export';
  }

  /** Exports a subject, or everything, into a folder that the user is asked for. */
  async start(subject: ExportSubject | null, choice: ExportChoice) {
    if (this.progress) return;
    [this.progress, this.summary, this.failure] = [{ done: 0, total: 0 }, null, ''];
    try {
      const request = { ...choice, selection: selectionOf(subject) };
      const texts = getExportTexts(nameOf(subject));
      this.summary = await this.host.ipc.exportMessages(request, texts);
    } catch (error) {
      this.failure = sentenceOf(error);
    }
    this.progress = null;
    const sentence = this.summary ? this.sentence(this.summary) : this.failure;
    if (this.host.dialog !== 'export' && sentence) this.host.toast = sentence;
  }

  /** Receives the progress. */
  advance(progress: { done: number; total: number }) {
    if (this.progress) this.progress = progress;
  }

  cancel = () => this.host.attempt(() => this.host.ipc.cancelExport());

  /** Returns a sentence about what was exported. */
  sentence = ({ messages, name }: ExportSummary) => text.exported({ n: messages, name });
}

function selectionOf(subject: ExportSubject | null): ExportSelection {
  if (!subject) return { of: 'everything' };
  if (subject.of === 'conversation') return { of: 'conversation', id: subject.id };
  return { of: 'search', text: subject.text, scope: subject.scope };
}

/** Returns the name of the export's folder, without the day. */
function nameOf(subject: ExportSubject | null): string {
  if (!subject) return text.exportNames.everything;
  if (subject.of === 'conversation') return text.exportNameOf({ title: subject.title });
  return text.exportNames.search;
}
