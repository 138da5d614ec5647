// The official TypeScript SDK, second generation: both eras. Left to itself it takes the older one.
import { load, run, travel } from "./journey.mjs";

const PACKAGE = "@modelcontextprotocol/client";
const { Client, SSEClientTransport, StreamableHTTPClientTransport } = await load(PACKAGE);
const { StdioClientTransport } = await load(`${PACKAGE}/stdio`);

const NEGOTIATION = { legacy: "legacy", auto: "auto", modern: { pin: "2026-07-28" } };

function transport(mission) {
  if (mission.transport === "stdio") {
    return new StdioClientTransport({ command: mission.command[0], args: mission.command.slice(1) });
  }
  const url = new URL(mission.url);
  return mission.transport === "sse" ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url);
}

await run(PACKAGE, async (mission) => {
  const versionNegotiation = { mode: NEGOTIATION[mission.era] };
  const options = { capabilities: { elicitation: {} }, versionNegotiation };
  const client = new Client({ name: "traveller", version: "1.0.0" }, options);
  client.setRequestHandler("elicitation/create", async (request) => {
    mission.questions.push(request.params.message);
    return { action: "accept", content: { approve: true } };
  });
  await client.connect(transport(mission));
  mission.protocol = client.getNegotiatedProtocolVersion() ?? null;
  await client.listTools();
  await travel(mission, async (tool, args) => (await client.callTool({ name: tool, arguments: args })).structuredContent);
  await client.close();
});
