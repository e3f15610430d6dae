// Feeds the same metrics to AWS's own library and to ours, and compares what CloudWatch would
// take from the lines: timestamp, namespace, dimension sets and values, names, units, and how
// values are split over lines.
//
//   EMF_LINES=<path of emf_lines> node compare.mjs      prints "N passed, N failed"
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { MetricsContext } = require('aws-embedded-metrics/lib/logger/MetricsContext.js');
const { LogSerializer } = require('aws-embedded-metrics/lib/serializers/LogSerializer.js');

const TIME = 1_795_176_000_000;
const UNITS = ['Milliseconds', 'Count', 'Bytes', 'Percent', 'None'];
const range = (n, f = (i) => i + 1) => Array.from({ length: n }, (_, i) => f(i));

// A small generator of its own, so that a failing case is the same tomorrow.
let seed = 42;
const random = (n) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % n;

const metric = (name, values, unit = 'Count') => ({ name, unit, values });
const one = (metrics, dimensions = [['ServerName', 'ToolName', 'Environment'], ['Environment']]) => ({
  namespace: 'MCP/ToolServer', timestamp: TIME, dimensions, metrics,
  values: { ServerName: 'search', ToolName: 'find "it"', Environment: 'production' },
});

const cases = {
  'one value': one([metric('ToolDuration', [12.5], 'Milliseconds')]),
  'two values': one([metric('ToolDuration', [12.5, 40], 'Milliseconds')]),
  '100 values': one([metric('M', range(100))]),
  '101 values': one([metric('M', range(101))]),
  '250 values, others in the first': one([metric('many', range(250)), metric('one', [1]), metric('two', [1, 2])]),
  '201 and 101 values': one([metric('a', range(201)), metric('b', range(101, (i) => i / 8))]),
  '1000 values': one([metric('M', range(1000))]),
  'a call': one([metric('ToolDuration', [7.25], 'Milliseconds'), metric('tool_call_count', [1]),
    metric('tool_error_count', [0]), metric('ToolDenied', [0]), metric('ResultSize', [2048], 'Bytes'),
    metric('ResultTokens', [512]), metric('EmptyResults', [0])]),
  'no dimensions': one([metric('M', [1])], [[]]),
  'the same set twice': one([metric('M', [1])], [['Environment'], ['Environment'], ['ToolName']]),
  'the same set in another order': one([metric('M', [1])],
    [['ToolName', 'Environment'], ['Environment', 'ToolName']]),
  'the numbers of JSON': one([metric('M', [0, -1.5, 1e-7, 123456789012345, 0.1, 9007199254740991, 3.0])]),
  '100 metrics': one(range(100).map((i) => metric(`m${i}`, [i]))),
  '150 metrics': one(range(150).map((i) => metric(`m${i}`, [i]))),
  '150 metrics, one with many values': one([...range(150).map((i) => metric(`m${i}`, [i])), metric('many', range(250))]),
};
for (let n = 0; n < 60; n++) {
  cases[`random ${n}`] = one(range(1 + random(8)).map((i) =>
    metric(`r${i}`, range(1 + random(420), () => random(1_000_000) / 100), UNITS[random(UNITS.length)])));
}

function theirs({ namespace, timestamp, dimensions, values, metrics }) {
  const context = MetricsContext.empty();
  context.setNamespace(namespace);
  context.meta.Timestamp = timestamp;
  context.setDimensions([], false);
  for (const names of dimensions) context.putDimensions(Object.fromEntries(names.map((n) => [n, values[n]])));
  for (const { name, unit, values: all } of metrics) for (const value of all) context.putMetric(name, value, unit);
  return new LogSerializer().serialize(context).map((line) => JSON.parse(line));
}

function ours(descriptions) {
  const run = spawnSync(process.env.EMF_LINES, {
    input: descriptions.map((d) => JSON.stringify(d) + '\n').join(''), encoding: 'utf8', maxBuffer: 2 ** 28,
  });
  if (run.status !== 0) throw new Error(`emf_lines: ${run.error ?? run.stderr}`);
  return run.stdout.split('\n\n').slice(0, -1).map((group) => group.trim().split('\n').map((l) => JSON.parse(l)));
}

// What CloudWatch makes of a line; metrics by name, for their order within a line says nothing.
function meaning(line) {
  const [directive] = line._aws.CloudWatchMetrics;
  return {
    timestamp: line._aws.Timestamp,
    namespace: directive.Namespace,
    dimensions: directive.Dimensions.map((names) => Object.fromEntries([...names].sort().map((n) => [n, line[n]]))),
    metrics: Object.fromEntries(directive.Metrics.map((m) => [m.Name, { unit: m.Unit, value: line[m.Name] }]).sort()),
  };
}

// With more than 100 metrics of equally many values it is chance which come first: then only
// the sizes of the lines and all values together are compared.
function summary(lines) {
  const all = {};
  for (const line of lines.map(meaning)) {
    for (const [name, { value }] of Object.entries(line.metrics)) all[name] = (all[name] ?? []).concat(value);
  }
  return { sizes: lines.map((l) => l._aws.CloudWatchMetrics[0].Metrics.length), all: Object.entries(all).sort() };
}

let passed = 0;
let failed = 0;
const names = Object.keys(cases);
const groups = ours(Object.values(cases));
names.forEach((name, i) => {
  const view = cases[name].metrics.length > 100 ? summary : (lines) => lines.map(meaning);
  const [a, b] = [JSON.stringify(view(theirs(cases[name]))), JSON.stringify(view(groups[i] ?? []))];
  if (a === b) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`${name}:\n  theirs ${a.slice(0, 2000)}\n  ours   ${b.slice(0, 2000)}`);
  }
});
if (groups.length !== names.length) failed += 1;

// The lines of sample calls, by the rules of CloudWatch itself.
const samples = spawnSync(process.env.EMF_LINES, ['--samples'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
const checker = new URL('../../scripts/check_emf.py', import.meta.url).pathname;
for (const [options, input] of [[['--require', '2000', '-'], samples.stdout], [['--selftest'], '']]) {
  const check = spawnSync('python3', [checker, ...options], { input, encoding: 'utf8' });
  if (check.status === 0) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`check_emf.py ${options.join(' ')}:\n${check.error ?? check.stdout.slice(0, 4000)}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
