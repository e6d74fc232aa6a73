import { text } from '../lib/text';

/** A confirmation dialog before an action that cannot be undone. */
export type Confirmation = {
  title: string;
  /** The effect of the action. */
  details: string;
  /** The object of the action, such as a text or a file name. */
  subject?: string;
  /** Further effects, one sentence each. */
  points?: string[];
  /** An additional action that the user can choose. */
  option?: { label: string; hint: string };
  /** The label of the button that cancels, which has the focus. */
  cancelLabel: string;
  confirmLabel: string;
  /** Runs the action, and the additional one if it was chosen. */
  act: (chosen: boolean) => void;
};

/** Maximum number of characters that are shown of the object, which may be megabytes. */
const MAX_SUBJECT = 500;

/** Asks before messages are deleted for everybody. */
export const deleteConfirmation = (items: { own: boolean }[], act: () => void): Confirmation => ({
  title: text.deleteTitle({ n: items.length }),
  details: text.deleteDetails({
    n: items.length,
    others: items.filter((item) => !item.own).length,
  }),
  cancelLabel: text.cancel,
  confirmLabel: text.remove,
  act,
});

/** Asks before a group is transferred to another owner: only they can transfer it back. */
export const transferConfirmation = (name: string, act: () => void): Confirmation => ({
  title: text.transferTitle({ name }),
  details: text.transferDetails,
  cancelLabel: text.cancel,
  confirmLabel: text.transfer,
  act,
});

/** Asks before somebody is removed from a group. */
export const removeMemberConfirmation = (name: string, act: () => void): Confirmation => ({
  title: text.removeMemberTitle({ name }),
  details: text.removeMemberDetails,
  cancelLabel: text.cancel,
  confirmLabel: text.removeFromGroup,
  act,
});

/** Asks before the text of an edit is discarded. */
export const discardEditConfirmation = (act: () => void): Confirmation => ({
  title: text.discardEditTitle,
  details: text.discardEditDetails,
  cancelLabel: text.keepEditing,
  confirmLabel: text.discard,
  act,
});

/** Asks before an unsent message or action is discarded, because it cannot be restored. */
export const discardConfirmation = (
  isMessage: boolean,
  body: string,
  act: () => void,
): Confirmation => ({
  title: isMessage ? text.discardMessageTitle : text.discardTitle,
  details: isMessage ? text.discardMessageDetails : text.discardDetails,
  subject: body.slice(0, MAX_SUBJECT) || undefined,
  cancelLabel: text.cancel,
  confirmLabel: text.discard,
  act,
});

/** Asks before a file is opened that could run as a program. */
export const programConfirmation = (name: string, act: () => void): Confirmation => ({
  title: text.openProgramTitle({ name }),
  details: text.openProgramDetails,
  cancelLabel: text.cancel,
  confirmLabel: text.open,
  act,
});

/** Asks before all attached files of a message are removed. */
export const removeFilesConfirmation = (n: number, act: () => void): Confirmation => ({
  title: text.removeFilesTitle({ n }),
  details: text.removeFilesDetails,
  cancelLabel: text.cancel,
  confirmLabel: text.removeFiles,
  act,
});
