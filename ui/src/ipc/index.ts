/**
 * The only file that knows Tauri. Everything else calls these functions, which return values or throw a {@link
 * Failure}, and listens to these events.
 */
import { convertFileSrc } from '@tauri-apps/api/core';
import { commands, events } from './bindings.gen';
import type * as gen from './bindings.gen';

/** Facts of the Rust side: the limits and periods of the protocol, and the registry of the window's settings. */
export { limits, periods, settings } from './bindings.gen';

export type AccountId = gen.AccountId;
export type ActivityCause = gen.ActivityCause;
export type ActivityEntry = gen.ActivityEntry_Serialize;
export type ActivityKind = gen.ActivityKind;
export type ActivityPage = gen.ActivityPage_Serialize;
export type AccountInfo = gen.AccountInfo_Serialize;
export type Action = gen.Action_Deserialize;
export type AccountTile = gen.AccountTile_Serialize;
export type Availability = gen.Availability;
export type Block = gen.Block_Serialize;
export type Bootstrap = gen.Bootstrap_Serialize;
export type ClosedBecause = gen.ClosedBecause_Serialize;
export type Changed = gen.Changed;
export type ConversationId = gen.ConversationId;
export type ConversationSummary = gen.ConversationSummary_Serialize;
export type Device = gen.Device_Serialize;
export type Draft = gen.Draft_Serialize;
export type EarlierBody = gen.EarlierBody;
export type AboutProgram = gen.AboutProgram;
export type Closing = gen.Closing;
export type DesktopChoices = gen.DesktopChoices_Serialize;
export type DefaultGroup = gen.DefaultGroup_Serialize;
export type ErrorCode = gen.ErrorCode_Serialize;
export type ExportFormat = gen.ExportFormat;
export type ExportProgressed = gen.ExportProgressed;
export type ExportSelection = gen.ExportSelection;
export type ExportSummary = gen.ExportSummary;
export type ExportTexts = gen.ExportTexts;
export type FileLimits = gen.FileLimits_Serialize;
export type FilePage = gen.FilePage_Serialize;
export type FilesDragged = gen.FilesDragged;
export type FilesQuery = gen.FilesQuery_Deserialize;
export type FileState = gen.FileState_Serialize;
export type GroupName = gen.GroupName;
export type HealthFinding = gen.HealthFinding;
export type HistoryLimit = gen.HistoryLimit;
export type Inline = gen.Inline;
export type ItemReaction = gen.ItemReaction;
export type KeyStorageChoice = gen.KeyStorageChoice;
export type NavigationTarget = gen.NavigationTarget_Serialize;
export type LinkPreview = gen.LinkPreview_Serialize;
export type ListedFile = gen.ListedFile_Serialize;
export type LocalReason = gen.LocalReason;
export type Member = gen.Member;
export type MessageFile = gen.MessageFile_Serialize;
export type MessageId = gen.MessageId;
export type NotStaged = gen.NotStaged_Serialize;
export type DesktopTexts = gen.DesktopTexts;
export type OutboxItem = gen.OutboxItem_Serialize;
export type Person = gen.Person;
export type PersonCard = gen.PersonCard_Serialize;
export type PersonPresence = gen.PersonPresence_Serialize;
export type PersonState = gen.PersonState;
export type PersonStatus = gen.PersonStatus_Serialize;
export type Position = gen.Position;
export type Problem = gen.Problem_Serialize;
export type MemberRole = gen.MemberRole;
export type Quote = gen.Quote_Serialize;
export type Registration = gen.Registration;
export type Refusal = gen.Refusal;
export type Removal = gen.Removal;
export type SavedItem = gen.SavedItem_Serialize;
export type Scope = gen.Scope;
export type Search = gen.Search_Deserialize;
export type SearchHit = gen.SearchHit_Serialize;
export type SearchPage = gen.SearchPage_Serialize;
export type SearchPlace = gen.SearchPlace;
export type StagedFile = gen.StagedFile_Serialize;
export type Staging = gen.Staging_Serialize;
export type Start = gen.Start_Serialize;
export type SignInMode = gen.SignInMode;
export type ServerChange = gen.ServerChange_Deserialize;
export type ServerState = gen.ServerState_Serialize;
export type SyncStatus = gen.SyncStatus_Serialize;
export type TimelineItem = gen.TimelineItem_Serialize;
export type TimelinePage = gen.TimelinePage_Serialize;
export type Transfer = gen.Transfer_Serialize;
export type Typing = gen.Typing;
export type UserId = gen.UserId;
export type NewLink = gen.NewLink;
export type OpenInvitation = gen.OpenInvitation_Serialize;
export type OwnerlessGroup = gen.OwnerlessGroup;
export type PersonInfo = gen.PersonInfo_Serialize;
export type UserRole = gen.UserRole;

/** A command that failed. `problemText` returns the sentence for it. */
export class Failure extends Error {
  constructor(
    readonly problem: Problem,
    /** The address to try in place of the one that was given. */
    readonly target: string | null = null,
  ) {
    super(problem.code);
  }

