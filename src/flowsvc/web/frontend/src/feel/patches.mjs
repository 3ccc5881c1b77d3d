// Text replacements on feelin 6.1.1, applied when it is bundled; strict.js has what they call. A patch replaces `find`,
// or all from `from` up to `upTo`. A text that is not found exactly once stops the build: a new feelin needs a new look.
// `why` names the trap that feelin springs without a word.
const PATCHES = [
  {
    why: 'our own rules beside feelin',
    find: "import { FixedOffsetZone, Duration, DateTime, SystemZone, Info } from 'luxon';",
    replace: `import { Duration, DateTime, Info } from 'luxon';
import * as strict from 'flowsvc-strict';
const { DAY_ZONE, LocalZone: SystemZone, Range, equals, createRange } = strict;`,
  },
  {
    why: 'the inside of a luxon value is not FEEL: .days of a difference of two dates was 0',
    find: '    // fast path: exact own entry, no normalization needed\n',
    replace: '    if (strict.hasProperties(context)) {\n        return strict.property(context, name);\n    }\n',
  },
  {
    why: 'any UTC midnight was a date, and 1900-01-01 a time',
    from: '        if (e.year === 1900 &&',
    upTo: '    }\n    if (e instanceof Range) {',
    replace: '        return strict.typeOf(e);\n',
  },
  {
    why: 'the date of a date and time is its own day, not the day in UTC',
    find: "return obj.setZone('utc', { keepLocalTime: true }).startOf('day');",
    replace: 'return strict.asDay(obj);',
  },
  { why: 'ranges are ours', from: 'class Range {', upTo: 'function isNumber(obj)', replace: '' },
  {
    why: 'equality is ours: durations, contexts and date-times were compared loosely',
    from: 'function equals(a, b, strict = false) {',
    upTo: 'const FUNCTION_PARAMETER_MISSMATCH',
    replace: '',
  },
  { why: 'dates live in a zone of their own', find: 'zone || FixedOffsetZone.utcInstance', replace: 'zone || DAY_ZONE' },
  { why: 'the time is handed in, never asked of the machine', find: 'return DateTime.now();', replace: 'return strict.now();' },
  {
    why: 'number("") was 0',
    from: '        const number = +from;',
    upTo: "    }, ['string', 'string?', 'string?']",
    replace: '        return strict.parseNumber(from);\n',
  },
  {
    why: 'date(2026, 2, 30) was 2 March',
    from: "            d = date().setZone('utc').set({",
    upTo: "        }\n        return d && ifValid(d.setZone('utc')",
    replace: '            d = strict.dayOf(year, month, day);\n',
  },
  {
    why: 'date(now()) was the day in UTC',
    find: "return d && ifValid(d.setZone('utc').startOf('day')) || null;",
    replace: 'return isNil(from) && isNil(year) ? null : ifValid(d) && strict.asDay(d);',
  },
  {
    why: 'date and time(date, time) took the day in UTC',
    from: '            const dLocal = d.toLocal();',
    upTo: '        }\n        if (isString(d)) {',
    replace: '            dt = strict.join(d, time);\n',
  },
  { why: 'an unreadable date and time was null', find: 'return dt && ifValid(dt) || null;', replace: 'return isNil(from) && (isNil(d) || isNil(time)) ? null : ifValid(dt);' },
  {
    why: 'time() with an offset threw',
    from: '        if (offset) {\n',
    upTo: '        if (isString(hour)',
    replace: '',
  },
  {
    why: 'time(25, 0, 0) was 01:00',
    from: '            // TODO: support offset',
    upTo: "        }\n        return t && ifValid(t) || null;\n    }, ['any?', 'number?'",
    replace: '            t = strict.timeOf(hour, minute, second, offset);\n',
  },
  {
    why: 'an unreadable time was null',
    find: "        return t && ifValid(t) || null;\n    }, ['any?',",
    replace: "        return isNil(from) && isNil(hour) ? null : ifValid(t);\n    }, ['any?',",
  },
  {
    why: 'an unreadable @ literal was null',
    find: '        return t && ifValid(t) || null;\n    }, [\'string\']),',
    replace: "        return ifValid(t);\n    }, ['string']),",
  },
  {
    why: 'whole months only',
    find: "return ifValid(to.diff(from, ['years', 'months']));",
    replace: 'return strict.monthsBetween(from, to);',
  },
  { why: 'today() was a date and time', find: "return date().startOf('day');", replace: 'return strict.today();' },
  {
    why: 'min and max of dates and texts were null',
    from: 'return list.reduce((min, el)',
    upTo: ", ['...list']),\n    'max'",
    replace: "return strict.extreme(list, -1);\n    }, 'any?'",
  },
  {
    why: 'min and max of dates and texts were null',
    from: 'return list.reduce((max, el)',
    upTo: ", ['...list']),\n    'sum'",
    replace: "return strict.extreme(list, 1);\n    }, 'any?'",
  },
  { why: 'sum of 0.1 and 0.2 was not 0.3', find: 'sum === null ? el : sum + el', replace: 'sum === null ? el : strict.tidy(sum + el)' },
  { why: 'median sorted numbers as texts', find: 'array.slice().sort();', replace: 'array.slice().sort((a, b) => a - b);' },
  { why: 'mode sorted by frequency alone', find: 'map(e => +e[0]);', replace: 'map(e => +e[0]).sort((a, b) => a - b);' },
  {
    why: 'nine of the thirteen interval relations were missing',
    from: "    'before': fn(function (a, b) {",
    upTo: '    // 10.3.4.8 Temporal built-in functions',
    replace: `    'before': relation('before', ['any', 'any'], ['a', 'b']),
    'after': relation('after', ['any', 'any'], ['a', 'b']),
    'meets': relation('meets', ['range', 'range'], ['range1', 'range2']),
    'met by': relation('met by', ['range', 'range'], ['range1', 'range2']),
    'overlaps': relation('overlaps', ['range', 'range'], ['range1', 'range2']),
    'overlaps before': relation('overlaps before', ['range', 'range'], ['range1', 'range2']),
    'overlaps after': relation('overlaps after', ['range', 'range'], ['range1', 'range2']),
    'finishes': relation('finishes', ['any', 'range'], ['point', 'range']),
    'finished by': relation('finished by', ['range', 'any'], ['range', 'point']),
    'includes': relation('includes', ['range', 'any'], ['range', 'point']),
    'during': relation('during', ['any', 'range'], ['point', 'range']),
    'starts': relation('starts', ['any', 'range'], ['point', 'range']),
    'started by': relation('started by', ['range', 'any'], ['range', 'point']),
    'coincides': relation('coincides', ['any', 'any'], ['point1', 'point2']),
`,
  },
  {
    why: 'nine of the thirteen interval relations were missing',
    from: '/**\n * @param {Range} a\n * @param {Range} b\n */\nfunction meetsRange',
    upTo: 'function sum(list)',
    replace: `function relation(name, types, names) {
    return fn((a, b) => strict.relation(name, a, b), types, names);
}
`,
  },
  {
    why: 'list contains and index of compared dates and contexts by identity',
    find: 'function matches(a, b) {\n    return a === b;\n}',
    replace: 'function matches(a, b) {\n    return equals(a, b) === true;\n}',
  },
  {
    why: 'a built-in called with values of the wrong kind gave null; now null only where null went in',
    find: '        if (!args.every(arg => tester(arg) !== FALSE)) {\n            return null;\n        }',
    replace: `        if (!args.every(arg => tester(arg) !== FALSE)) {
            return args.some(isNil) ? null : strict.warn('INVALID_ARGUMENT');
        }`,
  },
  {
    why: 'a built-in called with values of the wrong kind gave null; now null only where null went in',
    find: '        const convertedArgs = checkArgs(args);\n        if (!convertedArgs) {\n            return null;\n        }',
    replace: `        const hasNull = args.includes(null);
        const convertedArgs = checkArgs(args);
        if (!convertedArgs) {
            return hasNull ? null : strict.warn('INVALID_ARGUMENT');
        }`,
  },
  {
    why: 'the text of a duration had months of 30 days',
    find: "return obj.shiftTo('years', 'months', 'days', 'hours', 'minutes', 'seconds').normalize().toISO();",
    replace: 'return strict.durationText(obj);',
  },
  { why: 'what could not be converted was null', find: 'return o.isValid ? o : null;', replace: 'return strict.valid(o);' },
  {
    why: 'a broken pattern gave null',
    find: '            throw _err;\n        }\n    }\n    return null;',
    replace: "            throw _err;\n        }\n    }\n    return strict.warn('INVALID_PATTERN');",
  },
  {
    why: 'warnings were collected beside a result and held values; now the first one stops the evaluation',
    from: '        this.warnings.push({',
    upTo: '    }\n    getWarnings() {',
    replace: "        strict.warn(type, { position: node.position, name: node.name === 'VariableName' ? node.input : '' });\n",
  },
  {
    why: 'closures are kept by the evaluator',
    find: 'const interpreter = new Interpreter();',
    replace: `function compile(kind, text, context) {
    const collected = new InterpreterContext();
    return interpreter[kind === 'unary' ? 'unaryTest' : 'evaluate'](text, context, undefined, collected).root;
}
const interpreter = new Interpreter();`,
  },
  {
    why: 'arithmetic: durations by numbers, negative durations, and numbers out of ill-typed values',
    from: '            const nullable = (op, opName',
    upTo: "        };\n        case 'CompareOp'",
    replace: `            return (a, b) => {
                const left = a(context);
                const right = b(context);
                strict.running.position = node.position;
                return strict.arithmetic(node.input, left, right);
            };
`,
  },
  {
    why: '5 = "5" was null and 5 != "5" was true',
    find: "case '=': return (b) => (a) => equals(a, b);\n                case '!=': return (b) => (a) => !equals(a, b);",
    replace: "case '=': return (b) => (a) => strict.equalsOrWarn(a, b);\n                case '!=': return (b) => (a) => strict.differs(a, b);",
  },
  {
    why: 'or took anything for null',
    from: "        case 'Disjunction': return tag((context) => {",
    upTo: "        case 'Context': return",
    replace: `        case 'Disjunction': return tag((context) => {
            return strict.anyOf([args[0], args[2]], operand => operand(context));
        }, 'test');
        case 'Conjunction': return tag((context) => {
            return strict.allOf([args[0], args[2]], operand => operand(context));
        }, 'test');
`,
  },
  {
    why: 'for i in -2..0 took the end 0 for none',
    find: 'return b ? createRange(a, b) : a;',
    replace: 'return args[1] ? createRange(a, b) : a;',
  },
  { why: 'instance of threw or was false', find: "        case 'Type': return args[0];", replace: "        case 'Type': return (_context) => node.input;" },
  { why: 'instance of threw or was false', find: "throw notImplemented('SpecialType');", replace: 'return node.name;' },
  { why: 'instance of threw or was false', find: 'return a instanceof b;', replace: 'return strict.instanceOf(a, b);' },
  {
    why: 'every took anything but false and null for true',
    find: 'return contexts.every(ctx => isTruthy(_condition(ctx)));',
    replace: 'return strict.allOf(contexts, _condition);',
  },
  {
    why: 'some took anything but false and null for true',
    find: 'return contexts.some(ctx => isTruthy(_condition(ctx)));',
    replace: 'return strict.anyOf(contexts, _condition);',
  },
  {
    why: '9007199254740993 was read as ...992',
    find: "node.input.includes('.') ? parseFloat(node.input) : parseInt(node.input)",
    replace: 'strict.literalNumber(node.input)',
  },
  {
    why: 'where a call went wrong',
    find: `                const contextOrArgs = args[2](context);
                const result = wrappedFn.invoke(contextOrArgs);`,
    replace: `                const contextOrArgs = args[2](context);
                strict.running.position = node.position;
                const result = wrappedFn.invoke(contextOrArgs);`,
  },
  {
    why: 'where a call went wrong',
    find: `            const contextOrArgs = args[2](context);
            const result = wrappedFn.invoke(contextOrArgs);`,
    replace: `            const contextOrArgs = args[2](context);
            strict.running.position = node.position;
            const result = wrappedFn.invoke(contextOrArgs);`,
  },
  {
    why: 'if "text" then 1 else 2 was 1',
    find: 'if (isTruthy(ifCondition(context))) {',
    replace: 'const chosen = ifCondition(context);\n                strict.running.position = node.position;\n                if (strict.condition(chosen)) {',
  },
  {
    why: 'between on values of unlike types',
    find: 'return createRange(start, end).includes(args[0](context));',
    replace: 'const inner = args[0](context);\n                strict.running.position = node.position;\n                return createRange(start, end).includes(inner);',
  },
  {
    why: '5 > "4" was true, true > false threw',
    find: `            const test = operator()(right);
            return compareValue(test, left);`,
    replace: `            strict.running.position = node.position;
            return compareValue(operator()(right), left);`,
  },
  {
    why: 'a for over something that is no list gave that something',
    find: `            if (getType(iterationContexts) !== 'list') {
                return iterationContexts;`,
    replace: `            if (getType(iterationContexts) !== 'list') {
                return null;`,
  },
  {
    why: 'a date or time inside quotes could not be negated',
    find: 'return op(context)(() => 0, value);',
    replace: 'const operand = value(context);\n                strict.running.position = node.position;\n                return strict.negated(operand);',
  },
  {
    why: 'a boolean variable in a cell was taken for the result of the test',
    from: '            // ensure that we strictly compare boolean values',
    upTo: "        };\n        case 'ParenthesizedExpression'",
    replace: `            const result = args[0](context);
            if (typeof result === 'boolean' && has$1(context, '?') && typeof context['?'] === 'boolean'
                && !asksInput(node.input) && args[0].type !== 'test') {
                return result === context['?'];
            }
            return result;
`,
  },
  {
    why: 'filters by a function or a property of the items were read as an index; items that are null or false were lost',
    from: "            if (['number', 'boolean', 'any'].includes(type)) {",
    upTo: '            // a[null]\n',
    replace: `            strict.running.position = node.position;
            return strict.filtered(filterTarget, filterFn, context, type);
`,
  },
  {
    why: 'filters by a date gave null',
    find: "            // a[null]\n            // a[@\"2026-12-12\"]\n            return null;\n",
    replace: '',
  },
  {
    why: 'not(> 5) of null was true',
    from: '                const matches = tests.map(test => test(context))',
    upTo: '            };\n        };\n        default: return node.name;',
    replace: `                const matches = strict.anyOf(tests.map(test => test(context)).flat(1), test => {
                    return typeof test === 'boolean' ? test : compareValue(test, value);
                });
                return matches === null ? null : (negate ? !matches : matches);
`,
  },
  {
    why: 'a for over something that is no list gave null',
    find: "        return target.map(t => ({ [prop]: t }));\n    }\n    return null;",
    replace: "        return target.map(t => ({ [prop]: t }));\n    }\n    return target === null ? null : strict.warn('NOT_ITERABLE');",
  },
  {
    why: 'in: null is not false, lists inside lists are looked into',
    from: '    return tests.some(test => compareValue(test, value));',
    upTo: "const chars = Array.from('abc",
    replace: `    return strict.anyOf(tests, test => compareValue(test, value));
}
function compareValue(test, value) {
    return strict.passes(test, value);
}
function asksInput(text) {
    return text.replace(/"(\\\\.|[^"\\\\])*"/g, '').includes('?');
}
`,
  },
  {
    why: 'ranges are ours: "5" was within [1..10]',
    from: "const chars = Array.from('abc",
    upTo: 'function coalecenseTypes(a, b) {',
    replace: '',
  },
  {
    why: 'what the evaluator needs',
    find: 'export { SyntaxError, date, duration, evaluate, parseExpression, parseUnaryTests, unaryTest };',
    replace: 'export { SyntaxError, builtins, compile, evaluate, getType, parseExpression, parseUnaryTests, unaryTest };',
  },
];

/** feelin's text with all patches applied; throws when one does not fit. */
export function patched(text) {
  return PATCHES.reduce((result, patch) => {
    const start = result.indexOf(patch.find ?? patch.from);
    const end = patch.find ? start + patch.find.length : result.indexOf(patch.upTo, start);
    const isTwice = result.indexOf(patch.find ?? patch.from, start + 1) >= 0;
    if (start < 0 || end < 0 || isTwice) {
      throw new Error(`feelin has changed: the patch "${patch.why}" ${isTwice ? 'fits twice' : 'does not fit'}`);
    }
    return result.slice(0, start) + patch.replace + result.slice(end);
  }, text);
}
