import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { started } from './ipc';
import { loadFont } from './lib/fonts';
import { prepareFormats } from './lib/format-time';
import { loadSavedLanguage } from './lib/text';
import { startTheme } from './lib/theme';
import { startZoom } from './lib/zoom';

startTheme();
startZoom();
const props = { started: loadFont().then(started) };
void loadSavedLanguage().finally(() => {
  mount(App, { target: document.getElementById('app')!, props });
  prepareFormats();
});
