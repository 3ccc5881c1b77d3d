// Text replacements on feelin 6.1.1, applied when it is bundled: feelin reads the language and turns its tree into
// closures, strict.js has the values, operators and functions. A patch replaces `find`, or all from `from` up to `upTo`.
// A text that is not found exactly once stops the build: a new feelin needs a new look.
// `why` names the trap that feelin springs without a word.
const PATCHES = [
  {
    why: 'our own rules beside feelin',
    find: "import { FixedOffsetZone, Duration, DateTime, SystemZone, Info } from 'luxon';",
    replace: "import * as strict from 'flowsvc-strict';\nconst { Func: FunctionWrapper, Range, builtins, createRange, typeOf: getType } = strict;",
  },
  {
    why: 'the inside of a date or duration is not FEEL: .days of a difference of two dates was 0',
    find: '    // fast path: exact own entry, no normalization needed\n',
    replace: '    if (strict.hasProperties(context)) {\n        return strict.property(context, name);\n    }\n',
  },
  {
    why: 'the kind of a context was worked out for each name that is looked up in it',
    find: "    if (['nil', 'boolean', 'number', 'string'].includes(getType(context))) {\n        return undefined;\n    }\n",
    replace: "    if (context === null || typeof context !== 'object') {\n        return undefined;\n    }\n",
  },
  {
    why: 'values are ours: a date was a date-time at midnight in UTC, a time one in 1900',
    from: 'function isDateTime(obj) {',
    upTo: 'function isArray(e)',
    replace: '',
  },
  { why: 'values are ours', from: 'function getType(e) {', upTo: 'function isNumber(obj)', replace: '' },
  {
    why: 'equality and the built-in functions are ours: many were missing, read the machine, or gave null for nonsense',
    from: 'function equals(a, b, strict = false) {',
    upTo: 'function parseExpression(expression',
    replace: 'const FUNCTION_PARAMETER_MISSMATCH = {};\n',
  },
  {
    why: 'range<number> and texts over several lines could not be read',
    find: '        const parseTree = parseExpression(expression, evalContext, dialect);',
    replace: '        const parseTree = parseExpression(strict.masked(expression), evalContext, dialect);',
  },
  {
    why: 'range<number> and texts over several lines could not be read',
    find: '        const parseTree = parseUnaryTests(expression, evalContext, dialect);',
    replace: '        const parseTree = parseUnaryTests(strict.masked(expression), evalContext, dialect);',
  },
  {
    why: 'warnings were collected beside a result and held values; now strict.js stops at the first one, or keeps it',
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
    why: 'or took anything for null; a context took a name twice',
    from: "        case 'Disjunction': return tag((context) => {",
    upTo: "        case 'FunctionBody'",
    replace: `        case 'Disjunction': return tag((context) => {
            return strict.anyOf([args[0], args[2]], operand => operand(context));
        }, 'test');
        case 'Conjunction': return tag((context) => {
            return strict.allOf([args[0], args[2]], operand => operand(context));
        }, 'test');
        case 'Context': return (context) => strict.contextOf(args.slice(1, -1), context);
`,
  },
  {
    why: 'types of parameters were not read, and a function in Java was run as FEEL',
    find: "        case 'FormalParameter': return args[0];",
    replace: "        case 'FormalParameter': return { name: args[0], type: args[1] ? args[1]() : '' };",
  },
  {
    why: 'types of parameters were not read, and a function in Java was run as FEEL',
    from: "        case 'FunctionDefinition': return (context) => {",
    upTo: "        case 'ContextEntry'",
    replace: `        case 'FunctionDefinition': return (context) => {
            const parameters = args.find(isArray) || [];
            if (args.includes('external')) {
                return strict.foreign(parameters);
            }
            const body = args[args.length - 1];
            return strict.lambda(parameters, (...values) => {
                const inner = Object.assign({}, context);
                parameters.forEach(({ name }, at) => strict.withEntry(inner, name, values[at]));
                return body(inner);
            });
        };
`,
  },
  {
    why: 'for i in -2..0 took the end 0 for none',
    find: 'return b ? createRange(a, b) : a;',
    replace: 'return args[1] ? createRange(a, b) : a;',
  },
  { why: 'instance of threw or was false', find: "        case 'Type': return args[0];", replace: "        case 'Type': return (_context) => node.input;" },
  { why: 'instance of threw or was false', find: "throw notImplemented('SpecialType');", replace: 'return node.name;' },
  {
    why: 'instance of threw or was false',
    find: 'return a instanceof b;',
    replace: 'strict.running.position = node.position;\n            return strict.instanceOf(a, b);',
  },
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
  { why: '"\\u0041BC" was one sign', find: 'tag((_context) => parseString(node.input)', replace: 'tag((_context) => strict.stringFrom(node.input)' },
  { why: '"\\u0041BC" was one sign', from: 'function parseString(str) {', upTo: 'function lintErrorDetails(', replace: '' },
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
    why: 'a variable called date took the function date() away',
    find: `            const target = args[0](context);
            const wrappedFn = wrapFunction(target);`,
    replace: `            const target = args[0](context);
            const wrappedFn = wrapFunction(target) || wrapFunction(getBuiltin(calledName(node.input)));`,
  },
  {
    why: 'where an at-literal went wrong',
    find: 'return wrappedFn.invoke([args[0](context)]);',
    replace: 'strict.running.position = node.position;\n            return wrappedFn.invoke([args[0](context)]);',
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
    why: 'a duration could not be negated, and + was minus',
    find: 'return op(context)(() => 0, value);',
    replace: 'const operand = value(context);\n                strict.running.position = node.position;\n                return node.input.startsWith(\'-\') ? strict.negated(operand) : strict.warn(\'INVALID_TYPE\');',
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
    replace: "        return target.map(t => ({ [prop]: t }));\n    }\n    const single = strict.singleton(target);\n    return single && single.map(t => ({ [prop]: t }));",
  },
  {
    why: 'in: null is not false, lists inside lists are looked into; ranges are ours: "5" was within [1..10]',
    from: '    return tests.some(test => compareValue(test, value));',
    upTo: 'function coalecenseTypes(a, b) {',
    replace: `    return strict.anyOf(tests, test => compareValue(test, value));
}
function compareValue(test, value) {
    return strict.passes(test, value);
}
function calledName(text) {
    return text.slice(0, text.indexOf('(')).trim();
}
function asksInput(text) {
    return text.replace(/"(\\\\.|[^"\\\\])*"/g, '').includes('?');
}
`,
  },
  {
    why: 'functions are ours',
    from: '    if (fn instanceof FunctionWrapper) {',
    upTo: 'function lintErrorDetails(',
    replace: '    return fn instanceof FunctionWrapper ? fn : null;\n}\n',
  },
  {
    why: 'what the evaluator needs',
    find: 'export { SyntaxError, date, duration, evaluate, parseExpression, parseUnaryTests, unaryTest };',
    replace: 'export { SyntaxError, compile, evaluate, getType, parseExpression, parseUnaryTests, unaryTest };',
  },
];

/** feelin's text with all patches applied; throws when one does not fit. */
export function patched(text) {
  return PATCHES.reduce((result, patch) => {
    const start = result.indexOf(patch.find ?? patch.from);
    const end = patch.find ? start + patch.find.length : result.indexOf(patch.upTo, start);
    const isTwice = result.indexOf(patch.find ?? patch.from, start + 1) >= 0;
    if (start < 0 || end < 0 || isTwice) {
      const cure = 'Lock feelin at the version named in patches.mjs, or see what has changed and mend the patch.';
      throw new Error(`feelin has changed: the patch "${patch.why}" ${isTwice ? 'fits twice' : 'does not fit'}. ${cure}`);
    }
    return result.slice(0, start) + patch.replace + result.slice(end);
  }, text);
}
