#!/usr/bin/env node
// A client on the official TypeScript SDK that shows every way a call can end:
// successes, a tool error, a protocol error, progress, a long call, a cancelled call,
// and a server that asks the client back (sampling, elicitation).
//
//   node client.mjs [--quick] -- COMMAND ARGS…
//   node client.mjs [--quick] --http URL       Streamable HTTP
//   node client.mjs [--quick] --sse URL        HTTP+SSE, as servers of 2024 speak it
//
// The server is @modelcontextprotocol/server-everything: on stdio behind `sonde wrap` or not, over
// HTTP behind `sonde proxy` or not.  Prints one line a step and ends with 0 if every step went as
// it should.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

const argv = process.argv.slice(2);
const split = argv.includes("--") ? argv.indexOf("--") : argv.length;
const [command, ...args] = argv.slice(split + 1);
const options = argv.slice(0, split);
const quick = options.includes("--quick");
const urlAfter = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
const http = urlAfter("--http");
const sse = urlAfter("--sse");
if ([command, http, sse].filter(Boolean).length !== 1) {
  console.error("usage: client.mjs [--quick] (--http URL | --sse URL | -- COMMAND ARGS…)");
  process.exit(2);
}

function connection() {
  if (http) return new StreamableHTTPClientTransport(new URL(http));
  if (sse) return new SSEClientTransport(new URL(sse));
  const transport = new StdioClientTransport({ command, args, stderr: "pipe" });
  transport.stderr?.resume();
  return transport;
}

const client = new Client(
  { name: "sonde-example", version: "1.0.0" },
  { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
);
client.setRequestHandler(CreateMessageRequestSchema, async () => ({
  model: "example-model",
  role: "assistant",
  content: { type: "text", text: "A sampled answer." },
}));
client.setRequestHandler(ElicitRequestSchema, async () => ({ action: "decline" }));
client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: [] }));

const transport = connection();

let failures = 0;
async function step(name, run) {
  const began = performance.now();
  try {
    const said = await run();
    console.log(`  ok   ${name.padEnd(34)} ${(performance.now() - began).toFixed(1).padStart(8)} ms  ${said ?? ""}`);
  } catch (error) {
    failures += 1;
    console.log(`  FAIL ${name.padEnd(34)} ${error?.message ?? error}`);
  }
}

/** Passes when `run` rejects, and says why it did. */
async function rejects(run) {
  try {
    await run();
  } catch (error) {
    return `refused: ${String(error.message).slice(0, 60)}`;
  }
  throw new Error("should have been refused");
}

const call = (name, args = {}, options = {}) =>
  client.callTool({ name, arguments: args }, undefined, options);

await client.connect(transport);
await step("tools/list", async () => `${(await client.listTools()).tools.length} tools`);
await step("echo", async () => (await call("echo", { message: "hello" })).content[0].text);
await step("get-sum", async () => (await call("get-sum", { a: 2, b: 40 })).content[0].text);
await step("get-structured-content", async () => {
  const result = await call("get-structured-content", { location: "New York" });
  return JSON.stringify(result.structuredContent).slice(0, 60);
});
await step("a tool error (isError)", async () => {
  const result = await call("get-sum", { a: "two", b: 40 });
  if (!result.isError) throw new Error("should be an error");
  return "isError: true";
});
await step("a protocol error", () =>
  rejects(() => client.readResource({ uri: "nowhere://nothing" })),
);
await step("a long call with progress", async () => {
  let seen = 0;
  const duration = quick ? 0.4 : 2;
  await call("trigger-long-running-operation", { duration, steps: 4 }, { onprogress: () => (seen += 1) });
  return `${seen} progress notifications`;
});
await step("a cancelled call", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort("the user changed their mind"), 150);
  return rejects(() =>
    call("trigger-long-running-operation", { duration: quick ? 1 : 5, steps: 5 }, { signal: stop.signal }),
  );
});
await step("a call that times out", () =>
  rejects(() =>
    call("trigger-long-running-operation", { duration: quick ? 1 : 5, steps: 5 }, { timeout: 150 }),
  ),
);
await step("sampling, asked by the server", async () => {
  const result = await call("trigger-sampling-request", { prompt: "Say something", maxTokens: 20 });
  return String(result.content[0].text).split("\n")[0].slice(0, 60);
});
await step("elicitation, asked by the server", async () => {
  const result = await call("trigger-elicitation-request");
  return String(result.content[0].text).split("\n")[0].slice(0, 60);
});
await step("prompts/get", async () => {
  const { prompts } = await client.listPrompts();
  const plain = prompts.find((prompt) => !prompt.arguments?.length) ?? prompts[0];
  return `${(await client.getPrompt({ name: plain.name })).messages.length} messages`;
});
await step("resources/read", async () => {
  const { resources } = await client.listResources();
  return `${(await client.readResource({ uri: resources[0].uri })).contents.length} contents`;
});
if (http) await step("the session's end (DELETE)", () => transport.terminateSession());
await client.close();
process.exit(failures ? 1 : 0);
