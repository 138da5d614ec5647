// The official TypeScript SDK doing the least a server can do: the peer that the cold start is compared with.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { McpServer } = await load("server/mcp.js");
const { StdioServerTransport } = await load("server/stdio.js");

const server = new McpServer({ name: "typescript", version: "0.0.0" });
const answer = { account: "demo" };
server.registerTool(process.argv[3], { description: "Gets the account." }, async () => ({
  content: [{ type: "text", text: JSON.stringify(answer) }],
}));
await server.connect(new StdioServerTransport());
