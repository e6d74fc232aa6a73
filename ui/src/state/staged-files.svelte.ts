import { limits } from '../ipc';
import type { ConversationId, FileLimits, Ipc, NotStaged, StagedFile, Staging } from '../ipc';
import { base64Of } from '../lib/base64';
import { formatFileSize } from '../lib/sizes';
import { text } from '../lib/text';

/** The attached files of the next message of a conversation. They are stored across restarts. */
export class StagedFiles {
  files = $state.raw<StagedFile[]>([]);
  /** Files that could not be added. Nothing is sent until the user has removed them. */
  failed = $state.raw<NotStaged[]>([]);
  limits = $state.raw<FileLimits | null>(null);
  /** The number of additions that are still running. */
  adding = $state(0);

  constructor(
    readonly conversation: ConversationId,
    private ipc: Ipc,
    private attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>,
  ) {}

  get isEmpty(): boolean {
    return this.files.length + this.failed.length + this.adding === 0;
  }

  /** The ids of the files, in order. */
  get ids(): number[] {
    return this.files.map(({ id }) => id);
  }

  /** Loads the files and the server's limits. */
  async load() {
    const [files, limits] = await Promise.all([
      this.ipc.staged(this.conversation).catch(() => null),
      this.ipc.fileLimits().catch(() => null),
    ]);
    this.files = files ?? this.files;
    this.limits = limits ?? this.limits;
  }

  /** Lets the user choose files. */
  pick = () => this.#add(() => this.ipc.pickFiles(this.conversation));

  /** Adds files that were dropped on the window. */
  drop = (drop: number) => this.#add(() => this.ipc.stageDropped(this.conversation, drop));

  /**
   * Adds the picture or the files in the clipboard. `pasted` are the files of the web view's event, for
   * systems on which the backend cannot read the clipboard.
   */
  paste = (pasted: readonly File[]) =>
    this.#add(async () => {
      const all = await this.ipc.stageClipboard(this.conversation);
      if (all.staged.length + all.failed.length > 0) return all;
      const failed: NotStaged[] = [];
      for (const file of pasted) failed.push(...(await this.#addBytes(file)).failed);
      return { staged: [], failed };
    });

  async #addBytes(file: File): Promise<Staging> {
    if (file.size > limits.pastedBytes) {
      const reason = { key: 'fileTooLarge' as const, maxMib: limits.pastedBytes / 1024 / 1024 };
      return { staged: [], failed: [{ name: file.name, problem: { code: 'too_large', reason } }] };
    }
    const bytes = await base64Of(file);
    return this.ipc.stageBytes(this.conversation, file.name, bytes);
  }

  async #add(stage: () => Promise<Staging>) {
    this.adding++;
    await this.attempt(async () => {
      const { failed } = await stage();
      this.failed = [...this.failed, ...failed];
    });
    await this.load();
    this.adding--;
  }

  /** Removes a file. The original stays where it is. */
  async remove(id: number) {
    this.files = this.files.filter((file) => file.id !== id);
    await this.attempt(() => this.ipc.unstage(id));
  }

  /** Removes a file that could not be added from the list. */
  removeFailed(removed: NotStaged) {
    this.failed = this.failed.filter((file) => file !== removed);
  }

  async removeAll() {
    this.failed = [];
    const { ids } = this;
    this.files = [];
    await this.attempt(async () => {
      for (const id of ids) await this.ipc.unstage(id);
    });
  }

  /** Moves a file to a position among the others. Returns its new position. */
  move(id: number, to: number): number {
    const moved = this.files.find((file) => file.id === id);
    const others = this.files.filter((file) => file.id !== id);
    const index = Math.max(0, Math.min(to, others.length));
    if (moved) this.files = [...others.slice(0, index), moved, ...others.slice(index)];
    return index;
  }

  /** Stores the order of the files. */
  storeOrder = () => this.attempt(() => this.ipc.orderStaged(this.ids));

  /** Chooses whether files are sent unchanged, or as pictures without location data. */
  async setAsFile(ids: number[], asFile: boolean) {
    await this.attempt(async () => {
      for (const id of ids) this.files = await this.ipc.setStagedAsFile(id, asFile);
    });
  }

  /** The files that can be sent as a picture. */
  get possiblePictures(): StagedFile[] {
    return this.files.filter(({ canBePicture }) => canBePicture);
  }

  /** Returns why a file cannot be sent, or null if it can. */
  problemOf({ file }: StagedFile): string | null {
    const { limits } = this;
    if (!limits) return null;
    if (limits.fileBytes === 0) return text.refusals.filesOff;
    if (file.bytes > limits.fileBytes)
      return text.fileLimit({
        size: formatFileSize(file.bytes),
        limit: formatFileSize(limits.fileBytes),
      });
    return accepts(limits, file.mediaType) ? null : text.refusals.fileType;
  }

  /** Why the message cannot be sent now; '' if it can. */
  get sendBlocker(): string {
    if (this.adding > 0) return text.addingFiles;
    const blocking =
      this.failed[0]?.name ?? this.files.find((file) => this.problemOf(file) !== null)?.file.name;
    if (blocking !== undefined) return text.removeToSend({ name: blocking });
    const { limits } = this;
    const quota = limits?.quotaBytes ?? null;
    if (!limits || quota === null) return '';
    const left = Math.max(0, quota - limits.usedBytes);
    const bytes = this.files.reduce((sum, { file }) => sum + file.bytes, 0);
    return bytes > left ? text.quotaLeft({ left: formatFileSize(left) }) : '';
  }
}

/** Returns whether the server accepts files of a media type. */
const accepts = ({ mediaTypes }: FileLimits, mediaType: string) =>
  mediaTypes.length === 0 ||
  mediaTypes.some((accepted) =>
    accepted.endsWith('/*') ? mediaType.startsWith(accepted.slice(0, -1)) : accepted === mediaType,
  );
