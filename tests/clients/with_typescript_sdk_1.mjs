// The official TypeScript SDK, first generation: sessions only.
import { load, run, travel } from "./journey.mjs";

const PACKAGE = "@modelcontextprotocol/sdk";
const { Client } = await load(`${PACKAGE}/client/index.js`);
const { ElicitRequestSchema } = await load(`${PACKAGE}/types.js`);

async function transport(mission) {
  if (mission.transport === "stdio") {
    const { StdioClientTransport } = await load(`${PACKAGE}/client/stdio.js`);
    return new StdioClientTransport({ command: mission.command[0], args: mission.command.slice(1) });
  }
  if (mission.transport === "sse") {
    const { SSEClientTransport } = await load(`${PACKAGE}/client/sse.js`);
    return new SSEClientTransport(new URL(mission.url));
  }
  const { StreamableHTTPClientTransport } = await load(`${PACKAGE}/client/streamableHttp.js`);
  return new StreamableHTTPClientTransport(new URL(mission.url));
}

await run(PACKAGE, async (mission) => {
  const client = new Client({ name: "traveller", version: "1.0.0" }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, async (request) => {
    mission.questions.push(request.params.message);
    return { action: "accept", content: { approve: true } };
  });
  const way = await transport(mission);
  // The client tells the revision to its transport, which puts it into a header, and to nobody else.
  way.setProtocolVersion = noting(mission, way.setProtocolVersion);
  await client.connect(way);
  await client.listTools();
  await travel(mission, async (tool, args) => (await client.callTool({ name: tool, arguments: args })).structuredContent);
  await client.close();
});

function noting(mission, setProtocolVersion) {
  return function (version) {
    mission.protocol = version;
    setProtocolVersion?.call(this, version);
  };
}
