// @vitest-environment node
import { Linter } from 'eslint';
import svelte from 'eslint-plugin-svelte';
import { expect, test } from 'vitest';
import noBareText from '../eslint/no-bare-text';

const linter = new Linter();

/** Returns the texts that the rule reports in a component. */
const refused = (code: string) =>
  linter
    .verify(
      code,
      [
        ...(svelte.configs.base as Linter.Config[]),
        { plugins: { text: { rules: { bare: noBareText } } }, rules: { 'text/bare': 'error' } },
      ],
      'Component.svelte',
    )
    .map(({ message }) => /“(.*)”/s.exec(message)?.[1] ?? message);

test.each([
  ['<p>Nothing here</p>', 'Nothing here'],
  ['<p>{isThere ? "Here" : text.gone}</p>', 'Here'],
  ['<p>{`${n} messages`}</p>', 'messages'],
  ['<p>{"Hello " + name}</p>', 'Hello'],
  ['<p>{name && "online"}</p>', 'online'],
  ['<button aria-label="Close" onclick={close}></button>', 'Close'],
  ['<button aria-label="Remove {name}"></button>', 'Remove'],
  ['<img alt={`Picture of ${name}`} />', 'Picture of'],
  ['<input placeholder={"Search"} />', 'Search'],
  ['<Dialog title="Settings" />', 'Settings'],
  ['<script>app.toast = "Copied."</script>', 'Copied.'],
  ['<script>throw new Error(`The file ${name} is gone`)</script>', 'The file'],
])('%s is refused', (code, words) => {
  expect(refused(code)).toEqual([words]);
});

test.each([
  '<p>{text.nothing} · {name}&nbsp;(#{count}) 999+</p>',
  '<p>{kind === "group" ? text.groups : text.direct}</p>',
  '<p class="text-secondary">{keyName("Ctrl+K")}</p>',
  '<p>{names["pinned"]}</p>',
  '<button aria-label={text.close} title="{name} ({key})" type="submit"></button>',
  '<input placeholder="2024-05-17" name="server" />',
  '<style>p { color: red; }</style>',
  '<script>const fonts = ["Inter Variable", "input, textarea"];</script>',
])('%s is allowed', (code) => {
  expect(refused(code)).toEqual([]);
});
