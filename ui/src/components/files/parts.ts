/** The components of a message's files. They are loaded when the first message with files is shown. */
export { default as FileRow } from './FileRow.svelte';
export { default as Film } from './Film.svelte';
export { default as Picture } from './Picture.svelte';
export { default as UploadLine } from './UploadLine.svelte';
