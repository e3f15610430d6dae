// The official SDK's client, second version, in either era.

import { Client, SSEClientTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

export async function connect({ url, era, transport: kind, witness, answers }) {
  const client = new Client(
    { name: "sonde-client-v2", version: "1.0.0" },
    {
      capabilities: { sampling: {}, elicitation: {}, roots: {} },
      versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" },
    },
  );
  client.setRequestHandler("elicitation/create", async ({ params }) => answers.elicitation(params));
  client.setRequestHandler("sampling/createMessage", async ({ params }) => answers.sampling(params));
  client.setRequestHandler("roots/list", async () => answers.roots());
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => answers.updated(params));
  client.setNotificationHandler("notifications/message", ({ params }) => answers.logged(params));
  const Transport = kind === "sse" ? SSEClientTransport : StreamableHTTPClientTransport;
  const transport = new Transport(new URL(url), { fetch: witness.fetch });
  await client.connect(transport);

  let subscription;
  return {
    session: () => transport.sessionId,
    listTools: async () => (await client.listTools()).tools,
    call: (name, args = {}, options = {}) => client.callTool({ name, arguments: args }, options),
    readResource: (uri) => client.readResource({ uri }),
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    subscribe: async (uri) => {
      if (era === "legacy") return client.subscribeResource({ uri });
      subscription = await client.listen({ resourceSubscriptions: [uri] });
      return {};
    },
    terminate: () => transport.terminateSession(),
    close: async () => {
      await subscription?.close();
      await client.close();
    },
  };
}
