// Both languages, the same keys; `t` fills {holes}.
let words = {};
export let language = 'en';

export async function speak(code) {
  language = code === 'zh' ? 'zh' : 'en';
  words = await (await fetch(`${language}.json`)).json();
  document.documentElement.lang = language;
  for (const el of document.querySelectorAll('[data-i18n]')) el.textContent = t(el.dataset.i18n);
  for (const el of document.querySelectorAll('[data-i18n-title]')) el.title = t(el.dataset.i18nTitle);
  for (const el of document.querySelectorAll('[data-i18n-label]')) el.setAttribute('aria-label', t(el.dataset.i18nLabel));
}

export function t(key, holes = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => holes[name] ?? '');
}

export const nameOf = (key) => `${key.unit}/${key.serial}`;
export const row = (left, right, cls) => {
  const li = document.createElement('li');
  if (cls) li.className = cls;
  for (const text of [left, right]) { const s = document.createElement('span'); s.textContent = text; li.append(s); }
  return li;
};
