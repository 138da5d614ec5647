// The official TypeScript SDK over HTTP+SSE: greets, lists and calls, and prints what it got.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , url, oracles, tool] = process.argv;
const require = createRequire(pathToFileURL(`${oracles}/`));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Client } = await load("client/index.js");
const { SSEClientTransport } = await load("client/sse.js");

const client = new Client({ name: "luminar-tests", version: "0" });
await client.connect(new SSEClientTransport(new URL(url)));
const { tools } = await client.listTools();
const called = await client.callTool({ name: tool, arguments: {} });
console.log(JSON.stringify({ server: client.getServerVersion(), tools: tools.map((tool) => tool.name), called }));
await client.close();
