// What a client does with a server, step by step.  Each step waits until it is over, so that
// two runs say the same things in the same order.

import { until } from "./witness.mjs";

const WATCHED = "test://watched-resource";
// What is of one connection only, and what an observing proxy adds: the rest must arrive as it was sent.
const NOT_COMPARED = new Set(
  "host connection content-length transfer-encoding mcp-session-id x-request-id x-correlation-id traceparent tracestate".split(" "),
);

const texts = (result) => ({ texts: result.content.map((part) => part.text ?? part.type), isError: result.isError });

/**
 * Calls, and says the progress as it comes.  Of what comes together with the result, as the last
 * of server-everything does, the SDKs may tell or not, so the end of the way is not said.
 */
async function withProgress(witness, call) {
  const onprogress = ({ progress, total }) => progress < total && witness.say({ progress, total });
  return texts(await call({ onprogress }));
}

async function cancelled(call, after) {
  const stop = new AbortController();
  setTimeout(() => stop.abort("the user changed their mind"), after);
  return texts(await call({ signal: stop.signal }));
}

async function plainCalls({ client, witness }) {
  await witness.step("tools", async () => (await client.listTools()).map((tool) => tool.name));
  await witness.call("echo", "ok", async () => texts(await client.call("echo", { message: "hello" })));
  await witness.call("echo", "ok", async () => (await client.call("echo", { message: "x".repeat(300_000) })).content.length);
}

async function endSession({ client, witness, era, transport, url }) {
  await witness.settled();
  if (era !== "legacy" || transport !== "http") return;
  const session = client.session();
  await witness.step("DELETE", () => client.terminate());
  await witness.step("a session that is over", async () => {
    const headers = { "mcp-session-id": session, accept: "text/event-stream" };
    return (await fetch(url, { headers })).status;
  });
}

async function askedBack({ client, witness }) {
  await witness.call("test_elicitation", "ok", async () => texts(await client.call("test_elicitation", { message: "Who?" })));
  await witness.call("test_sampling", "ok", async () => texts(await client.call("test_sampling", { prompt: "Say it" })));
}

async function longCalls({ client, witness, era }) {
  await witness.call("test_tool_with_progress", "ok", () =>
    withProgress(witness, (options) => client.call("test_tool_with_progress", {}, options)),
  );
  await witness.call("stamped_events", "ok", () =>
    withProgress(witness, (options) => client.call("stamped_events", { count: 20, interval_ms: 5 }, options)),
  );
  await witness.call("wait", "ok", async () => texts(await client.call("wait", { milliseconds: 400 })));
  const count = async () => Number((await client.call("cancelled_count")).content[0].text);
  const before = await count();
  await witness.call("wait", "cancelled", () =>
    cancelled((options) => client.call("wait", { milliseconds: 60_000 }, options), 100),
  );
  await witness.step("the server knows of the cancel", () => until(async () => (await count()) > before, "a cancel", 8_000));
  if (era === "legacy") {
    await witness.call("test_reconnection", "ok", async () => texts(await client.call("test_reconnection")));
  }
}

async function notifications({ client, witness, seen }) {
  await witness.step("subscribe", () => client.subscribe(WATCHED));
  for (const nth of [1, 2]) {
    await witness.call("touch_watched_resource", "ok", async () => texts(await client.call("touch_watched_resource")));
    await witness.step("updated", () => until(() => seen.updated.length >= nth, "a notification"));
  }
  await witness.step("all updates", async () => seen.updated);
}

export async function fixtureSteps(all) {
  const { client, witness } = all;
  await plainCalls(all);
  await witness.call("test_error_handling", "error", async () => texts(await client.call("test_error_handling")));
  await witness.step("no such resource", () => client.readResource("test://nowhere"));
  await witness.step("a resource", () => client.readResource("test://static-text"));
  await witness.step("a prompt", () => client.getPrompt("test_prompt_with_arguments", { arg1: "a", arg2: "b" }));
  await witness.call("seen_headers", "ok", async () => {
    const seen = JSON.parse((await client.call("seen_headers")).content[0].text);
    return Object.entries(seen).filter(([name]) => !NOT_COMPARED.has(name)).sort();
  });
  await askedBack(all);
  await longCalls(all);
  await notifications(all);
  await endSession(all);
  await client.close();
}

export async function everythingSteps(all) {
  const { client, witness } = all;
  await plainCalls(all);
  const sum = (a) => async () => texts(await client.call("get-sum", { a, b: 40 }));
  await witness.call("get-sum", "ok", sum(2));
  await witness.call("get-sum", "error", sum("two"));
  await witness.call("get-structured-content", "ok", async () =>
    (await client.call("get-structured-content", { location: "New York" })).structuredContent,
  );
  await witness.call("get-tiny-image", "ok", async () => texts(await client.call("get-tiny-image")));
  const long = (options) => client.call("trigger-long-running-operation", { duration: 0.4, steps: 4 }, options);
  await witness.call("trigger-long-running-operation", "ok", () => withProgress(witness, long));
  const longer = (options) => client.call("trigger-long-running-operation", { duration: 5, steps: 5 }, options);
  await witness.call("trigger-long-running-operation", "cancelled", () => cancelled(longer, 150));
  await witness.call("trigger-sampling-request", "ok", async () =>
    texts(await client.call("trigger-sampling-request", { prompt: "Say it", maxTokens: 20 })),
  );
  await witness.call("trigger-elicitation-request", "ok", async () => texts(await client.call("trigger-elicitation-request")));
  await witness.step("no such resource", () => client.readResource("nowhere://nothing"));
  await endSession(all);
  await client.close();
}
