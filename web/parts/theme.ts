/** Light, dark, or as the system has it; kept in this browser. */
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const key = 'restante.theme';

export const theme = signal<Theme>(readTheme());

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // It holds for this tab.
  }
  showTheme();
}

export function showTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
}

function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}
