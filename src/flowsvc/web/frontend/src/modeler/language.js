// The language of the page, and the words of the editor that are ours: each stands in both languages where it is used.
export const isEnglish = document.documentElement.lang.startsWith('en');

/** The Swedish or the English words, as the page speaks. */
export function say(swedish, english) {
  return isEnglish ? english : swedish;
}
