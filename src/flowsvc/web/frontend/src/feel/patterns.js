// Patterns of matches(), replace() and split(): XPath's regular expressions, as JavaScript reads them (DMN 1.5, 10.3.4.3).
import { warn } from './values.js';

const NAME_START = ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}';
const NAME_PART = `${NAME_START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}`;
// Letters of every language are word characters in XPath, and digits digits.
const ESCAPES = {
  w: '[^\\p{P}\\p{Z}\\p{C}]',
  W: '[\\p{P}\\p{Z}\\p{C}]',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: '[ \\t\\n\\r]',
  S: '[^ \\t\\n\\r]',
  i: `[${NAME_START}]`,
  I: `[^${NAME_START}]`,
  c: `[${NAME_PART}]`,
  C: `[^${NAME_PART}]`,
};
const INSIDE = { i: NAME_START, c: NAME_PART };
const BLOCKS = { BasicLatin: '\\u{0}-\\u{7F}', 'Latin-1Supplement': '\\u{80}-\\u{FF}', Greek: '\\u{370}-\\u{3FF}', Cyrillic: '\\u{400}-\\u{4FF}' };
// What JavaScript has and XPath does not.
const FOREIGN = /\(\?(?!:)|\\[bBkx0]/;

/** The pattern as a RegExp, or a trouble. */
export function regexp(pattern, flags, more = '') {
  if (/[^smixq]/.test(flags)) {
    return warn('INVALID_PATTERN');
  }
  const body = flags.includes('q') ? pattern.replace(/[.*+?^${}()|[\]\\/&!#%,:;<=>@`~-]/g, escaped) : translated(pattern, flags.includes('x'));
  if (body === null) {
    return warn('INVALID_PATTERN');
  }
  try {
    return new RegExp(body, `v${flags.replace(/[^smi]/g, '')}${more}`);
  } catch {
    return warn('INVALID_PATTERN');
  }
}

const escaped = sign => (/[!#%,:;<=>@`~&]/.test(sign) ? sign : `\\${sign}`);

function translated(pattern, isSpaced) {
  if (FOREIGN.test(pattern.replaceAll('\\\\', ''))) {
    return null;
  }
  let result = '';
  // Where the classes that are open begin.
  const opened = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at];
    if (sign === '\\') {
      at += 1;
      const [text, end] = escape(pattern, at, opened.length > 0);
      result += text;
      at = end;
    } else if (sign === '[') {
      const start = opened[opened.length - 1];
      if (start !== undefined && result.endsWith('-')) {
        // Subtraction, [a-z-[aeiou]]: here its sides have to be classes.
        result = `${result.slice(0, start)}[${result.slice(start, -1)}]--`;
      }
      opened.push(result.length);
      result += '[';
    } else if (sign === ']' && opened.length > 0) {
      opened.pop();
      result += ']';
    } else if (opened.length > 0) {
      result += classSign(sign, pattern, at);
    } else if (!(isSpaced && /\s/.test(sign))) {
      result += sign;
    }
  }
  return result;
}

// In a class of the v flag more signs have to be escaped.
function classSign(sign, pattern, at) {
  if (/[(){}/|]/.test(sign) || (sign === '-' && (pattern[at + 1] === ']' || (/[[^]/.test(pattern[at - 1]) && pattern[at + 1] !== '[')))) {
    return `\\${sign}`;
  }
  return /[&!#$%*+,.:;<=>?@^`~]/.test(sign) && pattern[at + 1] === sign ? `\\${sign}` : sign;
}

function escape(pattern, at, isInside) {
  const sign = pattern[at] ?? '';
  const block = /^([pP])\{Is([^}]+)\}/.exec(pattern.slice(at));
  if (block && BLOCKS[block[2]]) {
    const open = `[${block[1] === 'P' ? '^' : ''}${BLOCKS[block[2]]}]`;
    return [open, at + block[0].length - 1];
  }
  if (isInside && INSIDE[sign]) {
    return [INSIDE[sign], at];
  }
  return [ESCAPES[sign] ?? (sign === '-' && !isInside ? sign : `\\${sign}`), at];
}

/** XPath's replacement text as JavaScript's; a trouble for a dollar or backslash that is neither a group nor escaped. */
export function replacementOf(text, groups, isLiteral) {
  if (isLiteral) {
    return text.replaceAll('$', '$$$$');
  }
  let isBroken = false;
  const result = text.replace(/\\(.?)|\$(\d*)|[^\\$]+/gs, (found, escapedSign, group) => {
    if (escapedSign !== undefined) {
      isBroken ||= escapedSign !== '\\' && escapedSign !== '$';
      return escapedSign === '$' ? '$$' : escapedSign;
    }
    if (group === undefined) {
      return found;
    }
    isBroken ||= group === '';
    return groupText(group, groups);
  });
  return isBroken ? warn('INVALID_PATTERN') : result;
}

// $12 is group 12 where there are so many, else group 1 and a 2; a group that does not exist is empty.
function groupText(digits, groups) {
  let length = digits.length;
  while (length > 1 && Number(digits.slice(0, length)) > groups) {
    length -= 1;
  }
  const number = Number(digits.slice(0, length));
  return (number === 0 ? '$&' : number <= groups ? `$${number}` : '') + digits.slice(length);
}
