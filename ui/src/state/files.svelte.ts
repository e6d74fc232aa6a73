import { SvelteMap } from 'svelte/reactivity';
import {
  attachmentAddress,
  Failure,
  type AccountId,
  type ConversationId,
  type FilesDragged,
  type FileState,
  type Ipc,
  type MessageFile,
  type MessageId,
} from '../ipc';
import { RefCounts } from '../lib/ref-counts';
import { text } from '../lib/text';
import { Batch } from '../lib/batch';
import { programConfirmation, type Confirmation } from './confirmation';
import { StagedFiles } from './staged-files.svelte';
import { StagedByConversation } from './staged-by-conversation';

/** Maximum number of cached states of files that are no longer shown. */
const MAX_UNUSED = 1000;
/** Maximum number of files in one request. */
const BATCH_SIZE = 200;

/** The functions of the window that the files use. */
export type FilesHost = {
  account: () => AccountId | null;
  /** Runs an action and shows its failure. */
  attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>;
  confirm: (confirmation: Confirmation) => void;
  /** Shows a notice. */
  notify: (sentence: string) => void;
};

/** A file with its message and index, by which commands identify it. */
export type Attached = { messageId: MessageId; index: number; file: MessageFile };

/** The states of the shown files: whether they are on this computer, and their transfers. */
export class Files {
  #states = new SvelteMap<string, FileState>();
  /** The files that are shown. */
  #shown = new RefCounts<string>();
  #requests = new Batch<string>((hashes) => this.#read(hashes), BATCH_SIZE);
  /** The names of the files that the user is downloading, by hash. The end of a download is announced. */
  #downloading: Record<string, string> = {};
  #staged: StagedByConversation;
  /** The end of the last download, for screen readers. A new object each time. */
  announcement = $state.raw<{ sentence: string } | null>(null);
  /** The file that was saved last, which can be shown in its folder. */
  saved = $state.raw<{ messageId: MessageId; index: number } | null>(null);
  /** The number of files that are being dragged over the window. */
  over = $state(0);
  /** The conversation to which dropped files are attached. */
  #target: { conversation: ConversationId } | null = null;

  constructor(
    private ipc: Ipc,
    private host: FilesHost,
  ) {
    this.#staged = new StagedByConversation(
      (conversation) => new StagedFiles(conversation, ipc, host.attempt),
    );
  }

  /** Returns the attached files of the next message of a conversation. */
  staged(conversation: ConversationId): StagedFiles {
    return this.#staged.of(conversation);
  }

  /** Returns an attachment for an element that shows these files. Their states are loaded while it exists. */
  track = (files: readonly MessageFile[]) => () => {
    const hashes = files.flatMap(({ hash, thumbnail }) =>
      thumbnail ? [hash, thumbnail.hash] : [hash],
    );
    const release = this.#shown.retain(hashes);
    this.#requests.add(hashes);
    return release;
  };

  /** Returns the state of a shown file or thumbnail, if it is known. Reactive. */
  state(hash: string): FileState | undefined {
    return this.#states.get(hash);
  }

  /** Returns the address of a file or a thumbnail; null while it is not on this computer. */
  address(hash: string | undefined): string | null {
    const account = this.host.account();
    if (hash === undefined || account === null || !this.#states.get(hash)?.isHere) return null;
    return attachmentAddress(account, hash);
  }

  /** Returns the address of a file that is being prepared to be sent, and therefore on this computer. */
  addressHere(hash: string): string | null {
    const account = this.host.account();
    return account === null ? null : attachmentAddress(account, hash);
  }

  /** Reloads the states of the shown files after a change. */
  changed() {
    this.#requests.add([...this.#shown.all(), ...Object.keys(this.#downloading)]);
    for (const staged of this.#staged.nonEmpty()) void staged.load();
  }

  /** Handles files that are dragged over the window, away from it, or dropped on it. */
  dragged({ phase, drop, count }: FilesDragged) {
    this.over = phase === 'over' ? Math.max(1, count) : 0;
    const target = this.#target;
    if (phase === 'dropped' && typeof drop === 'number' && target)
      void this.staged(target.conversation).drop(drop);
  }

  /** Returns an attachment for an element that shows a conversation, to which dropped files are attached. */
  receive = (conversation: ConversationId | null) => () => {
    const target = conversation === null ? null : { conversation };
    this.#target = target;
    return () => {
      if (this.#target === target) this.#target = null;
    };
  };

  /** Downloads a file, now or when the server can be reached. */
  async download({ messageId, index, file }: Attached) {
    this.#downloading[file.hash] = file.name;
    await this.host.attempt(() => this.ipc.fetchFile(messageId, index));
    this.#requests.add([file.hash]);
  }

  /** Stops a download. */
  async cancel(hash: string) {
    delete this.#downloading[hash];
    await this.host.attempt(() => this.ipc.cancelFetch(hash));
    this.#requests.add([hash]);
  }

  /** Saves a file where the user chooses. */
  async save({ messageId, index }: Attached) {
    const isSaved = await this.host.attempt(() => this.ipc.saveFile(messageId, index));
    if (!isSaved) return;
    this.saved = { messageId, index };
    this.host.notify(text.savedFile);
  }

  /** Copies a picture to the clipboard. */
  copy = ({ messageId, index }: Attached) =>
    this.host.attempt(async () => {
      await this.ipc.copyPicture(messageId, index);
      this.host.notify(text.copiedPicture);
    });

  /** Whether a file is the one that was saved last. */
  isSaved = ({ messageId, index }: Attached) =>
    this.saved?.messageId === messageId && this.saved.index === index;

  /** Shows the file that was saved last in its folder. */
  showSaved = () => this.host.attempt(() => this.ipc.showSaved());

  /** Opens a file in the system's program for it. Asks first if that could run the file. */
  async open(attached: Attached, confirmed = false): Promise<void> {
    const { messageId, index, file } = attached;
    await this.host.attempt(async () => {
      try {
        await this.ipc.openFile(messageId, index, confirmed);
      } catch (error) {
        const isProgram = error instanceof Failure && error.problem.reason?.key === 'fileIsProgram';
        if (!isProgram || confirmed) throw error;
        this.host.confirm(programConfirmation(file.name, () => void this.open(attached, true)));
      }
    });
    this.#requests.add([file.hash]);
  }

  async #read(hashes: string[]) {
    // After a failure the states stay unchanged; the next change causes another request.
    const found = (await this.ipc.fileStates(hashes).catch(() => null)) ?? [];
    for (const state of found) {
      const before = this.#states.get(state.hash);
      this.#announce(state, before);
      const isSame = before && JSON.stringify(before) === JSON.stringify(state);
      if (!isSame) this.#states.set(state.hash, state);
    }
    this.#evict();
  }

  /** Evicts the states of files that are no longer shown, once there are many. */
  #evict() {
    const known = [...this.#states.keys()];
    const others = known.filter((hash) => !this.#shown.has(hash) && !(hash in this.#downloading));
    if (others.length > MAX_UNUSED) for (const hash of others) this.#states.delete(hash);
  }

  #announce({ hash, isHere, transfer }: FileState, before: FileState | undefined) {
    const name = this.#downloading[hash];
    if (name === undefined) return;
    if (isHere && !transfer) {
      delete this.#downloading[hash];
      this.announcement = { sentence: text.downloaded({ name }) };
    } else if (transfer?.problem && !before?.transfer?.problem) {
      this.announcement = { sentence: text.notDownloaded({ name }) };
    }
  }
}
