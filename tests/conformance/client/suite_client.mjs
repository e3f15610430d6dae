#!/usr/bin/env node
// The client under test in the conformance tool's client suites: the official SDK (v2), driven
// as each scenario wants.
//
//   node suite_client.mjs URL
//
// The tool says by MCP_CONFORMANCE_SCENARIO, _PROTOCOL_VERSION and _CONTEXT what to do.  What the
// client saw goes into the file that SONDE_WITNESS names; SONDE_REROUTE sends what is for the
// server to another place.

import { writeFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { User } from "./oauth_user.mjs";
import { reroutedFetch } from "./rerouted_fetch.mjs";
import { Witness } from "./witness.mjs";

const url = new URL(process.argv[2]);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? "2025-11-25";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");
const reroute = process.env.SONDE_REROUTE;
const witness = new Witness(reroute && reroutedFetch(reroute));
const mode = version >= "2026-07-28" ? { pin: version } : "legacy";

function makeClient(accepted = { confirmed: true }) {
  const client = new Client(
    { name: "sonde-conformance-client", version: "1.0.0" },
    { capabilities: { elicitation: { form: { applyDefaults: true } } }, versionNegotiation: { mode } },
  );
  client.setRequestHandler("elicitation/create", async () => ({ action: "accept", content: accepted }));
  return client;
}

/** Connects, runs `work`, and goes. */
async function session(work, accepted) {
  const client = makeClient(accepted);
  await client.connect(new StreamableHTTPClientTransport(url, { fetch: witness.fetch }));
  await work(client);
  await client.close();
}

const listTools = async (client) => (await client.listTools()).tools;

/** Calls; what a call rejects with is the scenario's to judge, but a lack of tokens is ours to mend. */
async function attempt(client, call) {
  let refused;
  await witness.call(call.name, undefined, () => client.callTool(call).catch((error) => void (refused = error)));
  if (refused instanceof UnauthorizedError) throw refused;
  if (refused) console.error(refused);
}

async function callAll(client) {
  for (const { name } of await listTools(client)) await attempt(client, { name, arguments: {} });
}

async function useEverything(client) {
  await callAll(client);
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts) await client.getPrompt({ name });
}

async function callAsTold(client) {
  await listTools(client);
  for (const call of context.toolCalls ?? []) await attempt(client, call);
}

async function giveSchemaBack(client) {
  const [focal, echo] = await listTools(client);
  await attempt(client, { name: echo.name, arguments: { schema: focal.inputSchema } });
}

const addNumbers = async (client) => {
  await listTools(client);
  await attempt(client, { name: "add_numbers", arguments: { a: 5, b: 3 } });
};

/** What needs a token: again after each time the server sends the user to log in, three times at most. */
async function authorized() {
  const user = new User(context);
  for (let round = 0; round < 3; round += 1) {
    const transport = new StreamableHTTPClientTransport(url, { authProvider: user, fetch: witness.fetch });
    const client = makeClient();
    try {
      await client.connect(transport);
      await callAll(client);
      await client.close();
      return;
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(await user.callback());
    }
  }
}

const SCENARIOS = {
  initialize: () => session(listTools),
  tools_call: () => session(addNumbers),
  "elicitation-sep1034-client-defaults": () => session(callAll, {}),
  "sse-retry": () => session(callAll),
  "request-metadata": () => session(listTools),
  "sep-2322-client-request-state": () => session(callAll),
  "http-standard-headers": () => session(useEverything),
  "http-custom-headers": () => session(callAsTold),
  "http-invalid-tool-headers": () => session(callAll),
  "json-schema-ref-no-deref": () => session(listTools),
  "json-schema-2020-12-preservation": () => session(giveSchemaBack),
};

const run = SCENARIOS[scenario] ?? (scenario?.startsWith("auth/") ? authorized : undefined);
if (!run) {
  console.error(`unknown scenario ${scenario}`);
  process.exit(2);
}
await run();
await witness.settled();
if (process.env.SONDE_WITNESS) writeFileSync(process.env.SONDE_WITNESS, JSON.stringify(witness.seen()));
