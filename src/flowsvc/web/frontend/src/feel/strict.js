// What the patched feelin (patches.mjs) calls in its place: the values, rules and functions of this folder.
export { builtins } from './builtins.js';
export { literalNumber, masked, stringFrom } from './conversions.js';
export { foreign, lambda } from './functions.js';
export { createRange } from './ranges.js';
export { allOf, anyOf, arithmetic, condition, contextOf, differs, equals, equalsOrWarn, filtered, negated, passes, singleton } from './rules.js';
export { hasProperties, property } from './temporals.js';
export { instanceOf } from './types.js';
export { Func, Range, running, typeOf, warn, withEntry } from './values.js';
