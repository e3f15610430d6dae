#!/usr/bin/env node
// A host on the official TypeScript SDK that a test holds by its hand: commands on stdin, one
// JSON object a line, and what came of them on stdout.
//
//   node host.mjs [--modern] -- COMMAND ARGS…      a server on stdio
//   node host.mjs --http URL                       Streamable HTTP
//
//   {"call":"count","arguments":{}}   {"result":…} or {"error":{"code":…,"message":…}}
//   {"list":true}                     {"result":["count",…]}
//   {"connect":true}                  a new session: {"result":"connected"}
//   end of file                       closes the session and ends with 0
//
// What the server says by itself is printed as {"notification":{…}}.

import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../examples/package.json", import.meta.url));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

const argv = process.argv.slice(2);
const split = argv.includes("--") ? argv.indexOf("--") : argv.length;
const options = argv.slice(0, split);
const [command, ...args] = argv.slice(split + 1);
const http = options.includes("--http") ? options[options.indexOf("--http") + 1] : undefined;
const modern = options.includes("--modern");

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

async function legacyClient() {
  const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport } = await load("@modelcontextprotocol/sdk/client/stdio.js");
  const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const client = new Client({ name: "health-host", version: "1" }, { capabilities: { roots: {} } });
  const transport = http
    ? new StreamableHTTPClientTransport(new URL(http))
    : new StdioClientTransport({ command, args, stderr: "inherit" });
  return [client, transport];
}

async function modernClient() {
  const { Client } = await load("@modelcontextprotocol/client");
  const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");
  const client = new Client(
    { name: "health-host", version: "1" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  return [client, new StdioClientTransport({ command, args, stderr: "inherit" })];
}

async function connect() {
  const [client, transport] = await (modern ? modernClient() : legacyClient());
  client.fallbackNotificationHandler = async (notification) => say({ notification });
  await client.connect(transport);
  return client;
}

let client = await connect();
client.onclose = () => say({ closed: true });
say({ ready: true });

async function perform(wish) {
  if (wish.connect) {
    client = await connect();
    return "connected";
  }
  if (wish.list) return (await client.listTools()).tools.map((tool) => tool.name);
  return client.callTool({ name: wish.call, arguments: wish.arguments ?? {} });
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    say({ result: await perform(JSON.parse(line)) });
  } catch (error) {
    say({ error: { code: error?.code ?? null, message: String(error?.message ?? error) } });
  }
}
await client.close();
process.exit(0);
