// The official SDK's client, first version: the legacy era only, over HTTP or a command's stdio.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";

function transportOf({ url, transport: kind, witness, command }) {
  const [program, ...args] = command;
  if (kind === "stdio") return new StdioClientTransport({ command: program, args, env: process.env, stderr: "ignore" });
  const Transport = kind === "sse" ? SSEClientTransport : StreamableHTTPClientTransport;
  return new Transport(new URL(url), { fetch: witness.fetch });
}

export async function connect(wanted) {
  const { answers } = wanted;
  const client = new Client(
    { name: "sonde-client-v1", version: "1.0.0" },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => answers.elicitation(params));
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => answers.sampling(params));
  client.setRequestHandler(ListRootsRequestSchema, async () => answers.roots());
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => answers.updated(params));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => answers.logged(params));
  const transport = transportOf(wanted);
  await client.connect(transport);
  return {
    session: () => transport.sessionId,
    listTools: async () => (await client.listTools()).tools,
    call: (name, args = {}, options = {}) => client.callTool({ name, arguments: args }, undefined, options),
    readResource: (uri) => client.readResource({ uri }),
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    subscribe: (uri) => client.subscribeResource({ uri }),
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
  };
}
