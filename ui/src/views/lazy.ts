/**
 * Views that the first paint does not need. Their code is in files of its own, which the page reads when the
 * window is first used (`load`), or when one of them is shown before that.
 */

export const addAccount = () => import('./AddAccount.svelte');
export const administration = () => import('./Administration.svelte');
export const closed = () => import('./Closed.svelte');
export const dialogs = () => import('./Dialogs.svelte');
export const emojiPicker = () => import('../components/composer/EmojiPicker.svelte');
export const attachments = () => import('../components/files/parts');
export const inbox = () => import('./InboxView.svelte');
export const menu = () => import('../components/shared/Menu.svelte');
export const panels = () => import('./Panels.svelte');
export const profileCard = () => import('../components/people/ProfileCard.svelte');
export const pictureViewer = () => import('../components/files/Viewer.svelte');
export const rail = () => import('../components/account/Rail.svelte');
export const signIn = () => import('./SignIn.svelte');

/** Loads what is shown often, so that it appears without a delay. The rest takes memory only once it is shown. */
export const load = () =>
  Promise.all([attachments(), dialogs(), inbox(), menu(), panels(), profileCard()]);