  /** The kind of failure, for a switch. */
  get code(): ErrorCode {
    return this.problem.code;
  }
}

type Answered<T> =
  { status: 'ok'; data: T } | { status: 'error'; error: gen.CommandError_Serialize };
type Values<C> = {
  [K in keyof C]: C[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => Promise<R extends { status: 'ok'; data: infer T } ? T : never>
    : never;
};

type All = Values<typeof commands>;
/** The commands that are not about a single account. */
const shellCommands = [
  'aboutProgram',
  'accounts',
  'reloadPage',
  'bootstrap',
  'cancelExport',
  'checkConnections',
  'closeWindow',
  'desktopChoices',
  'keychainAvailable',
  'lock',
  'recordUse',
  'openByKeychain',
  'openLink',
  'painted',
  'previewLink',
  'setDesktopTexts',
  'setClosing',
  'setSpelling',
  'setStartAtLogin',
  'showSaved',
  'signIn',
  'takeNavigationTargets',
  'writeReport',
] as const;
type ShellCommand = (typeof shellCommands)[number];

/** The commands that need no account. */
export type ShellIpc = Pick<All, ShellCommand>;
/** The commands for an account. Those about a single account are called without its id. */
export type Ipc = ShellIpc & {
  [K in Exclude<keyof All, ShellCommand>]: All[K] extends (
    account: gen.AccountId,
    ...args: infer A
  ) => infer R
    ? (...args: A) => R
    : never;
};

const unwrap = (command: (...args: never[]) => Promise<Answered<unknown>>) => {
  return async (...args: never[]) => {
    const answer = await command(...args);
    if (answer.status === 'error') {
      const { problem, target } = answer.error;
      throw new Failure(problem, target);
    }
    return answer.data;
  };
};

const all = Object.fromEntries(
  Object.entries(commands).map(([name, command]) => [name, unwrap(command as never)]),
) as unknown as All;

/** The commands that need no account. */
export const ipc: ShellIpc = all;

declare global {
  interface Window {
    /** The response to the request that index.html made before anything else was loaded. */
    starting?: Promise<gen.Start_Serialize>;
  }
}

/** Returns the state in which the window starts. */
export async function started(): Promise<Start> {
  try {
    return await (window.starting ?? ipc.bootstrap(null));
  } catch (error) {
    const refused = error as gen.CommandError_Serialize;
    throw error instanceof Error ? error : new Failure(refused.problem, refused.target);
  }
}

/** Returns the commands for an account. */
export const ipcOf = (account: AccountId) =>
  Object.fromEntries(
    Object.entries(all).map(([name, command]) => [
      name,
      (shellCommands as readonly string[]).includes(name)
        ? command
        : (command as (...args: unknown[]) => unknown).bind(null, account),
    ]),
  ) as unknown as Ipc;

/** Returns the address at which the program shows a picture that is on this computer (src-tauri/src/pictures.rs). */
export const pictureAddress = (account: AccountId, picture: string) =>
  convertFileSrc(`${account}-${picture}`, 'picture');

/** Returns the address of the picture of the server in the invitation that was looked at last. */
export const invitedPictureAddress = (picture: string) =>
  convertFileSrc(`invitation-${picture}`, 'picture');

/**
 * Returns the address at which the program shows a file or a thumbnail that is on this computer
 * (src-tauri/src/attachments.rs).
 */
export const attachmentAddress = (account: AccountId, hash: string) =>
  convertFileSrc(`${account}-${hash}`, 'attachment');

/**
 * Calls `listener` whenever staged files, transfers or what is on this computer changed, with the account if it is
 * known.
 */
export const onFilesChanged = (listener: (account: AccountId | null) => void) =>
  events.filesChanged.listen((event) => listener(event.payload.account ?? null));

/** Calls `listener` whenever files are dragged over the window, away from it or dropped on it. */
export const onFilesDragged = (listener: (dragged: FilesDragged) => void) =>
  events.filesDragged.listen((event) => listener(event.payload));

/** Calls `listener` whenever an export has read more messages. */
export const onExportProgressed = (listener: (progressed: ExportProgressed) => void) =>
  events.exportProgressed.listen((event) => listener(event.payload));

/** Calls `listener` whenever rows changed. */
export const onChanged = (listener: (changed: Changed) => void) =>
  events.changed.listen((event) => listener(event.payload));

/** Calls `listener` whenever somebody is typing. */
export const onTyping = (listener: (typing: Typing) => void) =>
  events.typing.listen((event) => listener(event.payload));

/** Calls `listener` whenever somebody who is shown came, went or does not want to be disturbed. */
export const onPresence = (listener: (account: AccountId) => void) =>
  events.presenceChanged.listen((event) => listener(event.payload.account));

/** Calls `listener` whenever there are views to show, which `takeNavigationTargets` returns. */
export const onNavigationRequested = (listener: () => void) =>
  events.navigationRequested.listen(() => listener());

/** Calls `listener` whenever the sync status changed. */
export const onStatus = (listener: () => void) => events.statusChanged.listen(() => listener());
