import type { ConversationId, FileLimits, Ipc, NotStaged, StagedFile, Staging } from '../ipc';
import { base64Of } from '../lib/base64';
import { fileSize } from '../lib/sizes';
import { text } from '../lib/text';

/** Largest file that the page itself hands to the program, in bytes. */
const MOST_FROM_PAGE = 32 * 1024 * 1024;

/** The files that wait to be sent with the next message of a conversation. They are kept over restarts. */
export class Staged {
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

  /** Reads the files, and what the server takes. */
  async load() {
    const [files, limits] = await Promise.all([
      this.ipc.staged(this.conversation).catch(() => null),
      this.ipc.fileLimits().catch(() => null),
    ]);
    this.files = files ?? this.files;
    this.limits = limits ?? this.limits;
  }

  /** Lets the user pick files. */
  pick = () => this.#add(() => this.ipc.pickFiles(this.conversation));

  /** Adds files that were dropped on the window. */
  drop = (drop: number) => this.#add(() => this.ipc.stageDropped(this.conversation, drop));

  /**
   * Adds the picture or the files in the clipboard. `given` are those that the web view itself received, for systems
   * on which the program cannot read the clipboard.
   */
  paste = (given: readonly File[]) =>
    this.#add(async () => {
      const all = await this.ipc.stageClipboard(this.conversation);
      if (all.staged.length + all.failed.length > 0) return all;
      const failed: NotStaged[] = [];
      for (const file of given) failed.push(...(await this.#give(file)).failed);
      return { staged: [], failed };
    });

  async #give(file: File): Promise<Staging> {
    if (file.size > MOST_FROM_PAGE) {
      const reason = { key: 'fileTooLarge' as const, mostMib: MOST_FROM_PAGE / 1024 / 1024 };
      return { staged: [], failed: [{ name: file.name, problem: { code: 'too_large', reason } }] };
    }
    const bytes = await base64Of(file);
    return this.ipc.stageBytes(this.conversation, file.name, bytes);
  }

  async #add(more: () => Promise<Staging>) {
    this.adding++;
    await this.attempt(async () => {
      const { failed } = await more();
      this.failed = [...this.failed, ...failed];
    });
    await this.load();
    this.adding--;
  }

  /** Removes a file. The original stays where it is. */
  async remove(id: number) {
    this.files = this.files.filter((one) => one.id !== id);
    await this.attempt(() => this.ipc.unstage(id));
  }

  /** Removes a file that could not be added from those that are shown. */
  removeFailed(which: NotStaged) {
    this.failed = this.failed.filter((one) => one !== which);
  }

  async removeAll() {
    this.failed = [];
    const { ids } = this;
    this.files = [];
    await this.attempt(async () => {
      for (const id of ids) await this.ipc.unstage(id);
    });
  }

  /** Moves a file to a place among the others. Returns the place where it is then. */
  move(id: number, to: number): number {
    const moved = this.files.find((one) => one.id === id);
    const others = this.files.filter((one) => one.id !== id);
    const at = Math.max(0, Math.min(to, others.length));
    if (moved) this.files = [...others.slice(0, at), moved, ...others.slice(at)];
    return at;
  }

  /** Stores the order of the files. */
  keepOrder = () => this.attempt(() => this.ipc.orderStaged(this.ids));

  /** Chooses whether files are sent unchanged, or as pictures without location data. */
  async setAsFile(ids: number[], asFile: boolean) {
    await this.attempt(async () => {
      for (const id of ids) this.files = await this.ipc.setStagedAsFile(id, asFile);
    });
  }

  /** The files that can be sent as a picture. */
  get choosable(): StagedFile[] {
    return this.files.filter(({ canBePicture }) => canBePicture);
  }

  /** Returns why a file cannot be sent as it is; null if it can. */
  problemOf({ file }: StagedFile): string | null {
    const { limits } = this;
    if (!limits) return null;
    if (limits.fileBytes === 0) return text.refusals.filesOff;
    if (file.bytes > limits.fileBytes)
      return text.fileLimit({ size: fileSize(file.bytes), most: fileSize(limits.fileBytes) });
    return takes(limits, file.mediaType) ? null : text.refusals.fileType;
  }

  /** Why nothing can be sent now; empty if everything can. */
  get hindrance(): string {
    if (this.adding > 0) return text.addingFiles;
    const wrong =
      this.failed[0]?.name ?? this.files.find((one) => this.problemOf(one) !== null)?.file.name;
    if (wrong !== undefined) return text.removeToSend({ name: wrong });
    const { limits } = this;
    const quota = limits?.quotaBytes ?? null;
    if (!limits || quota === null) return '';
    const left = Math.max(0, quota - limits.usedBytes);
    const bytes = this.files.reduce((sum, { file }) => sum + file.bytes, 0);
    return bytes > left ? text.noRoomToSend({ left: fileSize(left) }) : '';
  }
}

/** Returns whether the server takes files of a media type. */
const takes = ({ mediaTypes }: FileLimits, mediaType: string) =>
  mediaTypes.length === 0 ||
  mediaTypes.some((taken) =>
    taken.endsWith('/*') ? mediaType.startsWith(taken.slice(0, -1)) : taken === mediaType,
  );
