import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { started } from './ipc';
import { startTheme } from './lib/theme';
import { startZoom } from './lib/zoom';

startTheme();
startZoom();
// Text is laid out once, in the letters it is read in. Without them it is shown all the same.
const fonts = Promise.allSettled(
  ['Inter Variable', 'JetBrains Mono Variable'].map((name) => document.fonts.load(`1em "${name}"`)),
);
mount(App, { target: document.getElementById('app')!, props: { started: fonts.then(started) } });
