// Rounding and statistics (DMN 1.5, 10.3.4.5): exact on the decimal digits that a number is written with.
import { numberText } from './conversions.js';
import { tidy } from './rules.js';
import { warn } from './values.js';

const MAX_SCALE = 6176;

const UPWARDS = {
  up: (rest, _half, _odd) => rest > 0n,
  down: () => false,
  'half up': (rest, half) => rest >= half,
  'half down': (rest, half) => rest > half,
  'half even': (rest, half, odd) => rest > half || (rest === half && odd),
  floor: (rest, _half, _odd, negative) => negative && rest > 0n,
  ceiling: (rest, _half, _odd, negative) => !negative && rest > 0n,
};

/** The number with so many decimals. */
export function rounded(number, decimals, mode) {
  const scale = Math.trunc(decimals);
  if (Math.abs(scale) > MAX_SCALE) {
    return warn('INVALID_ARGUMENT');
  }
  const text = numberText(Math.abs(tidy(number)));
  const [whole, fraction = ''] = text.split('.');
  const cut = fraction.length - scale;
  if (cut <= 0) {
    return number;
  }
  const unit = 10n ** BigInt(cut);
  const digits = BigInt(whole + fraction);
  const kept = digits / unit;
  const rest = digits % unit;
  // Half of an odd number of parts does not occur: a unit is a power of ten.
  const isUp = UPWARDS[mode](rest, unit / 2n, kept % 2n === 1n, number < 0);
  const result = Number(`${kept + (isUp ? 1n : 0n)}e${-scale}`);
  return number < 0 && result !== 0 ? -result : result;
}

export const sum = list => list.reduce((total, item) => tidy(total + item), 0);
export const mean = list => tidy(sum(list) / list.length);
export const product = list => list.reduce((total, item) => tidy(total * item), 1);

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : tidy((sorted[middle - 1] + sorted[middle]) / 2);
}

/** Of the sample, so that it takes two. */
export function stddev(list) {
  const average = mean(list);
  return tidy(Math.sqrt(list.reduce((total, item) => total + (item - average) ** 2, 0) / (list.length - 1)));
}

export function mode(list) {
  const counts = new Map();
  for (const item of list) {
    counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return [...counts].filter(([, count]) => count === most).map(([item]) => item).sort((a, b) => a - b);
}

export function modulo(dividend, divisor) {
  return divisor === 0 ? warn('DIVISION_BY_ZERO') : tidy(dividend - divisor * Math.floor(tidy(dividend / divisor)));
}

/** The result, where there is one. */
export const finite = number => (Number.isFinite(number) ? tidy(number) : warn('INVALID_ARGUMENT'));
