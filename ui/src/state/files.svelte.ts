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
import { Counted } from '../lib/counted';
import { text } from '../lib/text';
import { Together } from '../lib/together';
import { programQuestion, type Question } from './question';
import { Staged } from './staged.svelte';
import { Stagings } from './stagings';

/** Number of states that are kept of files which are not shown any more. */
const SPARE = 1000;
/** Maximum number of files in one request. */
const AT_ONCE = 200;

/** What the files need of the window. */
export type FilesHost = {
  account: () => AccountId | null;
  /** Runs an action and shows its failure. */
  attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>;
  ask: (question: Question) => void;
  /** Shows a sentence that confirms something. */
  tell: (sentence: string) => void;
};

/** A file of a message, as commands name it. */
export type Attached = { messageId: MessageId; index: number; file: MessageFile };

/** The files that are shown: what of them is on this computer, and what is being moved. */
export class Files {
  #states = new SvelteMap<string, FileState>();
  /** The files that are shown. */
  #shown = new Counted<string>();
  #asking = new Together<string>((hashes) => this.#read(hashes), AT_ONCE);
  /** The names of the files that the user asked for, by hash: how that ends is read out. */
  #awaited: Record<string, string> = {};
  #staged: Stagings;
  /** The end of the last download, for screen readers. A new object each time. */
  told = $state.raw<{ sentence: string } | null>(null);
  /** The file that was saved last, which can be shown in its folder. */
  saved = $state.raw<{ messageId: MessageId; index: number } | null>(null);
  /** The number of files that are being dragged over the window. */
  over = $state(0);
  /** The conversation that takes what is dropped. */
  #target: { conversation: ConversationId } | null = null;

  constructor(
    private ipc: Ipc,
    private host: FilesHost,
  ) {
    this.#staged = new Stagings((conversation) => new Staged(conversation, ipc, host.attempt));
  }

  /** Returns the files that wait to be sent with the next message of a conversation. */
  staged(conversation: ConversationId): Staged {
    return this.#staged.of(conversation);
  }

  /** Returns an attachment for an element that shows these files: their states are known while it is there. */
  follow = (files: readonly MessageFile[]) => () => {
    const hashes = files.flatMap(({ hash, thumbnail }) =>
      thumbnail ? [hash, thumbnail.hash] : [hash],
    );
    const leave = this.#shown.hold(hashes);
    this.#asking.add(hashes);
    return leave;
  };

  /** Returns what is known of a file or a thumbnail that is shown. Reactive. */
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

  /** Reads the states of the files that are shown again, since some changed. */
  changed() {
    this.#asking.add([...this.#shown.all(), ...Object.keys(this.#awaited)]);
    for (const staged of this.#staged.used()) void staged.load();
  }

  /** Notes that files are dragged over the window, away from it, or dropped on it. */
  dragged({ phase, drop, count }: FilesDragged) {
    this.over = phase === 'over' ? Math.max(1, count) : 0;
    const target = this.#target;
    if (phase === 'dropped' && typeof drop === 'number' && target)
      void this.staged(target.conversation).drop(drop);
  }

  /** Returns an attachment for an element that shows a conversation, which takes what is dropped meanwhile. */
  receive = (conversation: ConversationId | null) => () => {
    const target = conversation === null ? null : { conversation };
    this.#target = target;
    return () => {
      if (this.#target === target) this.#target = null;
    };
  };

  /** Downloads a file, now or when the server can be reached. */
  async download({ messageId, index, file }: Attached) {
    this.#awaited[file.hash] = file.name;
    await this.host.attempt(() => this.ipc.fetchFile(messageId, index));
    this.#asking.add([file.hash]);
  }

  /** Stops a download. */
  async cancel(hash: string) {
    delete this.#awaited[hash];
    await this.host.attempt(() => this.ipc.cancelFetch(hash));
    this.#asking.add([hash]);
  }

  /** Saves a file where the user chooses. */
  async save({ messageId, index }: Attached) {
    const isSaved = await this.host.attempt(() => this.ipc.saveFile(messageId, index));
    if (!isSaved) return;
    this.saved = { messageId, index };
    this.host.tell(text.savedFile);
  }

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
        this.host.ask(programQuestion(file.name, () => void this.open(attached, true)));
      }
    });
    this.#asking.add([file.hash]);
  }

  async #read(hashes: string[]) {
    // After a failure the states stay as they are; the next change causes another request.
    const found = (await this.ipc.fileStates(hashes).catch(() => null)) ?? [];
    for (const state of found) {
      const before = this.#states.get(state.hash);
      this.#announce(state, before);
      const isSame = before && JSON.stringify(before) === JSON.stringify(state);
      if (!isSame) this.#states.set(state.hash, state);
    }
    this.#tidy();
  }

  /** Forgets the states of files that are not shown any more, once there are many. */
  #tidy() {
    const known = [...this.#states.keys()];
    const others = known.filter((hash) => !this.#shown.has(hash) && !(hash in this.#awaited));
    if (others.length > SPARE) for (const hash of others) this.#states.delete(hash);
  }

  #announce({ hash, isHere, transfer }: FileState, before: FileState | undefined) {
    const name = this.#awaited[hash];
    if (name === undefined) return;
    if (isHere && !transfer) {
      delete this.#awaited[hash];
      this.told = { sentence: text.downloaded({ name }) };
    } else if (transfer?.problem && !before?.transfer?.problem) {
      this.told = { sentence: text.notDownloaded({ name }) };
    }
  }
}
