/** What fills the places of a message's files. It is loaded when the first message with files is shown. */
export { default as FileRow } from './FileRow.svelte';
export { default as Film } from './Film.svelte';
export { default as Picture } from './Picture.svelte';
export { default as UploadLine } from './UploadLine.svelte';
